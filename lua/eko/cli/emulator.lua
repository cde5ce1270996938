--- `eko emulator`: the emulated platform as a server to test against.
--
-- Prints what a client needs, one item a line, the line `listening <base URL>` last. Keys come from EKO_DEVELOPER_KEY
-- and EKO_ACCESS_KEY; without them random ones are made up and printed (they open nothing but this emulator).
--
-- @module eko.cli.emulator
local command = {
  summary = "Run a platform of your own to test against",
  description = "Runs a stateful EPS platform on a local port: it checks signatures, sends OTPs, keeps customers, and "
    .. "fails on request.",
  epilog = "Example:\n   eko emulator --port 8080 --show-sms\n\nExit codes: 0 stopped by a signal, 1 could not start, "
    .. "2 wrong arguments.",
}

local function whole_number(text)
  local value = tonumber(text)
  if not value or value % 1 ~= 0 or value < 0 then
    return nil, "'" .. text .. "' is not a whole number"
  end
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
  parser:flag("--control", "Open a second loopback port that steers the platform; its URL is printed.")
  parser:option("--idle-timeout", "Seconds that a kept-alive connection may be silent."):default("60")
    :convert(tonumber):argname "<seconds>"
  parser:option("--lifetime", "Stop by itself after so many seconds."):convert(tonumber):argname "<seconds>"
end

local function say(...)
  io.stdout:write(table.concat({ ... }, " "), "\n")
  io.stdout:flush()
end

local function read_config(path)
  if not path then
    return {}
  end
  local file, problem = io.open(path, "rb")
  if not file then
    return nil, problem
  end
  local text = file:read "*a"
  file:close()
  local config = require("eko.emulator.json").decode(text)
  if type(config) ~= "table" then
    return nil, path .. ": not a JSON object"
  end
  return config
end

local function make_platform(args, clock)
  local config, problem = read_config(args.config)
  if not config then
    return nil, problem
  end
  config.clock = clock.now
  config.developer_key = os.getenv "EKO_DEVELOPER_KEY"
  config.access_key = os.getenv "EKO_ACCESS_KEY"
  if args.show_sms then
    config.on_sms = function(mobile, message) say("sms", mobile, message.purpose, message.otp) end
  end
  local ok, platform = pcall(require("eko.emulator").new, config)
  if not ok then
    return nil, platform
  end
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

local function announce(server, platform, config)
  if not config.developer_key then say("developer_key", platform.developer_key) end
  if not config.access_key then say("access_key", platform.access_key) end
  say("initiator_id", platform.initiator_id)
  say("user_code", platform.user_code)
  if server.ca_file then say("ca_file", server.ca_file) end
  if server.control_url then say("control", server.control_url) end
  say("listening", server.base_url)
end

--- @tparam table args parsed arguments
-- @treturn number exit code
function command.run(args)
  local control = require "eko.emulator.control"
  local clock = control.clock()
  local platform, problem, config = make_platform(args, clock)
  if not platform then
    io.stderr:write("eko emulator: ", tostring(problem), "\n")
    return 1
  end
  local server = require("eko.emulator.server").new {
    platform = platform, host = args.host, port = args.port, tls = args.tls or args.cert ~= nil,
    cert_file = args.cert, key_file = args.key, control = args.control, clock = clock, idle_timeout = args.idle_timeout,
  }
  local ok
  ok, problem = server:listen()
  if not ok then
    io.stderr:write("eko emulator: ", problem, "\n")
    return 1
  end
  stop_on_signal(server)
  if not args.show_sms and not args.control then
    io.stderr:write("OTPs are not shown; start with --show-sms to see them.\n")
  end
  announce(server, platform, config)
  local monotonic = require("eko.core").text.monotonic
  local ends = args.lifetime and monotonic() + args.lifetime
  server:run(function()
    if ends and monotonic() > ends then server:stop() end
  end)
  return 0
end

return command
