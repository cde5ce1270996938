--- `eko emulator`: the emulated platform as a server to test against.
--
-- Prints what a client needs, one item a line, the line `listening <base URL>` last. Keys come from EKO_DEVELOPER_KEY
-- and EKO_ACCESS_KEY, the control port's token from EKO_CONTROL_TOKEN (everybody on the machine can read a program's arguments);
-- without them random ones are made up and printed (they open nothing but this emulator).
--
-- @module eko.cli.emulator
local ascii = require "eko.base.ascii"
local number, env = require("eko.cli.config").number, require("eko.cli.config").variable
local files = require "eko.cli.files"
local quote = require("eko.cli.terminal").quote

local command = {
  summary = "Run a platform of your own to test against",
  description = "Runs a stateful EPS platform on a local port: it checks signatures, sends OTPs, keeps customers, and "
    .. "fails on request.",
  epilog = "Examples:\n   eko emulator --port 8080 --show-sms\n   eko emulator --write-config emulator.conf\n   "
    .. "eko doctor --config emulator.conf\n\nKeys can be fixed by EKO_DEVELOPER_KEY, EKO_ACCESS_KEY and EKO_CONTROL_TOKEN. "
    .. "More in docs/emulator.md.\n\nExit codes: 0 stopped by a signal, 1 could not start, 2 wrong arguments.",
}

local function whole_number(text)
  local value = number(text)
  if not value or value % 1 ~= 0 or value < 0 then return nil, "'" .. text .. "' is not a whole number" end
  return value
end

--- @tparam table parser an argparse command
function command.configure(parser)
  parser:option("--host", "Address to listen on."):default "127.0.0.1"
  parser:option("--port", "Port; 0 takes a free one."):default("0"):convert(whole_number)
  parser:flag("--tls", "Speak HTTPS. Without --cert a certificate for localhost is made; its file is printed.")
  parser:option("--cert", "PEM file with the certificate (and its chain)."):argname "<file>"
  parser:option("--key", "PEM file with the private key."):argname "<file>"
  parser:option("--config", "JSON file with options of the platform: customers, knobs (see eko.emulator.options).")
    :argname "<file>"
  parser:flag("--show-sms", "Print each SMS as it is sent: `sms <mobile> <purpose> <otp>`.")
  parser:flag("--control", "Open a second loopback port that steers the platform; its URL and its token are printed.")
  parser:flag("--env", "Print what a client needs as exports for a shell, given keys too; other lines become comments.")
  parser:option("--write-config", "Write it into a file (mode 600) that `eko --config` reads, given keys too."):argname "<file>"
  parser:option("--idle-timeout", "Seconds that a kept-alive connection may be silent."):default("60")
    :convert(number):argname "<seconds>"
  parser:option("--lifetime", "Stop by itself after so many seconds."):convert(number):argname "<seconds>"
end

local function say(...)
  local output = require "eko.cli.output"
  output.write(table.concat({ ... }, " "), "\n")
  output.flush()
end

-- With --env, all that is no export is a comment, so that a shell can read the whole.
local function remark(args, ...)
  if args.env then say("#", ...) else say(...) end
end

local function read_config(path)
  if not path then return {} end
  local text, problem = files.read(path)
  if not text then return nil, problem end
  local config = require("eko.emulator.json").decode(text)
  if type(config) ~= "table" then return nil, path .. ": not a JSON object" end
  return config
end

local function make_platform(args, clock)
  local config, problem = read_config(args.config)
  if not config then return nil, problem end
  config.clock = clock.now
  config.developer_key = env "EKO_DEVELOPER_KEY" or config.developer_key
  config.access_key = env "EKO_ACCESS_KEY" or config.access_key
  config.endpoints = config.endpoints or require("eko.wallets.catalogue").documented()
  if args.show_sms then
    config.on_sms = function(mobile, message)
      -- Nobody would see the OTPs any more.
      if not pcall(remark, args, "sms", mobile, message.purpose, message.otp) and config.server then config.server:stop() end
    end
  end
  local ok, platform = pcall(require("eko.emulator").new, config)
  if not ok then return nil, platform end
  return platform, nil, config
