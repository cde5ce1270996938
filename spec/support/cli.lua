--- What the specs of the commands share: a home of their own, keys that must not show anywhere, a platform to talk to.
--
--     local cli = require("spec.support.cli").new()
--     setup(cli.start) -- where a command calls a platform
--     teardown(cli.stop)
--     local code, out, err = cli.eko("call dmt-get-sender customer_id=9444444441", { env = cli.live() })

local assert = require "luassert"
local cjson = require("cjson").new()
local command = require "spec.support.command"
local emulator_server = require "spec.support.emulator_server"
local shell = require "spec.support.shell"

local cli = {}

cli.ACCESS_KEY, cli.DEVELOPER_KEY = "canary-access-key-5551", "canary-developer-key-5552"
cli.TOKEN_KEY = "canary-token-key-5553-0123456789abcdef"
cli.AADHAAR, cli.PAN = "299955540005", "CNRPA5555Z"
--- Name, birth and address, as they are typed.
cli.PERSON = "Asha Rao\n1990-01-31\n12 MG Road, Pune, Maharashtra, 411001\n"

--- The JSON objects of an output, one a line.
function cli.lines_of(text)
  local list = {}
  for line in text:gmatch "[^\n]+" do list[#list + 1] = cjson.decode(line) end
  return list
end

function cli.has(text, part)
  assert(text:find(part, 1, true), ("%q is not in:\n%s"):format(part, text))
end

function cli.lacks(text, part)
  assert(not text:find(part, 1, true), ("%q is in:\n%s"):format(part, text))
end

--- One line of error that says what to do.
function cli.complains(err, part)
  local _, count = err:gsub("\n", "")
  assert.equal(1, count, err)
  cli.has(err, part)
end

--- Starts a platform that knows the keys, in a process of its own.
-- @tparam[opt] string args of `eko emulator`
function cli.platform(args)
  return emulator_server.start { args = args, developer_key = cli.DEVELOPER_KEY, access_key = cli.ACCESS_KEY }
end

--- @treturn table all of the above and `home`, a directory; `eko`, a runner (see `command.runner`); `outputs`, of every command;
-- `canaries`, what must not be in them; `start()`, `server`; `live(more)` -> the environment for it; `stop()`; `hold_no_secret(least)`
function cli.new()
  local home = shell.directory()
  local eko, outputs = command.runner(home)
  local all = {
    home = home, eko = eko, outputs = outputs,
    canaries = { cli.ACCESS_KEY, cli.DEVELOPER_KEY, cli.TOKEN_KEY, cli.AADHAAR, cli.PAN },
  }
  function all.start() all.server = cli.platform() end
  function all.stop()
    if all.server then all.server.stop() end
    os.execute("rm -rf " .. shell.quote(home))
  end
  function all.live(more)
    local env = {
      EKO_DEVELOPER_KEY = cli.DEVELOPER_KEY, EKO_ACCESS_KEY = cli.ACCESS_KEY, EKO_INITIATOR_ID = "9962981729", EKO_USER_CODE = "20810200",
      EKO_BASE_URL = all.server and all.server.base_url, EKO_TOKEN_KEY = cli.TOKEN_KEY,
    }
    for name, value in pairs(more or {}) do env[name] = value or nil end
    return env
  end
  --- Asserts that the commands, of which so many at least were run, wrote nothing secret.
  function all.hold_no_secret(least)
    assert.is_true(#outputs >= least, #outputs .. " commands were run, not " .. least)
    for _, output in ipairs(outputs) do
      for _, canary in ipairs(all.canaries) do cli.lacks(output, canary) end
    end
  end
  return setmetatable(all, { __index = cli })
end

return cli
