--- Files and commands of the shell, for specs and what they start.
local shell = {}

--- A text as one word of a command line.
function shell.quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

--- What a file holds, or nil where there is none.
function shell.content(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read "*a"
  file:close()
  return text
end

--- The same, raising where there is none.
function shell.read_file(path) return shell.content(path) or error("there is no file " .. path, 2) end

--- @tparam string path
-- @tparam string text
-- @tparam[opt] string mode as chmod takes it
function shell.write_file(path, text, mode)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  if mode then os.execute(("chmod %s %s"):format(mode, shell.quote(path))) end
end

--- A new directory, which others may look into.
function shell.directory()
  local path = os.tmpname()
  os.remove(path)
  assert(os.execute("mkdir -p " .. shell.quote(path)))
  return path
end

--- What a command writes to its standard output.
function shell.output_of(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read "*a"
  pipe:close()
  return text
end

--- Runs a command.
-- @treturn number its exit status
-- @treturn string what it wrote, to standard error too
function shell.run(command)
  local text, status = shell.output_of("{ " .. command .. "\n} 2>&1; echo \"status $?\""):match "^(.*)status (%d+)\n$"
  return tonumber(status), text
end

--- Starts a command in the background, without input.
-- @tparam string command
-- @tparam string out the file that gets what it writes, to standard error too
-- @treturn number its process id
function shell.start(command, out)
  return tonumber(shell.output_of(("%s >%s 2>&1 </dev/null & echo $!"):format(command, shell.quote(out))):match "%d+")
end

return shell
