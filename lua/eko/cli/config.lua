--- Where a command gets its client from: arguments (nothing secret), the environment, a file that only its owner may read.
--
-- What stands in more than one place is taken from the first of: arguments, environment, file. Both of the latter are read as files of
-- settings (.env) are: see `eko.input.setting`.
-- @module eko.cli.config
local ascii = require "eko.base.ascii"
local files = require "eko.cli.files"
local help = require "eko.cli.help"
local input = require "eko.base.input"
local sealed = require "eko.base.sealed"
local units = require "eko.base.units"

local config = {}

-- Option of the client -> environment variable. The names on the left are those of the file as well.
local NAMES = {
  developer_key = "EKO_DEVELOPER_KEY", access_key = "EKO_ACCESS_KEY", initiator_id = "EKO_INITIATOR_ID",
  user_code = "EKO_USER_CODE", environment = "EKO_ENVIRONMENT", base_url = "EKO_BASE_URL", ca_file = "EKO_CA_FILE",
  proxy = "EKO_PROXY",
}

--- The names of what can be configured, in the order in which they are shown.
config.names = { "developer_key", "access_key", "initiator_id", "user_code", "environment", "base_url", "ca_file", "proxy" }

--- Which of them are never shown. A proxy's URL may hold a password.
config.secret = { developer_key = true, access_key = true, proxy = true }

local function env(name)
  local value = os.getenv(name)
  if value ~= "" then return value end
end

--- A setting of the environment.
-- @tparam string name of the variable
-- @treturn[1] ?string the value; nil where there is none
-- @treturn[1] ?{string,...} what was taken off it, in words
-- @treturn[2] nil
-- @treturn[2] string what is wrong with it
function config.variable(name)
  local text = os.getenv(name)
  if not text then return nil end
  local value, taken = input.setting(text, name)
  if not value then return nil, name .. ": " .. taken end
  if value ~= "" then return value, taken end
end

