-- Mutants that no spec can notice: file -> function -> { { why = the reason, the changed line, ... }, ... }. Where two lines become the
-- same one, "the line => the changed line".
local here = debug.getinfo(1, "S").source:match "^@(.*/)"
local all = {}
for _, language in ipairs { "c", "lua" } do
  for file, functions in pairs(dofile(here .. "equivalents_" .. language .. ".lua")) do all[file] = functions end
end
return all
