--- The terminal: whether there is one, colours, and lines that a person types.
--
-- A secret is read without echo. The echo comes back on every way out: after the line, at its end (Ctrl-D), and when a signal
-- arrives meanwhile, because the signals that would end the program are waited for along with the line.
-- @module eko.cli.terminal
local terminal = {}

local function succeeds(command)
  local status = os.execute(command)
  return status == true or status == 0
end

--- Whether a stream is a terminal.
-- @tparam number fd 0 standard input, 1 output, 2 errors
-- @treturn boolean
function terminal.is_terminal(fd)
  return succeeds(("test -t %d"):format(fd))
end

local CODES = { bold = "1", dim = "2", red = "31", green = "32", yellow = "33", cyan = "36" }

--- A function that colours text: only on a terminal, and never when NO_COLOR is set (https://no-color.org).
-- @tparam number fd the stream that the text goes to
-- @treturn function (style, text) -> text
function terminal.painter(fd)
  local no_color = os.getenv "NO_COLOR"
  local plain = (no_color ~= nil and no_color ~= "") or os.getenv "TERM" == "dumb" or not terminal.is_terminal(fd)
  return function(style, text)
    if plain then return text end
    return ("\27[%sm%s\27[0m"):format(CODES[style], text)
  end
end

local function saved_modes()
  local pipe = io.popen "stty -g 2>/dev/null"
  local modes = pipe and pipe:read "*l"
  if pipe then pipe:close() end
  return modes and modes:find "^[%x:]+$" and modes or nil
end

-- The signals that would end the program.
local function with_signals(signal, name)
  return signal[name](signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
end

-- Waits for a line or for a signal, whichever comes first.
local function await_line(signal)
  local cqueues = require "cqueues"
  local listener = with_signals(signal, "listen")
  local line, interrupted
  local loop = cqueues.new()
  loop:wrap(function()
    local ready = cqueues.poll({ pollfd = 0, events = "r" }, listener)
    if ready == listener then
      listener:wait()
      interrupted = true
    else
      line = io.read "*l"
    end
  end)
  local ok, problem = loop:loop()
  if not ok then error(problem, 0) end
  return line, interrupted
end

-- Echo is off before the prompt is seen: what is typed at once must not appear either.
local function read_from_terminal(prompt, secret)
  local signal = require "cqueues.signal"
  with_signals(signal, "block")
  local modes = secret and saved_modes()
  if secret then os.execute "stty -echo" end
  io.write(prompt)
  io.flush()
  local ok, line, interrupted = pcall(await_line, signal)
  if secret then
    os.execute(modes and "stty " .. modes or "stty echo")
    io.write "\n"
  elseif line == nil then
    io.write "\n"
  end
  with_signals(signal, "unblock")
  if not ok then error(line, 0) end
  if interrupted then return nil, "interrupted" end
  return line, line == nil and "end" or nil
end

--- Makes a reader of standard input.
-- @treturn function (prompt, secret) -> line; or nil and "end" (of input) or "interrupted" (Ctrl-C, or told to end)
function terminal.reader()
  local interactive = terminal.is_terminal(0)
  return function(prompt, secret)
    if interactive then return read_from_terminal(prompt, secret) end
    io.write(prompt)
    io.flush()
    local line = io.read "*l"
    if prompt ~= "" then io.write "\n" end
    return line and line:gsub("\r$", ""), line == nil and "end" or nil
  end, interactive
end

--- A text in quotes for sh.
-- @tparam string text
-- @treturn string
function terminal.quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

return terminal
