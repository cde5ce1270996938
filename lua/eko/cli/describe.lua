--- `eko describe`: what an endpoint takes, where each value comes from, and what it may answer.
-- @module eko.cli.describe
local help = require "eko.cli.help"

local command = {
  summary = "Say what an endpoint takes and answers",
  description = "Describes one endpoint: parameters with types, formats and where each value comes from; outcomes; errors.",
  epilog = help.epilog({ "eko describe ppi-levin-verify-otp" }, { 0, 2 }),
}

--- @tparam table parser an argparse command
function command.configure(parser)
  parser:argument("slug", "The endpoint's name.")
  parser:flag("--json", "Write one JSON object.")
end

local FORMS = {
  string = "text", integer = "whole number", list = "list of texts", opaque = "text or whole number, unchanged",
  address = "address { line, city, state, pincode, district, area }",
}

local function form_of(param)
  local formats = require "eko.call.formats"
  local known = param.format and formats[param.format]
  return known and known.expected or FORMS[param.type] or param.type
end

local function parameters_of(endpoint)
  local list = {}
  for index, param in ipairs(endpoint.params) do
    list[index] = {
      name = param.name, place = param.place, type = param.type, required = param.required, format = param.format,
      expected = form_of(param), from = param.from, max = param.max, default = param.required and param.default or nil,
    }
  end
  return list
end

local function by_number(map)
  local numbers = {}
  for number in pairs(map or {}) do numbers[#numbers + 1] = number end
  table.sort(numbers)
  return numbers
end

-- Outcome -> the numbers that mean it, in the order of the smallest.
local function outcomes_of(endpoint)
  local list, seen = {}, {}
  local function add(map, field)
    for _, number in ipairs(by_number(map)) do
      local name = map[number]
      if not seen[name] then
        seen[name] = { outcome = name }
        list[#list + 1] = seen[name]
      end
      seen[name][field] = seen[name][field] or {}
      table.insert(seen[name][field], number)
    end
  end
  add(endpoint.outcomes, "response_type_id")
  add(endpoint.by_hint, "response_status_id")
  if endpoint.role == "transfer" then add(require("eko.base.outcomes").transactions, "tx_status") end
  return list
end

local function errors_of(endpoint)
  local outcomes = require "eko.base.outcomes"
  local list = {}
  for _, code in ipairs(by_number(outcomes.codes)) do
    local own = endpoint.errors and endpoint.errors[code]
    if outcomes.failures[code] and not outcomes.authentication[code] and not (endpoint.outcomes or {})[code] then
      list[#list + 1] = { code = code, name = own or outcomes.codes[code].name }
    end
  end
  return list
end

local function print_outcomes(list)
  local output = require "eko.cli.output"
  local rows = {}
  for index, each in ipairs(list) do
    local parts = {}
    for _, field in ipairs { "response_type_id", "response_status_id", "tx_status" } do
      if each[field] then parts[#parts + 1] = field .. " " .. table.concat(each[field], ", ") end
    end
    rows[index] = { each.outcome, table.concat(parts, "; ") }
  end
  output.write "\nOutcomes:\n"
  output.columns(rows, "  ")
end

local function print_description(endpoint)
  local output = require "eko.cli.output"
  output.write(endpoint.slug, endpoint.about ~= "" and ": " or "", endpoint.about, "\n", endpoint.method, " ", endpoint.path, "\n")
  if endpoint.moves_money then output.write "It moves money, and is never sent twice.\n" end
  if endpoint.sends_sms then output.write "It sends an SMS, and is not repeated lightly.\n" end
  local rows = {}
  for index, param in ipairs(parameters_of(endpoint)) do
    rows[index] = { param.name, param.place, param.required and "required" or "optional", param.expected,
      param.from and "from: " .. param.from or "" }
  end
  output.write "\nParameters:\n"
  output.columns(rows, "  ")
  print_outcomes(outcomes_of(endpoint))
  rows = {}
  for index, each in ipairs(errors_of(endpoint)) do rows[index] = { each.name, ("%d"):format(each.code) } end
  output.write "\nErrors (besides those of transport and authentication):\n"
  output.columns(rows, "  ")
end

--- @tparam table args parsed arguments
-- @treturn number exit code
function command.run(args)
  local output = require "eko.cli.output"
  local endpoint, near = require("eko.wallets.catalogue").get(args.slug)
  if not endpoint then
    output.problem("describe", ("there is no endpoint %q%s; `eko endpoints` lists them"):format(args.slug,
      near and (", did you mean %q?"):format(near) or ""))
    return help.exit.arguments
  end
  if args.json then
    output.json {
      slug = endpoint.slug, method = endpoint.method, path = endpoint.path, about = endpoint.about,
      moves_money = endpoint.moves_money, sends_sms = endpoint.sends_sms, params = parameters_of(endpoint),
      outcomes = outcomes_of(endpoint), errors = errors_of(endpoint),
    }
  else
    print_description(endpoint)
  end
  return help.exit.done
end

return command
