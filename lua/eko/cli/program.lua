--- `eko onboard --json`: the journey for a program. One JSON object a line on standard output, each with `event`: `step`, `sms`
-- (emulator only), `error`, `done`, `stopped`. Answers come on standard input, a line at a time: a JSON object of inputs
-- (`{"otp":"123456"}`), or `name=value`, or `resend`. Once every need of the step is there, the journey goes on; what a later step
-- needs may be given before it is asked for.
-- @module eko.cli.program
local answers = require "eko.cli.answers"
local ascii = require "eko.base.ascii"
local input = require "eko.base.input"
local json = require "eko.base.json"
local journey = require "eko.journey"
local output = require "eko.cli.output"
local suggest = require "eko.base.suggest"
local terminal = require "eko.cli.terminal"

local program = {}

-- Everything that some state of some journey needs.
local function all_needs()
  local known, list = {}, {}
  for _, wallet in ipairs(journey.wallets) do
    for _, state in pairs(journey.definition(wallet).states) do
      for _, need in ipairs(state.needs or {}) do
        if not known[need] then
          known[need] = true
          list[#list + 1] = need
        end
      end
    end
  end
  table.sort(list, ascii.less)
  return known, list
end

local function say_wrong(name, message, invalid)
  output.json { event = "error", error = { kind = "invalid_request", name = name, message = message, invalid_params = invalid } }
end

local function parse_line(line)
  line = input.trim(line)
  if line:find "^{" then
    local value, problem = json.decode(line)
    if type(value) ~= "table" then return nil, "not JSON: " .. tostring(problem) end
    return value
  end
  if line == "resend" then return { resend = true } end
  local name, value = line:match "^([A-Za-z0-9_]+)=(.*)$"
  if not name then return nil, 'expected a JSON object such as {"otp":"123456"}, or name=value, or resend' end
  return { [name] = value }
end

-- A text may be written as a person would write it; anything else is taken as it is, and checked when it is used.
local function take(self, name, value)
  if not self.known[name] then
    local near = suggest.nearest(name, self.names)
    -- What was written is not repeated: a value may stand where a name belongs.
    say_wrong("unknown_input", "there is no such input" .. (near and ", did you mean " .. near .. "?"
      or "; there are " .. table.concat(self.names, ", ")))
  elseif value ~= json.null then
    self.pending[name] = value
  end
end

local function use(self, step)
  local inputs, invalid = {}, nil
  for _, need in ipairs(step.needs) do
    local value, expected = self.pending[need], nil
    if value == nil then return nil end
    if type(value) == "string" and not (need == "piddata" and value:find "^[ \t\r\n\v\f]*<") then
      value, expected = answers.read(step, need, value)
    end
    if value == nil then
      invalid = invalid or {}
      invalid[need] = expected
      self.pending[need] = nil
    end
    inputs[need] = value
  end
  if invalid then
    say_wrong("invalid_input", "an input is not what the step needs: see invalid_params", invalid)
    return nil
  end
  for need in pairs(inputs) do self.pending[need] = nil end
  return inputs
end

local function shown_step(step)
  return {
    event = "step", wallet = step.wallet, state = step.state, needs = step.needs, prompt = step.prompt, choices = step.choices,
    consent = step.consent, otp = step.otp, can_resend = step.can_resend, wrong = step.wrong, attempts_left = step.attempts_left,
    error = step.error and output.error_table(step.error),
  }
end

local methods = {}

function methods:step(step)
  output.json(shown_step(step))
  while true do
    local inputs = use(self, step)
    if inputs then return inputs end
    local line = terminal.read_line()
    if not line then return nil, "stop" end
    local given, problem = parse_line(line)
    if given and given.resend == true then return nil, "resend" end
    if given then
      for name, value in pairs(given) do take(self, tostring(name), value) end
    elseif input.trim(line) ~= "" then
      say_wrong("unreadable_input", problem)
    end
  end
end

function methods.failed(_, err)
  output.json { event = "error", error = output.error_table(err) }
  output.problem("onboard", err)
end

function methods.done(_, step)
  local profile = step.customer_profile
  output.json {
    event = "done", wallet = step.wallet, outcome = step.outcome,
    customer_profile = profile and require("eko.base.redact").table(profile) or nil,
  }
end

function methods.stopped(_, step, path)
  output.json { event = "stopped", wallet = step.wallet, state = step.state, needs = step.needs, token_file = path }
end

--- Makes the program's side; the same functions as `eko.cli.conversation`.
-- @treturn table
function program.new()
  local self = { pending = {} }
  self.known, self.names = all_needs()
  local talk = {}
  for name, method in pairs(methods) do
    talk[name] = function(...) return method(self, ...) end
  end
  function talk.sms(_, message)
    output.json { event = "sms", to = message.to, otp = message.otp, purpose = message.purpose }
  end
  return talk
end

return program
