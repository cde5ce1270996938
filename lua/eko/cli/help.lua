--- What all commands say about themselves in the same words: examples, exit codes, what has to be installed.
-- @module eko.cli.help
local help = {}

--- The exit codes. docs/cli.md explains them; 130 is given where Ctrl-C ends a call that is under way.
help.exit = { done = 0, failed = 1, arguments = 2, stopped = 3, configuration = 4, interrupted = 130 }

local MEANINGS = {
  { 0, "done" },
  { 1, "failed: the platform refused, or could not be reached" },
  { 2, "wrong arguments; nothing was sent" },
  { 3, "stopped before the end of a journey" },
  { 4, "the configuration is missing, refused or unreadable" },
  { 130, "interrupted (Ctrl-C)" },
}

--- The end of a command's help.
-- @tparam {string,...} examples command lines
-- @tparam {number,...} codes the exit codes that the command has
-- @tparam[opt] {[number]=string,...} own what a code means for this command, where that is something else
-- @treturn string
function help.epilog(examples, codes, own)
  local lines = { #examples == 1 and "Example:" or "Examples:" }
  for _, example in ipairs(examples) do lines[#lines + 1] = "   " .. example end
  lines[#lines + 1] = ""
  lines[#lines + 1] = "Exit codes:"
  local wanted = {}
  for _, code in ipairs(codes) do wanted[code] = true end
  for _, meaning in ipairs(MEANINGS) do
    local code = meaning[1]
    if wanted[code] then lines[#lines + 1] = ("   %-3d  %s"):format(code, own and own[code] or meaning[2]) end
  end
  return table.concat(lines, "\n")
end

--- The wallets in a sentence, such as "customer, levin or fino".
-- @treturn string
function help.wallets()
  return (table.concat(require("eko.wallets").names, ", "):gsub(", ([^,]+)$", " or %1"))
end

local HOW = {
  ["eko.core"] = "run `make` in the checkout, or see the README, Install",
  argparse = "luarocks install argparse, or apt-get install lua-argparse",
  cjson = "luarocks install lua-cjson, or apt-get install lua-cjson",
}

--- Which modules are missing, and how each is installed.
-- @tparam {string,...} modules
-- @treturn string|nil nil when all of them are there
function help.missing(modules)
  local parts = {}
  for _, name in ipairs(modules) do
    if not pcall(require, name) then parts[#parts + 1] = ("%s is missing: %s"):format(name, HOW[name]) end
  end
  return parts[1] and table.concat(parts, "; ")
end

return help
