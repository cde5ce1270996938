-- Which specs judge a source: the fastest that are enough. Their order matters little: the one that killed last is the first that the next
-- mutant meets.
local FORMATS, VALUES, LINES = "spec/core/draft_formats_spec.lua", "spec/core/draft_checks_spec.lua", "spec/core/draft_lines_spec.lua"
local PLACES, VIEWS, WORDS = "spec/core/draft_places_spec.lua", "spec/core/draft_views_spec.lua", "spec/core/draft_words_spec.lua"
local CODES, DEBIT, REPEATS = "spec/call/judge_codes_spec.lua", "spec/call/judge_debit_spec.lua", "spec/call/judge_repeats_spec.lua"
local DATA, WIPED = "spec/call/golden_data_spec.lua", "spec/core/wiped_spec.lua"

return {
  ["src/draft/format.c"] = { FORMATS, VALUES },
  ["src/base/shown.c"] = { "spec/core/shown_spec.lua" },
  ["src/draft/draft_values.c"] = { VALUES, LINES, FORMATS, PLACES },
  ["src/draft/draft_lines.c"] = { LINES },
  ["src/draft/capture.c"] = { LINES },
  ["src/draft/draft.c"] = { PLACES, LINES, VIEWS, FORMATS },
  ["src/draft/plan.c"] = { PLACES, VALUES, LINES },
  ["src/draft/draft_views.c"] = { VIEWS, PLACES, WIPED },
  ["lua/eko/call/formats.lua"] = { DATA },
  ["lua/eko/call/problems.lua"] = { DATA, WORDS },
  ["lua/eko/call/request.lua"] = { WORDS },
  ["lua/eko/call/verdict.lua"] = { DEBIT, CODES },
  ["lua/eko/call/facts.lua"] = { DEBIT },
  ["lua/eko/base/options.lua"] = { "spec/base/options_spec.lua" },
  ["lua/eko/base/outcomes.lua"] = { DATA, CODES, DEBIT },
  ["lua/eko/call/retry.lua"] = { REPEATS },
}
