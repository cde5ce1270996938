--- Answers that a test prescribes.
--
-- @module eko.emulator.scripts
local http = require "eko.emulator.http"
local options = require "eko.emulator.options"
local ascii = require "eko.emulator.ascii"

local scripts = {}
scripts.__index = scripts

local ANSWER_FIELDS = { body = true, http_status = true, headers = true }

function scripts.new()
  return setmetatable({ entries = {} }, scripts)
end

--- @tparam string where slug, or Lua pattern of a path (recognised by its "/")
-- @tparam table answers
-- @tparam table slugs the known ones
-- @treturn table handle with `clear()`
function scripts:add(where, answers, slugs)
  if not where:find("/", 1, true) and not slugs[where] then
    error(("eko.emulator: there is no endpoint '%s' (did you mean '%s'?)"):format(where,
      options.nearest(where, slugs)), 3)
  end
  local entry = { slug = slugs[where] and where, pattern = not slugs[where] and where or nil, answers = {}, at = 1 }
  for index, answer in ipairs(answers) do
    options.check_names("eko.emulator script", answer, ANSWER_FIELDS)
    entry.answers[index] = answer
  end
  table.insert(self.entries, entry)
  function entry.clear()
    entry.answers = {}
  end
  return entry
end

function scripts:clear()
  self.entries = {}
end

--- The answer prescribed for a request, if there is one left.
-- @tparam string slug
-- @tparam string path
-- @treturn ?table response
function scripts:next(slug, path)
  for _, entry in ipairs(self.entries) do
    local answer = entry.answers[entry.at]
    if answer and (entry.slug == slug or entry.pattern and path:find(entry.pattern)) then
      entry.at = entry.at + 1
      local response = http.json(answer.http_status or 200, answer.body or "")
      for name, value in pairs(answer.headers or {}) do
        response.headers[ascii.lower(name)] = value
      end
      return response
    end
  end
end

return scripts
