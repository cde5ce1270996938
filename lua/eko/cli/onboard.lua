--- `eko onboard`: a customer's journey, at a prompt or driven by another program.
-- @module eko.cli.onboard
local config = require "eko.cli.config"
local help = require "eko.cli.help"
local units = require "eko.base.units"

local command = {
  summary = "Onboard a customer",
  description = "Takes a customer through a wallet's onboarding, asking for whatever a person must give: one question a line, "
    .. "answers from the terminal or from standard input. A question may be answered with \"resend\" where an OTP is waited "
    .. "for. Ctrl-C or Ctrl-D stops; with --suspend the journey can be taken up again.",
  epilog = help.epilog({
    "eko onboard levin 9444444444 --emulator",
    "eko onboard digikhata 9444444444 --suspend journey.token",
    "eko onboard --resume journey.token",
  }, { 0, 1, 2, 3, 4, 130 }),
}

--- @tparam table parser an argparse command
function command.configure(parser)
  parser:argument("wallet", help.wallets() .. "."):args "?"
  parser:argument("mobile", "The customer's mobile number."):args "?"
  parser:option("--suspend", "Keep the journey in this file, sealed, after each step (key: EKO_TOKEN_KEY, else one that is "
    .. "made up and kept beside the configuration)."):argname "<file>"
  parser:option("--resume", "Go on with the journey in this file."):argname "<file>"
  parser:option("--ttl", "Seconds that a journey which was put away stays good."):argname "<seconds>":convert(config.number)
    :default(tostring(units.DAY))
  parser:flag("--json", "For programs: one JSON object a line for each step; answers as JSON objects or name=value lines.")
  config.options(parser)
end

local function check_customer(args)
  local wallets = require("eko.journey").wallets
  for _, name in ipairs(wallets) do
    if name == args.wallet then
      local customer_id, expected = require("eko.journey.inputs").customer(args.mobile)
      return not customer_id and "the customer is named by " .. expected or nil
    end
  end
  local near = require("eko.base.suggest").nearest(args.wallet, wallets)
  return ("there is no wallet %q%s; there are %s"):format(args.wallet, near and (", did you mean %q?"):format(near) or "",
    table.concat(wallets, ", "))
end

local function check(args)
  if args.emulator and (args.suspend or args.resume) then
    return "--emulator lives no longer than this command, so its journeys cannot be resumed: start `eko emulator` and set "
      .. "EKO_BASE_URL"
  elseif args.resume and args.wallet then
    return "with --resume, wallet and mobile are in the file; leave them out"
  elseif not args.resume and not args.mobile then
    return ("give a wallet (%s) and a mobile number, or --resume"):format(help.wallets())
  elseif not (args.ttl > 0 and args.ttl <= units.YEAR) then
    return "--ttl is a number of seconds, at most a year"
  end
  return not args.resume and check_customer(args) or nil
end

-- Where the journey is kept between steps; without --suspend or --resume, nowhere.
local function new_store(args)
  local path = args.suspend or args.resume
  if not path then return { save = function() return true end, remove = function() end } end
  local keys, problem = config.token_keys(args.resume ~= nil)
  if not keys then return nil, problem end
  local files = require "eko.cli.files"
  local store = { path = path, keys = keys }
  function store.save(flow, under_way)
    local token, err = flow:suspend(keys, { ttl = args.ttl, under_way = under_way })
    if not token then return nil, err end
    return files.write_private(path, token)
  end
  function store.remove() os.remove(path) end
  return store
end

local function new_flow(args, client, store)
  if not args.resume then return client:onboarding(args.wallet, { customer_id = args.mobile }) end
  local token, problem = require("eko.cli.files").read(args.resume)
  if not token then return nil, problem, help.exit.arguments end
  local flow, err = client:resume(token, store.keys)
  if flow then return flow end
  return nil, err, help.exit.failed
end

local function prepare(args, talk)
  local problem = check(args)
  if problem then return nil, problem, help.exit.arguments end
  local store, client, context
  store, problem = new_store(args)
  if not store then return nil, problem, help.exit.configuration end
  client, context = config.client(args, { on_sms = talk.sms })
  if not client then return nil, context, help.exit.configuration end
  local flow, flow_problem, code = new_flow(args, client, store)
  if not flow then return nil, flow_problem, code end
  talk.emulator = context.platform
  return { flow = flow, store = store }
end

local function keep(store, flow, under_way)
  local saved, problem = store.save(flow, under_way)
  if not saved then require("eko.cli.output").problem("onboard", problem) end
  return saved
end

local function say_how_to_go_on(store)
  local terminal = require "eko.cli.terminal"
  local how = store.path and "; go on with: eko onboard --resume " .. terminal.quote(store.path)
    or "; nothing was kept (--suspend FILE keeps the journey)"
  terminal.say_when_ended("eko onboard: interrupted" .. (#how < 400 and how or ""))
end

-- What is to be done after a step or an error: a function that does it, or nil and the exit code.
local function next_move(journey, talk, step, err)
  local flow = journey.flow
  local inputs, wish
  if step then inputs, wish = talk.step(step) else inputs, wish = talk.failed(err, flow:step()) end
  if wish == "resend" then return function() return flow:resend() end end
  if inputs then return function() return flow:advance(inputs) end end
  if flow:ended() then -- nothing goes on from there, so nothing is kept
    journey.store.remove()
    return nil, help.exit.failed
  end
  talk.stopped(flow:step(), journey.store.path)
  return nil, step and help.exit.stopped or help.exit.failed
end

-- The token is written before every call and after every step, so that whatever happens to this process the journey is not lost.
-- The one before says that a call was under way: whoever goes on with it asks the platform first.
local function walk(journey, talk)
  local flow, store = journey.flow, journey.store
  say_how_to_go_on(store)
  if not keep(store, flow) then return help.exit.failed end
  local step, err = flow:advance()
  while not (step and step.done) do
    if not keep(store, flow) then return help.exit.failed end
    local move, code = next_move(journey, talk, step, err)
    if not move then return code end
    if not keep(store, flow, true) then return help.exit.failed end
    step, err = move()
  end
  store.remove()
  talk.done(step)
  return help.exit.done
end

--- @tparam table args parsed arguments
-- @treturn number exit code
function command.run(args)
  local output = require "eko.cli.output"
  local talk = require(args.json and "eko.cli.program" or "eko.cli.conversation").new()
  local journey, problem, code = prepare(args, talk)
  if journey then return walk(journey, talk) end
  if args.json and type(problem) == "table" then output.json { event = "error", error = output.error_table(problem) } end
  output.problem("onboard", problem)
  return code
end

return command
