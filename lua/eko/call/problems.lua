--- What is wrong with a call, in sentences. The core finds the problems (src/draft/draft.c) and names them; no value stands in any.
-- @module eko.call.problems
local ascii = require "eko.base.ascii"
local errors = require "eko.base.errors"
local formats = require "eko.call.formats"
local redact = require "eko.base.redact"
local suggest = require "eko.base.suggest"


local problems = {}

-- The order in which the platform documents them.
local ADDRESS = { "line", "city", "state", "pincode", "district", "area" }

local ADVICE = {
  otp = "it must not be empty: ask the customer for the code, do not send the call without it",
  otp_ref_id = "it must not be empty: an empty reference means that there is none yet, so have a new OTP sent first",
}

local EMPTY = "it must not be empty"

--- The format of a parameter; what goes into a path has one always.
-- @tparam table param of the catalogue
-- @treturn ?table of `eko.call.formats`
function problems.format_of(param)
  if param.type ~= "string" and param.type ~= "opaque" then return nil end
  local name = param.format or param.place == "path" and "path-segment" or nil
  return name and assert(formats[name], "no such format: " .. name)
end

local TYPES = {
  opaque = "the string exactly as it was received (or an integer)",
  list = "a list of strings without holes",
  address = "a table { line, city, state, pincode, district, area } of strings, or the same as JSON text",
  lines = "a list of lines, or a table { line, city, state, pincode, district, area }",
  name = "a string",
}

local function type_of(param)
  if param.type == "integer" then
    return "a whole number" .. ((param.min or 0) > 0 and " above 0" or "") .. ", as an integer or as plain digits"
  elseif param.type == "string" then
    local known = formats[param.format]
    return TYPES[param.means] or "a string, or a whole number, which is written as its digits" .. (known and ": " .. known.expected or "")
  end
  return TYPES[param.type == "list" and param.means == "address" and "lines" or param.type]
end

local function form_of(param)
  local known = problems.format_of(param)
  return known and known.expected or type_of(param)
end

local function emptiness(param)
  if param.type == "opaque" then return ADVICE[param.name] or EMPTY end
  return param.type == "string" and not problems.format_of(param) and EMPTY or EMPTY .. ": " .. form_of(param)
end

local CONTROL = "text without control characters (line breaks, NUL ...)"
local UTF8 = "text in valid UTF-8"

-- What somebody else wrote, where no long number belongs: it is a person's, also where it is glued to letters.
local function masked(text)
  return (redact.text(text):gsub("[0-9]+", function(digits)
    return #digits > 8 and ("X"):rep(#digits - 4) .. digits:sub(-4)
  end))
end

-- problem -> the error's name for it, and what is expected: a text, or a function of the parameter and the problem's detail
local SENTENCES = {
  missing = { "missing_parameter", function(param) return "it is required" .. (param.from and " (" .. param.from .. ")" or "") end },
  empty = { "missing_parameter", emptiness },
  type = { "wrong_type", type_of },
  format = { "invalid_format", form_of },
  number = { "invalid_format", "a whole number, 0 or more, that has all its digits: what is longer comes as text" },
  fraction = { "invalid_format", "whole rupees: this endpoint takes no paise" },
  blanks = { "invalid_format", "no blanks before or behind it, be they visible or not" },
  hidden = { "invalid_format", "text without characters that do not show or that turn others around (U+200B, U+202E ...)" },
  birth = { "invalid_format", "a date of birth from 1900-01-01 to today" },
  spreadsheet = { "invalid_format", "an account number digit by digit, not as a spreadsheet shows it (have its column formatted as text)" },
  capture = { "invalid_format", "a whole PID block: XML with an element <PidData>" },
  ["capture failed"] = { "invalid_format", function(_, said)
    return "a capture that went well, so have another one made: the device said errCode " .. masked(said)
  end },
  strict = { "invalid_format", function(param) return problems.format_of(param).strict_expected end },
  length = { "invalid_format", function(param) return "at most " .. param.max .. " bytes" end },
  utf8 = { "invalid_format", UTF8 },
  control = { "invalid_format", CONTROL },
  lines = { "invalid_format", "text without control characters other than TAB and line breaks" },
  items = { "invalid_format", "a list of at most 100 strings" },
  ["item length"] = { "invalid_format", function(param) return "strings of at most " .. param.max .. " bytes" end },
  ["address value"] = { "wrong_type", "strings in all of " .. table.concat(ADDRESS, ", ") },
  ["address lines"] = { "invalid_format", "at most these lines, in this order: " .. table.concat(ADDRESS, ", ") },
  ["address name"] = { "invalid_format", function(_, name)
    local near = suggest.nearest(name, ADDRESS)
    return "only the keys " .. table.concat(ADDRESS, ", ") .. (near and " (did you mean " .. near .. "?)" or "")
  end },
  ["extra name"] = { "invalid_format", "a name of 1 to 64 letters, digits, _, - or ." },
  ["extra known"] = { "invalid_format", "a name that the catalogue does not know (give this one with the others)" },
  ["extra reference"] = { "invalid_format", "no client_ref_id: this endpoint takes none" },
  ["extra value"] = { "invalid_format", "a string (UTF-8), a number, a boolean, a list or a table with string keys" },
  ["extra scalar"] = { "invalid_format", "a string, a number or a boolean (it goes into the query)" },
  ["extra utf8"] = { "invalid_format", UTF8 },
  ["extra control"] = { "invalid_format", CONTROL },
}

