-- Which specs judge a source: the fastest that are enough. Their order matters little: the one that killed last is the first that the next
-- mutant meets.
local DRAFT = { "spec/draft_checks_spec.lua" }
local JUDGE = { "spec/verdict_spec.lua", "spec/outcomes_spec.lua", "spec/debit_hostile_spec.lua" }

return {
  ["src/format.c"] = DRAFT, ["src/draft.c"] = DRAFT, ["src/draft_values.c"] = DRAFT, ["src/draft_views.c"] = DRAFT,
  ["src/plan.c"] = DRAFT, ["lua/eko/formats.lua"] = DRAFT, ["lua/eko/problems.lua"] = DRAFT, ["lua/eko/request.lua"] = DRAFT,
  ["lua/eko/verdict.lua"] = JUDGE, ["lua/eko/outcomes.lua"] = JUDGE, ["lua/eko/retry.lua"] = JUDGE,
}
