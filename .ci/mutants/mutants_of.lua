--- All mutants of a source.
local edits_of = { c = require "c_sites", lua = require "lua_sites" }

local function line_at(source, at)
  local _, breaks = source:sub(1, at - 1):gsub("\n", "")
  return breaks + 1
end

local function squeezed(text) return (text:gsub("%s+", " "):gsub("^ ", ""):gsub(" $", ""):gsub(" ([%])])", "%1")) end

-- The whole lines that an edit touches, before and after it.
local function lines_around(source, edit)
  local begin = edit[1]
  while begin > 1 and source:sub(begin - 1, begin - 1) ~= "\n" do begin = begin - 1 end
  local stop = (source:find("\n", math.max(edit[2], edit[1]), true) or #source + 1) - 1
  local before = squeezed(source:sub(begin, stop))
  local after = squeezed(source:sub(begin, edit[1] - 1) .. edit[3] .. source:sub(edit[2] + 1, stop))
  if after == "" or after == ";" then after = "without " .. before end
  return before, after
end

--- @tparam string path its ending names the language
-- @tparam string source
-- @treturn table the sites: `{ kind, fn, line, text, mutants = { { before, after, source = function }, ... } }`
return function(path, source)
  local language = path:match "%.c$" and "c" or path:match "%.lua$" and "lua" or error(path .. ": neither C nor Lua")
  local sites = edits_of[language](source)
  table.sort(sites, function(a, b)
    if a.at ~= b.at then return a.at < b.at end
    if a.stop ~= b.stop then return a.stop < b.stop end
    return a.kind < b.kind
  end)
  local seen = {}
  for _, site in ipairs(sites) do
    site.line, site.text, site.mutants = line_at(source, site.at), squeezed(source:sub(site.at, site.stop)), {}
    for _, edit in ipairs(site.list) do
      local key = table.concat(edit, " ")
      if not seen[key] then
        seen[key] = true
        local before, after = lines_around(source, edit)
        site.mutants[#site.mutants + 1] = {
          before = before, after = after,
          source = function() return source:sub(1, edit[1] - 1) .. edit[3] .. source:sub(edit[2] + 1) end,
        }
      end
    end
  end
  return sites, language
end
