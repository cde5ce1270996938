--- Talks to a program as a person at a terminal does (through `script` of util-linux, a pseudo-terminal), or through pipes.
--
--     local session = pty.start { command = "bin/eko onboard levin 9444444444 --emulator", terminal = true }
--     session:expect "Name"
--     session:send "Asha Rao\n"
--     local code, output = session:finish()
local shell = require "spec.support.shell"
local socket = require "socket"

local pty = {}

local quote = shell.quote
local function read_file(path) return shell.content(path) or "" end

local session = {}
session.__index = session

--- What was written so far (on a terminal: output and errors, with \n for \r\n).
function session:output() return (read_file(self.base .. ".out"):gsub("\r\n", "\n")) end

--- What was written to standard error; a terminal shows it with the output.
function session:errors() return read_file(self.base .. ".err") end

local PATIENCE = 15

--- Waits until a text has been written after the one that was waited for last.
-- @return the text from there on
function session:expect(text)
  local deadline = socket.gettime() + PATIENCE
  while true do
    local out = self:output()
    local first, last = out:find(text, self.seen, true)
    if first then
      local between = out:sub(self.seen, last)
      self.seen = last + 1
      return between
    end
    if socket.gettime() > deadline or self:code() then
      out = self:output()
      if out:find(text, self.seen, true) then return self:expect(text) end
      error(("%q did not come after:\n%s\n%s"):format(text, out:sub(self.seen), self:errors()), 2)
    end
    socket.sleep(0.01)
  end
end

--- Types something.
function session:send(text)
  self.input:write(text)
  self.input:flush()
end

--- The exit code, or nil while the program runs.
function session:code() return tonumber(read_file(self.base .. ".rc"):match "^(%d+)\n") end

--- Ends the input and waits for the program's end.
-- @return exit code, output, errors
function session:finish()
  if self.input then
    self.input:close()
    self.input = nil
  end
  local deadline = socket.gettime() + PATIENCE
  while not self:code() do
    if socket.gettime() > deadline then
      os.execute("kill -KILL -" .. self.group .. " 2>/dev/null")
      error("the program does not end:\n" .. self:output() .. self:errors(), 2)
    end
    socket.sleep(0.01)
  end
  local code, output, errors = self:code(), self:output(), self:errors()
  os.execute("rm -f " .. self.base .. ".*")
  os.remove(self.base)
  return code, output, errors
end

--- Starts a program.
-- @tparam table options `command` (for sh), `terminal` (true: in a pseudo-terminal), `env` (name -> value)
-- @treturn table session
function pty.start(options)
  local base = os.tmpname()
  assert(os.execute("mkfifo -m 600 " .. base .. ".in"))
  local lines = { "echo $$ > " .. base .. ".pid" }
  for name, value in pairs(options.env or {}) do lines[#lines + 1] = ("export %s=%s"):format(name, quote(value)) end
  if options.terminal then
    lines[#lines + 1] = ("script -q -e -E always -c %s /dev/null"):format(quote(options.command))
  else
    lines[#lines + 1] = "{ " .. options.command .. "\n} 2>" .. base .. ".err"
  end
  shell.write_file(base .. ".sh", table.concat(lines, "\n") .. "\n")
  os.execute(("(setsid sh %s.sh <%s.in >%s.out 2>%s.all; echo $? >%s.rc) </dev/null >/dev/null 2>&1 &"):format(base, base, base,
    base, base))
  local made = setmetatable({ base = base, seen = 1 }, session)
  made.input = assert(io.open(base .. ".in", "wb"))
  local deadline = socket.gettime() + PATIENCE
  repeat
    made.group = read_file(base .. ".pid"):match "%d+"
    if not made.group then socket.sleep(0.005) end
  until made.group or socket.gettime() > deadline
  return made
end

return pty
