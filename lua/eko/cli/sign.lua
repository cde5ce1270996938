--- `eko sign`: the two security headers, for use with other tools.
-- @module eko.cli.sign
local help = require "eko.cli.help"
local input = require "eko.base.input"

local command = {
  summary = "Make the signed headers for another tool",
  description = "Prints the headers secret-key and secret-key-timestamp. The access key comes from EKO_ACCESS_KEY or the "
    .. "configuration file. A timestamp is good for two minutes and for one call.",
  epilog = help.epilog({ "EKO_ACCESS_KEY=... eko sign", "eko sign --timestamp 1700000000000 --json" }, { 0, 2, 4 }),
}

local function milliseconds(text)
  if text:find "^%d+$" and #text == 13 then return text end
  return nil, "'" .. text .. "' is not milliseconds since 1970 (13 digits)"
end

--- @tparam table parser an argparse command
function command.configure(parser)
  parser:option("--timestamp", "Milliseconds since 1970 (default: now)."):argname "<ms>":convert(milliseconds)
  parser:option("--config", "File with the credentials, mode 600 (default: $EKO_CONFIG or ~/.config/eko/config).")
    :argname "<file>"
  parser:flag("--json", "Write one JSON object.")
end

--- @tparam table args parsed arguments
-- @treturn number exit code
function command.run(args)
  local output = require "eko.cli.output"
  local settings, problem = require("eko.cli.config").read(args)
  if settings and not settings.access_key then
    problem = "the access_key is missing: set EKO_ACCESS_KEY, or put it into a file (see docs/cli.md)"
  elseif settings then
    problem = input.key_problem(settings.access_key.value)
    problem = problem and ("the access_key from %s must be %s"):format(settings.access_key.from, problem)
  end
  if problem then
    output.problem("sign", problem)
    return help.exit.configuration
  end
  local timestamp = args.timestamp or ("%d"):format(require("eko.core").text.now_ms())
  local secret_key = require("eko").sign(settings.access_key.value, timestamp)
  if args.json then
    output.json { secret_key = secret_key, secret_key_timestamp = timestamp }
  else
    output.write("secret-key: ", secret_key, "\nsecret-key-timestamp: ", timestamp, "\n")
  end
  return help.exit.done
end

return command
