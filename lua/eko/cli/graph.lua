--- `eko graph`: a picture of a journey, drawn from the very data that drives it.
-- @module eko.cli.graph
local help = require "eko.cli.help"

local command = {
  summary = "Draw a journey",
  description = "Draws the states of a wallet's onboarding as SVG (needs Graphviz), Graphviz text or Mermaid text.",
  epilog = help.epilog({ "eko graph levin --output levin.svg", "eko graph fino --format mermaid" }, { 0, 1, 2 },
    { [1] = "failed: Graphviz is not installed, or the file cannot be written" }),
}

--- @tparam table parser an argparse command
function command.configure(parser)
  parser:argument("wallet", help.wallets() .. "."):choices(require("eko.wallets").names)
  parser:option("--format", "svg (the default), dot or mermaid."):choices { "svg", "dot", "mermaid" }:default "svg"
  parser:option("--output", "Write into this file instead of standard output."):argname "<file>"
end

local function write(path, text)
  if not path then
    require("eko.cli.output").write(text)
    return true
  end
  local file, problem = io.open(path, "wb")
  if not file then return nil, problem end
  local ok
  ok, problem = file:write(text)
  local closed, problem_of_end = file:close() -- when the last bytes leave
  return ok and closed, problem or problem_of_end
end

--- @tparam table args parsed arguments
-- @treturn number exit code
function command.run(args)
  local graph = require "eko.journey.graph"
  local text, problem = graph[args.format](require("eko.journey").definition(args.wallet))
  local ok
  if text then ok, problem = write(args.output, text) end
  if ok then return help.exit.done end
  require("eko.cli.output").problem("graph", problem)
  return help.exit.failed
end

return command
