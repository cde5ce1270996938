-- Which specs judge a source: the fastest that are enough. Their order matters little: the one that killed last is the first that the next
-- mutant meets.
local FORMATS, VALUES, LINES = "spec/draft_formats_spec.lua", "spec/draft_checks_spec.lua", "spec/draft_lines_spec.lua"
local PLACES, VIEWS, WORDS = "spec/draft_places_spec.lua", "spec/draft_views_spec.lua", "spec/draft_words_spec.lua"
local JUDGE, DATA, WIPED = "spec/judge_spec.lua", "spec/golden_data_spec.lua", "spec/wiped_spec.lua"

return {
  ["src/format.c"] = { FORMATS, VALUES },
  ["src/shown.c"] = { "spec/shown_spec.lua" },
  ["src/draft_values.c"] = { VALUES, LINES, FORMATS, PLACES },
  ["src/draft_lines.c"] = { LINES },
  ["src/capture.c"] = { LINES },
  ["src/draft.c"] = { PLACES, LINES, VIEWS, FORMATS },
  ["src/plan.c"] = { PLACES, VALUES, LINES },
  ["src/draft_views.c"] = { VIEWS, PLACES, WIPED },
  ["lua/eko/call/formats.lua"] = { DATA },
  ["lua/eko/call/problems.lua"] = { DATA, WORDS },
  ["lua/eko/call/request.lua"] = { WORDS },
  ["lua/eko/call/verdict.lua"] = { JUDGE },
  ["lua/eko/call/facts.lua"] = { JUDGE },
  ["lua/eko/base/outcomes.lua"] = { DATA, JUDGE },
  ["lua/eko/call/retry.lua"] = { JUDGE },
}