end

local function stop_on_signal(server)
  local signal = require "cqueues.signal"
  signal.ignore(signal.SIGPIPE)
  signal.block(signal.SIGTERM, signal.SIGINT)
  local listener = signal.listen(signal.SIGTERM, signal.SIGINT)
  server.loop:wrap(function()
    listener:wait()
    server:stop()
  end)
end

--- What a client needs, in the order of showing: `{ name, value, whether it was given }`.
local function settings_of(server, platform, config)
  local settings = {
    { "developer_key", platform.developer_key, config.developer_key ~= nil },
    { "access_key", platform.access_key, config.access_key ~= nil },
    { "initiator_id", platform.initiator_id }, { "user_code", platform.user_code },
  }
  if server.ca_file then settings[#settings + 1] = { "ca_file", server.ca_file } end
  return settings
end

local function print_settings(server, settings)
  for _, each in ipairs(settings) do
    if not each[3] then say(each[1], each[2]) end
  end
  if server.control_url then
    say("control", server.control_url)
    if not env "EKO_CONTROL_TOKEN" then say("control_token", server.control_token) end
  end
end

local function print_exports(server, settings)
  local function export(name, value) say(("export EKO_%s=%s"):format(ascii.upper(name), quote(value))) end
  for _, each in ipairs(settings) do export(each[1], each[2]) end
  export("base_url", server.base_url)
  if server.control_url then
    export("control_url", server.control_url)
    export("control_token", server.control_token)
  end
end

local function write_config(path, server, settings)
  local lines = { "# Written by eko emulator: a platform to test against." }
  for _, each in ipairs(settings) do lines[#lines + 1] = each[1] .. " = " .. each[2] end
  lines[#lines + 1] = "base_url = " .. server.base_url
  if server.control_url then
    lines[#lines + 1] = "# control = " .. server.control_url
    lines[#lines + 1] = "# control_token = " .. server.control_token
  end
  return files.write_private(path, table.concat(lines, "\n") .. "\n")
end

--- Says what a client needs, wherever it was asked for.
local function announce(args, server, platform, config)
  local settings = settings_of(server, platform, config)
  if args.write_config then
    local ok, problem = write_config(args.write_config, server, settings)
    if not ok then return nil, problem end
  end
  if args.env then print_exports(server, settings) else print_settings(server, settings) end
  remark(args, "listening", server.base_url)
  return true
end

local function start(args)
  local missing = require("eko.cli.help").missing { "cjson" }
  if missing then return nil, missing end
  for _, name in ipairs { "EKO_DEVELOPER_KEY", "EKO_ACCESS_KEY", "EKO_CONTROL_TOKEN" } do
    local value, problem = env(name)
    if not value and problem then return nil, problem end
  end
  local clock = require("eko.emulator.control").clock()
  local platform, problem, config = make_platform(args, clock)
  if not platform then return nil, problem end
  local made, server = pcall(require("eko.emulator.server").new, {
    platform = platform, host = args.host, port = args.port, tls = args.tls or args.cert ~= nil,
    cert_file = args.cert, key_file = args.key, control = args.control, control_token = env "EKO_CONTROL_TOKEN", clock = clock,
    idle_timeout = args.idle_timeout,
  })
  if not made then return nil, server end
  config.server = server
  local ok
  ok, problem = server:listen()
  if not ok then return nil, problem end
  stop_on_signal(server)
  if not args.show_sms and not args.control then
    io.stderr:write("OTPs are not shown; start with --show-sms to see them.\n")
  end
  ok, problem = announce(args, server, platform, config)
  if not ok then
    server:stop()
    return nil, problem
  end
  return server
end

--- @tparam table args parsed arguments
-- @treturn number exit code
function command.run(args)
  local server, problem = start(args)
  if not server then
    io.stderr:write("eko emulator: ", tostring(problem), "\n")
    return 1
  end
  local monotonic = require("eko.core").text.monotonic
  local ends = args.lifetime and monotonic() + args.lifetime
  server:run(function()
    if ends and monotonic() > ends then server:stop() end
  end)
  return 0
end

return command
