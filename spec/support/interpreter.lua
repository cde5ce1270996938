--- The Lua that runs the specs, so that what they start runs on the same one.
local interpreter = {}

--- Where its core lies below build/.
interpreter.flavour = rawget(_G, "jit") and "luajit" or _VERSION:match "[%d.]+$"

--- Its program.
interpreter.program = rawget(_G, "jit") and "luajit" or "lua" .. interpreter.flavour

--- Whether an error that misuse raises always begins with the caller's line: Lua 5.1 counts a tail call as a level of its own, and
-- what stands at that level has no line.
interpreter.names_callers_line = interpreter.flavour ~= "5.1"

return interpreter
