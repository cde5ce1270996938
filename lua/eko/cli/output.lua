--- What commands write: tables for people, JSON for programs, errors on one line.
--
-- Whatever goes to standard output goes through here: a full disk, a closed pipe or a closed descriptor ends the program with a
-- message. `bin/eko` catches what is raised, and asks once more at the end, when the last bytes leave the buffer.
-- @module eko.cli.output
local ascii = require "eko.base.ascii"
local errors = require "eko.base.errors"
local exit = require("eko.cli.help").exit
local input = require "eko.base.input"
local json = require "eko.base.json"

local output = {}

local Unwritten = {}
Unwritten.__index = Unwritten

function Unwritten:__tostring() return "the output cannot be written: " .. self.reason end

-- Once something is missing, nothing that follows mends it.
local failed

local function check(ok, reason)
  if not ok then failed = failed or setmetatable({ reason = tostring(reason or "standard output is closed") }, Unwritten) end
  if failed then error(failed, 0) end
end

--- Writes to standard output.
-- @tparam string ...
-- @raise when that is not possible
function output.write(...) check(io.stdout:write(...)) end

--- Hands on what was written.
-- @raise when that is not possible
function output.flush() check(io.stdout:flush()) end

--- Says that the output is not where it belongs, for whoever writes by other means.
-- @tparam string reason
-- @raise always
function output.fail(reason) check(false, reason) end

--- What is wrong with standard output.
-- @treturn string|nil nil while all that was written has arrived
function output.problem_of_output()
  if pcall(output.flush) then return nil end
  return tostring(failed)
end

--- Whether an error says that the output could not be written.
-- @tparam any problem
-- @treturn boolean
function output.is_unwritten(problem) return getmetatable(problem) == Unwritten end

local BAD_DESCRIPTOR = 9 -- EBADF

--- Makes sure that the three standard streams are open: what is opened next (a socket) would take the place of one that is not,
-- and be written to in its stead.
-- @raise when standard output is closed
function output.check_streams()
  local function is_closed(stream) return select(3, stream:seek()) == BAD_DESCRIPTOR end
  for _, stream in ipairs { io.stdin, io.stderr } do
    -- Held for ever. Descriptors are taken from below, so standard input is the first that is filled.
    if is_closed(stream) then output[stream] = io.open("/dev/null", "r+") end
    if stream == io.stdin and is_closed(io.stdout) then check(false) end
  end
end

--- Writes one JSON object on a line of its own.
-- @tparam table value
function output.json(value)
  output.write(assert(json.encode(value)), "\n")
  output.flush()
end

local function one_line(text)
  return (tostring(text):gsub("[ \t\r\n\v\f]+", function(blanks) return blanks:find "[\r\n]" and " " or nil end))
end

local STATES = {
  succeeded = "the money has moved", failed = "the money has not moved", pending = "the platform has not finished it",
  refund_pending = "it failed, and the money waits to be refunded", refunded = "the money was given back",
  not_sent = "nothing was sent", unknown = "whether the money moved is not known",
}

-- What is known of the money, for a person.
local function money_words(err)
  local parts = {}
  if err.state then parts[1] = ("state %s: %s"):format(err.state, STATES[err.state] or "see docs/cli.md") end
  for _, name in ipairs { "tid", "tx_status", "reason" } do
    if err[name] ~= nil then parts[#parts + 1] = ("%s %s"):format(name, tostring(err[name])) end
  end
  local inquiry = type(err.inquiry) == "table" and err.inquiry
  if inquiry and inquiry.state then
    parts[#parts + 1] = "the inquiry says " .. inquiry.state
      .. (errors.is(inquiry.error) and (" (%s)"):format(inquiry.error.name) or "")
  end
  return parts[1] and " [" .. table.concat(parts, "; ") .. "]" or ""
end

--- Says on standard error what went wrong.
-- @tparam string command the command's name
-- @tparam any problem an error of the library, or a text
function output.problem(command, problem)
  pcall(output.flush)
  if errors.is(problem) then
    io.stderr:write(("eko %s: %s: %s\n"):format(command, problem.name, one_line(problem.message .. money_words(problem))))
  else
    io.stderr:write(("eko %s: %s\n"):format(command, one_line(problem)))
  end
end

local SHOWN = {
  "kind", "name", "code", "message", "sent", "retryable", "invalid_params", "http_status", "client_ref_id", "slug", "outcome",
  "state", "tid", "tx_status", "reason",
}

-- Of an inquiry too; its answer holds more of the customer than an error shows.
local SHOWN_OF_INQUIRY = { "state", "tid", "tx_status", "amount", "fee", "bank_ref_num", "reason", "client_ref_id" }

local function pick(value, names)
  local picked = {}
  for _, name in ipairs(names) do picked[name] = value[name] end
  return picked
end

--- An error as a plain table for JSON.
-- @tparam table err
-- @treturn table
function output.error_table(err)
  local shown = pick(err, SHOWN)
  if type(err.inquiry) == "table" then
    shown.inquiry = pick(err.inquiry, SHOWN_OF_INQUIRY)
    if errors.is(err.inquiry.error) then shown.inquiry.error = pick(err.inquiry.error, SHOWN) end
  end
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
    if type(a) == "string" and type(b) == "string" then return ascii.less(a, b) end
    if type(a) == type(b) then return a < b end
    return type(a) == "number"
  end)
  return keys
end

local function scalar(value)
  if value == json.null then return "null" end
  if type(value) == "string" then return value == "" and '""' or (value:gsub("[%z\1-\31\127]", " ")) end
  return type(value) == "number" and (json.encode(value) or tostring(value)) or tostring(value)
end

--- Writes a table for a person, a member a line, sorted by name.
-- @tparam table value
-- @tparam string indent what stands before each line
function output.members(value, indent)
  for _, name in ipairs(sorted_keys(value)) do
    local member = value[name]
    if type(member) ~= "table" then
      output.write(indent, tostring(name), ": ", scalar(member), "\n")
    elseif next(member) ~= nil then
      output.write(indent, tostring(name), ":\n")
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
    output.write(indent, input.trim(table.concat(parts, "  ")), "\n")
  end
end

return output
