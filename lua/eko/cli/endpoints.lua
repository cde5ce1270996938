--- `eko endpoints`: what can be called.
-- @module eko.cli.endpoints
local ascii = require "eko.base.ascii"
local help = require "eko.cli.help"

local command = {
  summary = "List the endpoints",
  description = "Lists the endpoints of the catalogue: name, method, path, purpose.",
  epilog = help.epilog({ "eko endpoints levin", "eko endpoints --json" }, { 0, 1, 2 }, { [1] = "no endpoint fits the pattern" }),
}

--- @tparam table parser an argparse command
function command.configure(parser)
  parser:argument("pattern", "Only those with this text in name, path or purpose (upper or lower case)."):args "?"
  parser:flag("--json", "Write one JSON object a line.")
end

--- @tparam table args parsed arguments
-- @treturn number exit code
function command.run(args)
  local output = require "eko.cli.output"
  local wanted = args.pattern and ascii.lower(args.pattern)
  local rows = {}
  for _, endpoint in ipairs((require("eko.wallets.catalogue").list())) do
    local text = ascii.lower(endpoint.slug .. "\n" .. endpoint.path .. "\n" .. endpoint.about)
    if not wanted or text:find(wanted, 1, true) then
      rows[#rows + 1] = { endpoint.slug, endpoint.method, endpoint.path, endpoint.about }
    end
  end
  if #rows == 0 then
    output.problem("endpoints", ("no endpoint has %q in it; `eko endpoints` lists all"):format(args.pattern))
    return help.exit.failed
  end
  if args.json then
    for _, row in ipairs(rows) do output.json { slug = row[1], method = row[2], path = row[3], about = row[4] } end
  else
    output.columns(rows, "")
  end
  return help.exit.done
end

return command
