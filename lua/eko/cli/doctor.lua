--- `eko doctor`: why does it not work? Each part of the way to the platform, checked by itself.
-- @module eko.cli.doctor
local config = require "eko.cli.config"
local help = require "eko.cli.help"
local units = require "eko.base.units"

local command = {
  summary = "Check configuration, network, clock, keys",
  description = "Checks the configuration, the signature, the connection (TLS), the clock and the credentials, and says of "
    .. "whatever fails what to do. Sends one unsigned and one signed GET that change nothing and send no SMS.",
  epilog = help.epilog({ "eko doctor", "eko doctor --emulator --json" }, { 0, 1, 2, 4 }, {
    [0] = "all checks passed", [1] = "a check failed", [4] = "the configuration is missing, refused or unreadable",
  }),
}

--- @tparam table parser an argparse command
function command.configure(parser)
  config.options(parser)
  parser:flag("--json", "Write one JSON object a line for each check.")
end

local function new_report(as_json)
  local output = require "eko.cli.output"
  local paint = require("eko.cli.terminal").painter(1)
  local report = { failed = 0 }
  function report.add(name, ok, text, advice)
    if not ok then report.failed = report.failed + 1 end
    if as_json then
      output.json { check = name, ok = ok, text = text, advice = advice }
    else
      output.write(paint(ok and "green" or "red", ok and "ok    " or "failed"), "  ", name, (" "):rep(13 - #name), "  ", text,
        advice and ": " .. advice or "", "\n")
    end
  end
  return report
end

local function check_configuration(report, settings)
  local parts = {}
  for _, name in ipairs(config.names) do
    local setting = settings[name]
    if setting then
      local value = config.secret[name] and "set" or tostring(require("eko.base.redact").mask(name, setting.value))
      local taken = setting.taken and setting.taken[1] and (" (without %s)"):format(table.concat(setting.taken, ", ")) or ""
      parts[#parts + 1] = ("%s %s from %s%s"):format(name, value, setting.from, taken)
    end
  end
  if not settings.environment and not settings.base_url then parts[#parts + 1] = "environment sandbox by default" end
  report.add("configuration", true, table.concat(parts, ", "))
end

-- Vectors that were computed with other implementations of the same formula.
local VECTORS = {
  { "test-access-key-123", "1700000000000", "88lqTf9ew69XbVbeczjxVL8/B4vibfp1MvTi1mIj2Xo=" },
  { "TEST_ACCESS_KEY_DO_NOT_USE", "1700000000000", "u30ak/iOGwKCaspqCeiYng8fd98QDx7kF3DBBOadQHk=" },
}

local function check_signature(report)
  local sign = require("eko").sign
  for _, vector in ipairs(VECTORS) do
    if sign(vector[1], vector[2]) ~= vector[3] then
      return report.add("signature", false, "a known signature came out different", "this build is broken: run make clean, make, make test")
    end
  end
  report.add("signature", true, ("%d known signatures came out right"):format(#VECTORS))
end

local NETWORK_ADVICE = {
  tls_verification_failed = "the certificate is not one that this machine trusts: a proxy may be in between, or ca_file is missing "
    .. "(set EKO_CA_FILE) or wrong",
  ca_file_unreadable = "EKO_CA_FILE must name a readable PEM file",
  timeout = "nothing answered in time: check base_url, firewall and proxy",
}

-- A request that is not signed, over what a client would use.
local function get(url, client_options)
  local headers, deadline = { accept = "application/json" }, require("eko.core").text.monotonic() + (client_options.timeout or 30)
  if client_options.transport then
    return client_options.transport { method = "GET", url = url, headers = headers, deadline = deadline }
  end
  local exchange = require("eko.wire.exchange").new { ca_file = client_options.ca_file, proxy = client_options.proxy }
  local bytes, target = exchange:head("GET", url, headers)
  if not bytes then return nil, target end
  return exchange:perform(target, bytes, deadline, {})
end

local function check_connection(report, client_options)
  local base_url = require("eko.settings").check(client_options, 2).base_url
  local response, err = get(base_url .. "/", client_options)
  local host = base_url:match "^[A-Za-z]+://([^/]+)"
  if not response then
    if type(err) ~= "table" then err = { name = "transport_failed", message = tostring(err) } end
    report.add("connection", false, ("%s: %s (%s)"):format(host, err.name, tostring(err.message)),
      NETWORK_ADVICE[err.name] or "check base_url, the name server, firewall and proxy")
    return nil
  end
  local how = client_options.transport and "the emulator in this process"
    or base_url:find "^https" and host .. " answered, TLS chain verified" or host .. " answered (loopback, no TLS)"
  report.add("connection", true, how)
  return response
end

local MOST_SKEW = 120

local function check_clock(report, response)
  local date = require("eko.base.http_date").parse(response.headers["date"])
  if not date then return report.add("clock", true, "the server does not say what time it is; not checked") end
  -- The server's Date is cut to a second, so a difference of one says nothing.
  local skew = math.floor(require("eko.core").text.now_ms() / units.MS_PER_SECOND) - date
  local text = math.abs(skew) <= 1 and "the same as the server's"
    or ("%d s %s the server's"):format(math.abs(skew), skew > 0 and "ahead of" or "behind")
  if math.abs(skew) < MOST_SKEW then return report.add("clock", true, text) end
  report.add("clock", false, text, "set this machine's clock (NTP): a signature is good for two minutes either way")
end

local REFUSED = " (HTTP %d)"

-- A transaction that does not exist is asked for: whoever is told so was let in.
local function check_credentials(report, client)
  local reference = "doctor" .. require("eko.core").text.ref_id():sub(1, 12)
  local answer, err = client:call("transaction-inquiry", { ["transaction-reference"] = "client_ref_id:" .. reference })
  if answer or (err.kind == "api" and err.name == "transaction_not_found") then
    return report.add("credentials", true, "a signed call was let in")
  end
  local status = err.http_status and REFUSED:format(err.http_status) or ""
  local advice = err.message
  if err.kind == "invalid_request" then advice = "set EKO_INITIATOR_ID (and EKO_USER_CODE): " .. advice end
  report.add("credentials", false, err.name .. status, advice)
end

--- @tparam table args parsed arguments
-- @treturn number exit code
function command.run(args)
  local report = new_report(args.json)
  local client, context = config.client(args)
  if not client then
    report.add("configuration", false, "no client can be made", context)
    check_signature(report)
    return help.exit.configuration
  end
  check_configuration(report, context.settings)
  check_signature(report)
  local response = check_connection(report, context.options)
  if response then
    check_clock(report, response)
    check_credentials(report, client)
  end
  return report.failed == 0 and help.exit.done or help.exit.failed
end

return command