--- What is expected of a parameter.
-- @tparam ?table param of the catalogue
-- @tparam string problem
-- @tparam any detail of the problem, as the core gives it
-- @treturn string
-- @treturn string the problem's name in an error
function problems.explain(param, problem, detail)
  local sentence = SENTENCES[problem]
  local expected = sentence[2]
  if type(expected) == "function" then expected = expected(param, detail) end
  return expected, sentence[1]
end

-- A name as it may be shown: somebody may have put a value where a name belongs.
local function shown_name(name)
  if type(name) == "string" then
    if not name:find "^[A-Za-z_]" then return "[a name that does not begin with a letter]" end
    return masked((name:sub(1, 64):gsub("[^A-Za-z0-9_.-]", "?")))
  elseif type(name) == "number" and name % 1 == 0 and name >= -1000 and name <= 1000 then
    return string.format("[%d]", name)
  end
  return "[" .. type(name) .. "]"
end

local function unknown(endpoint, name)
  if type(name) ~= "string" then return "parameters have names: a table with string keys" end
  local names = {}
  for index, param in ipairs(endpoint.params) do names[index] = param.name end
  local near = suggest.nearest(name, names)
  return near and "no such parameter here; did you mean " .. near .. "?"
    or "no such parameter here (what the catalogue does not know can be sent through the option extra)"
end

local function add(list, field, name, expected) list[#list + 1] = { field = field, name = name, expected = expected } end

-- What the core found, explained: of the parameters, then of unknown ones, sorted by how they are shown, then of extra ones.
local function explained(endpoint, found)
  local list, strangers, extra = {}, {}, {}
  for _, each in ipairs(found) do
    local who, problem = each[1], each[2]
    if problem == "unknown" then
      add(strangers, shown_name(who), "unknown_parameter", unknown(endpoint, who))
    else
      local param = not problem:find "^extra " and endpoint.params[who]
      local expected, name = problems.explain(param, problem, each[3])
      add(param and list or extra, param and param.name or "extra." .. shown_name(who), name, expected)
    end
  end
  table.sort(strangers, function(a, b) return ascii.less(a.field, b.field) end)
  for _, each in ipairs(strangers) do list[#list + 1] = each end
  for _, each in ipairs(extra) do list[#list + 1] = each end
  return list
end

local PREFIX = { wrong_type = "expected ", invalid_format = "expected " }

--- The error of a call that is not in order.
-- @tparam table endpoint an entry of the catalogue
-- @tparam table found a list of `{ index of the parameter (or a name), problem, detail }`
-- @tparam[opt] string not_a_table "params" or "extra", where that is no table
-- @treturn table
function problems.refuse(endpoint, found, not_a_table)
  local list, parts, by_field = explained(endpoint, found), {}, {}
  if not_a_table then add(list, not_a_table, "wrong_type", "a table of parameters by name") end
  local name = list[1].name
  for index, problem in ipairs(list) do
    if problem.name ~= name then name = "invalid_request" end
    parts[index] = problem.field .. ": " .. (PREFIX[problem.name] or "") .. problem.expected
    by_field[problem.field] = by_field[problem.field] or problem.expected
  end
  return errors.new {
    kind = "invalid_request", name = name, sent = false, retryable = false, slug = endpoint.slug,
    message = endpoint.slug .. " was not sent: " .. table.concat(parts, "; "), invalid_params = by_field, problems = list,
  }
end

return problems
