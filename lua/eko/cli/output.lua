--- What commands write: tables for people, JSON for programs, errors on one line.
-- @module eko.cli.output
local errors = require "eko.errors"
local exit = require("eko.cli.help").exit
local json = require "eko.json"

local output = {}

--- Writes one JSON object on a line of its own.
-- @tparam table value
function output.json(value)
  io.write(assert(json.encode(value)), "\n")
  io.flush()
end

local function one_line(text) return (tostring(text):gsub("%s*[\r\n]+%s*", " ")) end

--- Says on standard error what went wrong.
-- @tparam string command the command's name
-- @param problem an error of the library, or a text
function output.problem(command, problem)
  io.stdout:flush()
  if errors.is(problem) then
    io.stderr:write(("eko %s: %s: %s\n"):format(command, problem.name, one_line(problem.message)))
  else
    io.stderr:write(("eko %s: %s\n"):format(command, one_line(problem)))
  end
end

local SHOWN = {
  "kind", "name", "code", "message", "sent", "retryable", "invalid_params", "http_status", "client_ref_id", "slug", "outcome",
}

--- An error as a plain table for JSON.
-- @tparam table err
-- @treturn table
function output.error_table(err)
  local shown = {}
  for _, name in ipairs(SHOWN) do shown[name] = err[name] end
  return shown
end

--- The exit code that belongs to an error of the library.
-- @tparam table err
-- @treturn number
function output.exit_code(err)
  return err.kind == "invalid_request" and exit.arguments or exit.failed
end

local function sorted_keys(map)
  local keys = {}
  for key in pairs(map) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b)
    if type(a) == type(b) then return a < b end
    return type(a) == "number"
  end)
  return keys
end

local function scalar(value)
  if value == json.null then return "null" end
  if type(value) == "string" then return value == "" and '""' or (value:gsub("%c", " ")) end
  return type(value) == "number" and (json.encode(value) or tostring(value)) or tostring(value)
end

--- Writes a table for a person, a member a line, sorted by name.
-- @tparam table value
-- @tparam string indent what stands before each line
function output.members(value, indent)
  for _, name in ipairs(sorted_keys(value)) do
    local member = value[name]
    if type(member) ~= "table" then
      io.write(indent, tostring(name), ": ", scalar(member), "\n")
    elseif next(member) ~= nil then
      io.write(indent, tostring(name), ":\n")
      output.members(member, indent .. "  ")
    end
  end
end

--- Writes rows with their columns under each other.
-- @tparam {{string,...},...} rows
-- @tparam string indent what stands before each line
function output.columns(rows, indent)
  local widths = {}
  for _, row in ipairs(rows) do
    for index, text in ipairs(row) do widths[index] = math.max(widths[index] or 0, #text) end
  end
  for _, row in ipairs(rows) do
    local parts = {}
    for index, text in ipairs(row) do parts[index] = text .. (" "):rep(widths[index] - #text) end
    io.write((indent .. table.concat(parts, "  ")):gsub("%s+$", ""), "\n")
  end
end

return output