--- A number as people write it, whatever the locale: digits, perhaps a point and more of them.
-- @tparam string text
-- @treturn ?number
function config.number(text)
  local whole, fraction = text:match "^(%d+)%.?(%d*)$"
  if not whole then return nil, "'" .. text .. "' is not a number" end
  return tonumber(whole) + (fraction == "" and 0 or tonumber(fraction) / 10 ^ #fraction)
end

local function seconds(text)
  local value = config.number(text)
  if value and value > 0 and value < 1e6 then return value end
  return nil, "'" .. text .. "' is not a number of seconds above 0"
end

--- Adds the options that every command with a client has.
-- @tparam table parser an argparse command
function config.options(parser)
  parser:flag("--emulator", "Talk to a fresh emulator inside this process: no account, no network, no configuration.")
  parser:option("--config", "File with the credentials, mode 600 (default: $EKO_CONFIG or ~/.config/eko/config).")
    :argname "<file>"
  parser:option("--environment", "sandbox or production; wins over EKO_ENVIRONMENT and EKO_BASE_URL."):argname "<name>"
  parser:option("--base-url", "Another platform; wins over EKO_BASE_URL."):argname "<url>"
  parser:option("--timeout", "Seconds for one call (30)."):convert(seconds):argname "<seconds>"
  parser:flag("--trace", "Show each exchange, nothing secret in it, on standard error.")
end

local function simplify(name) return (ascii.lower(name):gsub("^%-*", ""):gsub("^eko[-_]", ""):gsub("[-_]", "")) end

local REFUSED = { developerkey = "EKO_DEVELOPER_KEY", accesskey = "EKO_ACCESS_KEY", secretkey = "EKO_ACCESS_KEY",
  tokenkey = "EKO_TOKEN_KEY" }

--- Refuses credentials among the arguments: everybody on the machine can read those, and the shell writes them down.
-- @tparam {string,...} arguments
-- @treturn string|nil what to do instead
function config.refuse_credentials(arguments)
  for _, argument in ipairs(arguments) do
    local name = REFUSED[simplify(argument)]
    for before, after in argument:gmatch "([A-Za-z0-9_-]+)(:?=?)" do -- (each run is read once, whatever follows it)
      if after:find "=" then name = name or REFUSED[simplify(before)] end
    end
    for _, variable in ipairs { "EKO_DEVELOPER_KEY", "EKO_ACCESS_KEY", "EKO_TOKEN_KEY" } do
      local value = config.variable(variable)
      if value and #value >= 8 and argument:find(value, 1, true) then name = variable end
    end
    if name then
      return ("credentials are not taken from arguments, where others can read them: set %s or use a file (see docs/cli.md)")
        :format(name)
    end
  end
end

--- Where eko keeps its own files.
-- @treturn string|nil
function config.directory()
  local base = env "XDG_CONFIG_HOME" or env "HOME" and env "HOME" .. "/.config"
  return base and base .. "/eko"
end

-- A line that is no comment: name, value and what was taken off it, or nil and what is wrong. A name that is none of ours is not
-- repeated: it may be a key.
local function parse_line(line)
  local name, value = input.assignment(line)
  if not name then return nil, "expected name = value" end
  for each, variable in pairs(NAMES) do
    if name == variable then name = each end
  end
  if not NAMES[name] then
    local near = require("eko.base.suggest").nearest(name, config.names)
    return nil, ("there is no such setting%s; there are %s"):format(near and " (did you mean " .. near .. "?)" or "",
      table.concat(config.names, ", "))
  end
  local taken
  value, taken = input.setting(value, name)
  if not value then return nil, taken end
  if value == "" then return nil, "expected name = value" end
  return name, value, taken
end

local function parse_file(path, text)
  local values, number = {}, 0
  for line in input.lines(text) do
    number = number + 1
    line = input.trim(line)
    if line ~= "" and not line:find "^#" then
      local name, value, taken = parse_line(line)
      if not name then return nil, ("%s:%d: %s"):format(path, number, value) end
      values[name] = { value = value, from = ("%s:%d"):format(path, number), taken = taken }
    end
  end
  return values
end

local function from_file(given)
  local path = given or env "EKO_CONFIG"
  local asked = path ~= nil
  if not path then
    local directory = config.directory()
    path = directory and directory .. "/config"
  end
  if not path or (not asked and not files.exists(path)) then return {} end
  local text, problem = files.read_private(path)
  if not text then return nil, problem end
  return parse_file(path, text)
end

local function from_environment()
  local values = {}
  for _, name in ipairs(config.names) do
    local variable = NAMES[name]
    local value, taken
    -- A path may hold anything, and a shell has read it already.
    if name == "ca_file" then value = env(variable) else value, taken = config.variable(variable) end
    if value then
      values[name] = { value = value, from = "the environment (" .. variable .. ")", taken = taken }
    elseif taken then
      return nil, taken
    end
  end
  return values
end

local function from_arguments(args)
  return {
    environment = args.environment and { value = args.environment, from = "--environment" },
    base_url = args.base_url and { value = args.base_url, from = "--base-url" },
  }
end

--- Reads the configuration.
-- @tparam table args parsed arguments
-- @treturn[1] table name -> { value, from, taken = what was taken off the value, in words, or nil }
-- @treturn[2] nil
-- @treturn[2] string what is wrong and what to do
function config.read(args)
  if args.emulator then return { environment = { value = "emulator", from = "--emulator" } } end
  local file, problem = from_file(args.config)
  if not file then return nil, problem end
  local environment
  environment, problem = from_environment()
  if not environment then return nil, problem end
  local result, placed = {}, false
  for _, layer in ipairs { from_arguments(args), environment, file } do
    -- environment and base_url say the same thing: a nearer one of either hides both of those behind it.
    local places = layer.environment ~= nil or layer.base_url ~= nil
    for name, setting in pairs(layer) do
      local is_place = name == "environment" or name == "base_url"
      if is_place and not placed or not is_place and not result[name] then result[name] = setting end
    end
    placed = placed or places
  end
  return result
end

local function trace(event)
  local timings = event.timings or {}
  io.stderr:write(("trace: %s %s %s %s%s ref=%s attempt=%d\n"):format(event.method, event.path,
    event.http_status and ("%d"):format(event.http_status) or "-", event.outcome or event.error or "-",
    timings.total and (" %.1f ms"):format(timings.total * units.MS_PER_SECOND):gsub("[^ 0-9ms]+", ".") or "",
    event.client_ref_id or "-", event.attempt))
end

local HINT = "set EKO_DEVELOPER_KEY, EKO_ACCESS_KEY, EKO_INITIATOR_ID and EKO_USER_CODE (or put them into a file, see "
  .. "docs/cli.md), or try it with --emulator"

local function position_free(message) return (tostring(message):gsub("^[^\n]-:%d+: ", "")) end

--- Makes the client that the configuration describes.
-- @tparam table args parsed arguments
-- @tparam[opt] table more `on_sms = function(mobile, message)` for the emulator's SMS; `on_exchange` beside --trace
-- @treturn[1] table the client
-- @treturn[1] table `{ settings, platform }`: what `config.read` gave, and the emulator in this process if there is one
-- @treturn[2] nil
-- @treturn[2] string what is wrong and what to do
function config.client(args, more)
  more = more or {}
  local settings, problem = config.read(args)
  if not settings then return nil, problem end
  local options = { timeout = args.timeout, on_exchange = args.trace and trace or nil }
  for name, setting in pairs(settings) do options[name] = setting.value end
  local platform
  if options.environment == "emulator" and not options.base_url then
    local missing = help.missing { "cjson" }
    if missing then return nil, "the emulator cannot be loaded; " .. missing end
    platform = require("eko.emulator").new { on_sms = more.on_sms, endpoints = require("eko.wallets.catalogue").documented() }
    options.transport, options.environment, options.base_url = platform, nil, platform.base_url
    options.developer_key, options.access_key = platform.developer_key, platform.access_key
    options.initiator_id, options.user_code = platform.initiator_id, platform.user_code
  elseif not options.developer_key or not options.access_key then
    return nil, ("the %s is missing: %s"):format(options.developer_key and "access_key" or "developer_key", HINT)
  end
  local ok, client = pcall(require("eko").client, options)
  if not ok then return nil, position_free(client) end
  return client, { settings = settings, platform = platform, options = options }
end

local function generated_key(must_exist)
  local directory = config.directory()
  if not directory then return nil, "set EKO_TOKEN_KEY (at least 32 random characters): there is no home directory to keep a key in" end
  local path = directory .. "/token.key"
  if not files.exists(path) and must_exist then
    return nil, ("the key %s is missing, and what was sealed with it opens with no other: put it back, or set EKO_TOKEN_KEY"):format(path)
  elseif not files.exists(path) then
    files.make_directory(directory)
    local text = require("eko.core").text
    local ok, problem = files.write_private(path, text.base64_encode(text.random_bytes(sealed.SHORTEST_KEY)) .. "\n")
    if not ok then return nil, ("cannot make %s (%s); set EKO_TOKEN_KEY to at least 32 random characters"):format(path, problem) end
  end
  local key, problem = files.read_private(path)
  if not key then return nil, problem end
  key = input.trim(key)
  if #key < sealed.SHORTEST_KEY then return nil, path .. " is damaged; remove it (journeys that were put away with it are lost)" end
  return { key }
end

--- The keys that journeys are sealed with: EKO_TOKEN_KEY (several with commas between: the first seals, any opens), else one
-- that is made up once and kept in a file of mode 600.
-- @tparam boolean must_exist a journey was sealed already: none is made up
-- @treturn[1] {string,...}
-- @treturn[2] nil
-- @treturn[2] string what is wrong and what to do
function config.token_keys(must_exist)
  local given, problem = config.variable "EKO_TOKEN_KEY"
  if not given and problem then return nil, problem end
  if not given then return generated_key(must_exist) end
  local keys = {}
  for key in given:gmatch "[^,]+" do
    key = input.trim(key)
    if #key < sealed.SHORTEST_KEY then return nil, "EKO_TOKEN_KEY is too short: use at least 32 random characters" end
    keys[#keys + 1] = key
  end
  if #keys == 0 then return nil, "EKO_TOKEN_KEY holds no key" end
  return keys
end

return config
