--- Runs `eko` on the Lua that runs the specs, with a home of its own and no credentials but those given.
local interpreter = require "spec.support.interpreter"
local shell = require "spec.support.shell"

local command = {}

local quote = shell.quote

command.interpreter = interpreter.program

--- The other Lua, with which a journey goes on that this one began. Under the sanitizers there is but one.
command.other = os.getenv "EKO_SANITIZED" and command.interpreter or (rawget(_G, "jit") and "lua5.4" or "luajit")

--- Where its core lies.
command.other_cpath = ("./build/%s/?.so;;"):format(command.other == "luajit" and "luajit" or "5.4")

local VARIABLES = { "DEVELOPER_KEY", "ACCESS_KEY", "INITIATOR_ID", "USER_CODE", "ENVIRONMENT", "BASE_URL", "CA_FILE", "PROXY",
  "CONFIG", "TOKEN_KEY" }

--- The beginning of a command line: `env` without what the caller's shell has set.
function command.environment(home, env)
  local parts = { "env" }
  for _, name in ipairs(VARIABLES) do parts[#parts + 1] = "-u EKO_" .. name end
  parts[#parts + 1] = "-u XDG_CONFIG_HOME -u NO_COLOR HOME=" .. quote(home)
  for name, value in pairs(env or {}) do parts[#parts + 1] = name .. "=" .. quote(value) end
  return table.concat(parts, " ")
end

--- A runner whose outputs are all remembered, so that they can be searched for what must not be in them.
-- @tparam string home a directory
-- @treturn function (arguments, options) -> exit code, output, errors; options: `env`, `input`, `program`,
-- `directory`
-- @treturn table every output so far
function command.runner(home)
  local seen = {}
  return function(arguments, options)
    options = options or {}
    local base = home .. "/run"
    shell.write_file(base .. ".in", options.input or "")
    local directory = options.directory and "cd " .. options.directory .. " && " or ""
    os.execute(("%s%s %s %s <%s.in >%s.out 2>%s.err; echo $? >%s.rc"):format(directory, command.environment(home, options.env),
      options.program or command.interpreter .. " bin/eko", arguments, base, base, base, base))
    local out, err = shell.read_file(base .. ".out"), shell.read_file(base .. ".err")
    seen[#seen + 1] = out .. err
    return tonumber(shell.read_file(base .. ".rc"):match "%d+"), out, err
  end, seen
end

return command
