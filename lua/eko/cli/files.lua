--- Files that hold what nobody else may read.
-- @module eko.cli.files
local input = require "eko.base.input"
local quote = require("eko.cli.terminal").quote

local files = {}

local function output_of(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read "*a"
  pipe:close()
  return text
end

--- Whether a file is there and can be opened.
-- @tparam string path
-- @treturn boolean
function files.exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

--- Reads a file of text.
-- @tparam string path
-- @treturn[1] string without a byte-order mark
-- @treturn[2] nil
-- @treturn[2] string why not
function files.read(path)
  local file, problem = io.open(path, "rb")
  if not file then return nil, problem end
  local text
  text, problem = file:read "*a"
  file:close()
  if text then text, problem = input.text(text) end
  return text, text == nil and path .. ": " .. tostring(problem) or nil
end

--- Reads a file that only its owner may read: mode 600 or 400, no access list.
-- @tparam string path
-- @treturn[1] string
-- @treturn[2] nil
-- @treturn[2] string why not, and what to do
function files.read_private(path)
  local text, problem = files.read(path)
  if not text then return nil, problem end
  local mode, owner = output_of("ls -ldnL -- " .. quote(path) .. " 2>/dev/null"):match "^([^ ]+) +%d+ +(%d+)"
  -- A trailing + says that an access list names others; a trailing . (SELinux) says nothing of the kind.
  if not mode or not mode:find "^%-r[w-]%-%-%-%-%-%-%-%.?$" then
    return nil, ("%s can be read by others; run: chmod 600 %s"):format(path, quote(path))
  end
  local own = output_of "id -u":match "%d+"
  if owner ~= own and own ~= "0" then return nil, path .. " belongs to another user; keep one of your own" end
  return text
end

--- Writes a file with mode 600, whole or not at all: it never holds half of the new text. What stands there and is no file (a
-- device, a pipe, a directory) stays what it is.
-- @tparam string path
-- @tparam string text
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] string why not
function files.write_private(path, text)
  local fresh = path .. ".new"
  local quoted = quote(path)
  local may_replace = os.execute(("[ -f %s ] || [ ! -e %s ]"):format(quoted, quoted))
  if may_replace ~= true and may_replace ~= 0 then return nil, ("cannot write %s: it is no file"):format(path) end
  os.remove(fresh)
  -- Made empty, with its mode and by nobody before us (set -C), before anything is written into it.
  local status = os.execute(("(umask 077; set -C; : > %s) 2>/dev/null"):format(quote(fresh)))
  if status ~= true and status ~= 0 then return nil, "cannot write " .. fresh end
  local file, problem = io.open(fresh, "wb")
  if not file then return nil, problem end
  local ok
  ok, problem = file:write(text)
  if ok then ok, problem = file:close() else file:close() end
  if ok then ok, problem = os.rename(fresh, path) end
  if not ok then
    os.remove(fresh)
    return nil, problem
  end
  return true
end

--- Makes a directory that only its owner may enter.
-- @tparam string path
function files.make_directory(path)
  os.execute(("(umask 077; mkdir -p %s) 2>/dev/null"):format(quote(path)))
end

return files
