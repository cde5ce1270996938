--- The Lua that runs the specs, so that what they start runs on the same one.
local interpreter = {}

--- Where its core lies below build/.
interpreter.flavour = rawget(_G, "jit") and "luajit" or _VERSION:match "[%d.]+$"

--- Its program.
interpreter.program = rawget(_G, "jit") and "luajit" or "lua" .. interpreter.flavour

return interpreter
