--- `eko call`: one call of any endpoint.
-- @module eko.cli.call
local config = require "eko.cli.config"
local help = require "eko.cli.help"
local trim = require("eko.base.input").trim

local command = {
  summary = "Call one endpoint",
  description = "Signs and sends one call, and shows what came back. `eko endpoints` lists the endpoints, `eko describe` says "
    .. "what each takes.",
  epilog = help.epilog({
    "eko call ppi-levin-get-sender customer_id=9444444444",
    "eko call dmt-fino-sender-ekyc customer_id=9444444444 aadhar=@- piddata=@pid.xml",
    "eko call ppi-levin-onboard-sender customer_id=9444444444 name='Asha Rao' dob=1990-01-31 \\",
    "   residence_address:='[\"12 MG Road\",\"Pune\",\"Maharashtra\",\"411001\"]' --dry-run --emulator",
  }, { 0, 1, 2, 4, 130 }),
}

--- @tparam table parser an argparse command
function command.configure(parser)
  parser:argument("slug", "The endpoint's name.")
  parser:argument("parameters", "name=value (text), name:=json (anything else), name=@file (a file's content), name=@- (one "
    .. "line of standard input, not echoed on a terminal)."):args "*"
  parser:option("--extra", "A parameter that the catalogue does not know."):argname "<name=value>":count "*"
  parser:flag("--dry-run", "Show the request, do not send it. What is sensitive in it is masked.")
  parser:flag("--reveal", "Show the answer as it came, wallet tokens and account numbers included.")
  parser:flag("--json", "Write one JSON object.")
  config.options(parser)
end

local function read_secret(name)
  local reader, interactive = require("eko.cli.terminal").reader()
  local line = reader(interactive and name .. ": " or "", true)
  if not line then return nil, name .. ": nothing came on standard input" end
  return line
end

local function parse_parameter(text)
  local name, value = text:match "^([A-Za-z0-9_.-]+):=(.*)$"
  if name then
    local decoded, problem = require("eko.base.json").decode(value)
    if decoded == nil then return nil, ("%s: not JSON (%s)"):format(name, tostring(problem)) end
    return name, decoded
  end
  name, value = text:match "^([A-Za-z0-9_.-]+)=(.*)$"
  if not name then return nil, "parameters are written name=value, name:=json or name=@file" end
  if value == "@-" then
    local line, problem = read_secret(name)
    if not line then return nil, problem end
    return name, trim(line)
  elseif value:sub(1, 1) == "@" then
    local content, problem = require("eko.cli.files").read(value:sub(2))
    if not content then return nil, name .. ": " .. problem end
    return name, trim(content)
  end
  return name, value
end

local function parse_parameters(list)
  local params = {}
  for _, text in ipairs(list) do
    local name, value = parse_parameter(text)
    if not name then return nil, value end
    if params[name] ~= nil then return nil, name .. " is given twice" end
    params[name] = value
  end
  return params
end

local function masked_query(query)
  local redact = require "eko.base.redact"
  local parts = {}
  for pair in query:gmatch "[^&]+" do
    local name, value = pair:match "^([^=]+)=(.*)$"
    if name then parts[#parts + 1] = name .. "=" .. tostring(redact.mask(name, value)) end
  end
  return table.concat(parts, "&")
end

-- The request as it may be shown: neither the signature nor anything of the customer can be read in it.
local function shown_request(request, params)
  local json, redact = require "eko.base.json", require "eko.base.redact"
  local headers = redact.table(request.headers)
  local url, query = request.url:match "^([^?]*)%??(.*)$"
  local shown = { method = request.method, headers = headers, url = redact.path(url, params.tid or params["transaction-reference"]) }
  if query ~= "" then shown.url = shown.url .. "?" .. masked_query(query) end
  if request.body then shown.body = redact.table(json.decode(request.body), params, math.huge) end
  return shown
end

local function print_request(shown)
  local output = require "eko.cli.output"
  output.write(shown.method, " ", shown.url, "\n")
  output.members(shown.headers, "")
  if shown.body then output.write("\n", assert(require("eko.base.json").encode(shown.body)), "\n") end
end

local function print_answer(answer, shown)
  local output = require "eko.cli.output"
  output.write(("%s (%s, HTTP %d)\n"):format(answer.outcome, answer.meta.slug, answer.meta.http_status))
  shown.outcome, shown.meta = nil, nil
  output.members(shown, "  ")
end

local function fail(args, err)
  local output = require "eko.cli.output"
  if args.json then output.json { error = output.error_table(err) } end
  output.problem("call", err)
  return output.exit_code(err)
end

--- @tparam table args parsed arguments
-- @treturn number exit code
function command.run(args)
  local output = require "eko.cli.output"
  local params, problem = parse_parameters(args.parameters)
  local extra
  if params then extra, problem = parse_parameters(args.extra) end
  if not extra then
    output.problem("call", problem)
    return help.exit.arguments
  end
  local client
  client, problem = config.client(args)
  if not client then
    output.problem("call", problem)
    return help.exit.configuration
  end
  local answer, err = client:call(args.slug, params, { dry_run = args.dry_run, extra = next(extra) and extra or nil })
  if not answer then return fail(args, err) end
  if args.dry_run then
    local shown = shown_request(answer, params)
    if args.json then output.json(shown) else print_request(shown) end
    return help.exit.done
  end
  local shown = args.reveal and answer or require("eko.base.redact").table(answer, params, math.huge)
  if args.json then output.json(shown) else print_answer(answer, shown) end
  return help.exit.done
end

return command
