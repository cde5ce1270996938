--- The terminal: whether there is one, colours, and lines that a person types.
--
-- A secret is read without echo. The echo comes back on every way out: after the line, at its end (Ctrl-D), and when a signal ends
-- or stops the program meanwhile (`core.terminal` in `src/cli/terminal.c`).
-- @module eko.cli.terminal
local core = require "eko.core"
local input = require "eko.base.input"
local output = require "eko.cli.output"

local terminal = {}

--- Whether a stream is a terminal.
-- @tparam number fd 0 standard input, 1 output, 2 errors
-- @treturn boolean
terminal.is_terminal = core.terminal.is_terminal

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

local function read_from_terminal(prompt, secret)
  output.flush()
  local line, why = core.terminal.read_line(prompt, secret)
  if why == "failed" then output.fail "a question could not be asked" end
  return line, why
end

--- Reads a line of standard input that a program wrote.
-- @treturn[1] string without what ends it, and without a byte-order mark
-- @treturn[2] nil
-- @treturn[2] string "end" (of input, or of text: what follows cannot be read, which is said on standard error)
function terminal.read_line()
  local bytes, byte = {}, io.read(1) -- (a whole line at once would end at a NUL, in Lua 5.1)
  if not byte then return nil, "end" end
  while byte and byte ~= "\n" do
    bytes[#bytes + 1] = byte
    byte = io.read(1)
  end
  local line, problem = input.text(table.concat(bytes))
  if line then return (line:gsub("\r$", "")) end
  output.flush()
  io.stderr:write("eko: standard input cannot be read: ", problem, "\n")
  return nil, "end"
end

local function read_from_pipe(prompt)
  output.write(prompt)
  output.flush()
  local line, why = terminal.read_line()
  if prompt ~= "" then output.write "\n" end
  return line, why
end

--- Makes a reader of standard input.
-- @treturn function (prompt, secret) -> line; or nil and "end" (of input) or "interrupted" (Ctrl-C, or told to end)
-- @treturn boolean whether a person is at the other end
function terminal.reader()
  local interactive = terminal.is_terminal(0)
  return interactive and read_from_terminal or read_from_pipe, interactive
end

--- What is said when a signal ends the program (Ctrl-C, SIGTERM, SIGHUP), which it does at once.
-- @tparam[opt] string text at most 500 bytes; without it, nothing
function terminal.say_when_ended(text)
  core.terminal.signals(text and text .. "\n" or nil)
end

--- A text in quotes for sh.
-- @tparam string text
-- @treturn string
function terminal.quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

return terminal
