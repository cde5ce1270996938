--- `eko onboard` with a person: questions on standard output, what is wrong on standard error.
-- @module eko.cli.conversation
local answers = require "eko.cli.answers"
local ascii = require "eko.base.ascii"
local graph = require "eko.journey.graph"
local limits = require "eko.journey.limits"
local journey = require "eko.journey"
local output = require "eko.cli.output"
local terminal = require "eko.cli.terminal"
local said = require("eko.journey.inputs").said
local trim = require("eko.base.input").trim

local conversation = {}

local TITLES = {
  otp = "OTP", aadhaar = "Aadhaar", aadhaar_otp = "Aadhaar OTP", pan = "PAN", ekyc = "eKYC", ekyc_otp = "eKYC OTP",
  choice = "wallet",
}

local function title_of(name) return TITLES[name] or (name:gsub("_", " ")) end

--- What will be asked, the present question in brackets.
-- @tparam table step
-- @tparam function paint
-- @treturn string
function conversation.progress(step, paint)
  local definition = journey.definition(step.wallet)
  local parts, passed = {}, true
  for _, name in ipairs(graph.path(definition)) do
    local state, title = definition.states[name], title_of(name)
    if name == step.state then
      parts[#parts + 1], passed = paint("bold", "[" .. title .. "]"), false
    elseif state.needs or state.final then
      parts[#parts + 1] = paint(passed and "green" or "dim", title)
    end
  end
  return definition.title .. ": " .. table.concat(parts, " > ")
end

local function say(...)
  output.write(...)
  output.write "\n"
  output.flush()
end

local function warn(self, text)
  output.flush()
  io.stderr:write(self.paint_problem("red", text), "\n")
end

local function show_step(self, step)
  local place = step.wallet .. " " .. step.state
  if place ~= self.place then
    self.place = place
    say(conversation.progress(step, self.paint))
  end
  if step.error then warn(self, step.error.name .. ": " .. step.error.message) end
  if step.consent and step.consent.text then say("Consent: ", step.consent.text) end
  local left = step.attempts_left and (" (attempts left: %d)"):format(step.attempts_left) or ""
  say(step.prompt, step.can_resend and ' ("resend" has another sent)' or "", left)
  for number, choice in ipairs(step.choices or {}) do say(("  %d  %s"):format(number, choice.label or choice.value)) end
end

local function prompt_of(self, need, made_up)
  local hint = ""
  if made_up ~= nil then
    hint = need == "otp" and " [Enter: from the SMS]" or type(made_up) == "string" and not answers.secret[need]
      and need ~= "piddata" and (" [Enter: %s]"):format(made_up) or " [Enter: made up]"
  end
  return self.paint("cyan", (answers.labels[need] or need) .. hint .. ": ")
end

-- One need, asked until the answer will do. Nil and "resend" or "stop" for what is not an answer.
local function ask(self, step, need)
  local made_up = self.emulator and answers.made_up(step, need, self.last_otp)
  if made_up == false then made_up = nil end
  while true do
    local line = self.read(prompt_of(self, need, made_up), answers.secret[need])
    if not line then return nil, "stop" end
    local word = ascii.lower(trim(line))
    if step.can_resend and word == "resend" then return nil, "resend" end
    if need == "consent" and (word == "no" or word == "n") then return nil, "stop" end
    if made_up ~= nil and word == "" then return made_up end
    local value, expected = answers.read(step, need, line)
    if value ~= nil then return value end
    warn(self, "that will not do: " .. said(expected))
  end
end

local function ask_all(self, step, needs)
  local inputs = {}
  for _, need in ipairs(needs) do
    local value, wish = ask(self, step, need)
    if value == nil then return nil, wish end
    inputs[need] = value
  end
  return inputs
end

-- What was refused is asked again; where the platform does not say what, everything that this state was told.
local function refused_needs(err, step)
  local refused, all = {}, journey.definition(step.wallet).states[step.state].needs or {}
  for _, need in ipairs(all) do
    if err.invalid_params and err.invalid_params[need] then refused[#refused + 1] = need end
  end
  return #refused > 0 and refused or all
end

local methods = {}

local function show_profile(step)
  local profile = step.customer_profile
  if not profile then return end
  for _, pair in ipairs { { "name", "Name" }, { "balance", "Balance" }, { "next_allowed_limit", "May still be sent this month" } } do
    if profile[pair[1]] then say(("  %s: %s"):format(pair[2], profile[pair[1]])) end
  end
end

function methods:step(step)
  show_step(self, step)
  return ask_all(self, step, step.needs)
end

function methods:failed(err, step)
  output.problem("onboard", err)
  if not self.interactive or limits.endings[err.name] then return nil end
  local needs = err.kind == "api" and refused_needs(err, step) or {}
  if #needs > 0 then return (ask_all(self, step, needs)) end
  local line = self.read(step.can_resend and 'Enter tries again, "resend" has another OTP sent, Ctrl-D stops: '
    or "Enter tries again, Ctrl-D stops: ")
  if line and step.can_resend and ascii.lower(trim(line)) == "resend" then return nil, "resend" end
  return line and {} or nil
end

function methods:done(step)
  say(conversation.progress(step, self.paint))
  say(self.paint("green", ("Done: the customer may transact (%s)."):format(journey.definition(step.wallet).title)))
  show_profile(step)
end

function methods.stopped(_, step, path)
  output.problem("onboard", ("stopped at %s, before the end%s"):format(title_of(step.state),
    path and "; go on with: eko onboard --resume " .. terminal.quote(path) or ""))
end

--- Makes one side of a conversation.
-- @treturn table `step(step)` -> inputs, or nil and "resend" or "stop"; `failed(err, step)` -> inputs or nil; `done(step)`;
-- `stopped(step, path)`; `sms(mobile, message)`; the field `emulator` is set where the platform is one
function conversation.new()
  local self = { paint = terminal.painter(1), paint_problem = terminal.painter(2) }
  self.read, self.interactive = terminal.reader()
  local talk = {}
  for name, method in pairs(methods) do
    talk[name] = function(...)
      self.emulator = talk.emulator
      return method(self, ...)
    end
  end
  function talk.sms(_, message)
    self.last_otp = message.otp
    say(self.paint("yellow", ("SMS to %s: %s is the OTP (%s)"):format(message.to, message.otp, message.purpose)))
  end
  return talk
end

return conversation
