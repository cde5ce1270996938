-- Which specs judge a source: the fastest that are enough. Their order matters little: the one that killed last is the first that the next
-- mutant meets.
local CHECKS, WORDS = "spec/draft_checks_spec.lua", "spec/draft_words_spec.lua"
local JUDGE, DATA = "spec/judge_spec.lua", "spec/golden_data_spec.lua"

return {
  ["src/format.c"] = { CHECKS },
  ["src/draft.c"] = { CHECKS },
  ["src/draft_values.c"] = { CHECKS },
  ["src/draft_views.c"] = { CHECKS },
  ["src/capture.c"] = { CHECKS },
  ["src/shown.c"] = { CHECKS },
  ["src/draft_lines.c"] = { CHECKS },
  ["src/plan.c"] = { CHECKS },
  ["lua/eko/formats.lua"] = { DATA, CHECKS },
  ["lua/eko/problems.lua"] = { DATA, WORDS },
  ["lua/eko/request.lua"] = { WORDS },
  ["lua/eko/verdict.lua"] = { JUDGE },
  ["lua/eko/facts.lua"] = { JUDGE },
  ["lua/eko/outcomes.lua"] = { DATA, JUDGE },
  ["lua/eko/retry.lua"] = { JUDGE },
}
