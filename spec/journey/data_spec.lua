-- The journeys are data; this walks the data itself.

local catalogue = require "eko.wallets.catalogue"
local inputs = require "eko.journey.inputs"
local journey = require "eko.journey"
local outcomes = require "eko.base.outcomes"
local wallets = require "eko.wallets"

local fields = {
  about = "string", prompt = "string", needs = "table", choices = "table", choices_from = "string", call = "string", of = "string",
  params = "table", on = "table", unexpected = "table", keep = "table", show = "table", errors = "table", refused = "string",
  stale = "string", holds = "boolean", lost = "string", next = "string", switch = "string", final = "boolean", otp_to = "string",
  resend = "string", forgets = "table", restore = "string",
}
local target_fields = { to = "string", with = "table", signs = "table", without = "string" }

-- Every name that an error of the platform's can have.
local error_names = {}
for _, code in pairs(outcomes.codes) do error_names[code.name] = true end
for _, role in pairs(outcomes.roles) do
  for _, name in pairs(role.errors or {}) do error_names[name] = true end
end

local function sorted(set)
  local list = {}
  for name in pairs(set) do list[#list + 1] = name end
  table.sort(list)
  return list
end

--- Everything that a call can be answered with, `unrecognised` apart, which no journey can know.
local function possible(endpoint)
  local set = {}
  for id, outcome in pairs(endpoint.outcomes) do
    if not outcomes.failures[id] then set[outcome] = true end
  end
  -- With status 0 these are outcomes of every call.
  for id, outcome in pairs(outcomes.steps) do
    if endpoint.outcomes[id] == nil then set[outcome] = true end
  end
  return set
end

--- All states that a state can lead to: name -> how.
local function targets(state)
  local set = {}
  local function add(name, how) if name then set[name] = how end end
  for outcome, target in pairs(state.on or {}) do
    local one = type(target) == "table" and target or { to = target }
    add(one.to, outcome)
    add(one.without, outcome .. " without")
  end
  for name, target in pairs(state.errors or {}) do add(target, name) end
  for _, how in ipairs { "refused", "stale", "lost", "next", "resend", "restore" } do add(state[how], how) end
  return set
end

for _, name in ipairs(journey.wallets) do
  describe("the journey of " .. name, function()
    local definition = journey.definition(name)
    local states = definition.states

    local function each(f)
      for _, state_name in ipairs(sorted(states)) do f(states[state_name], name .. "." .. state_name, state_name) end
    end

    local function endpoint_of(state)
      local slug = inputs.slug(name, state)
      return slug and assert(catalogue.get(slug))
    end

    it("has known fields only, of the right types", function()
      assert.same({ "start", "states", "title", "wallet" }, sorted(definition))
      assert.equal(name, definition.wallet)
      each(function(state, where)
        for field, value in pairs(state) do assert.equal(fields[field], type(value), where .. "." .. field) end
        assert.is_string(state.about, where)
        for outcome, target in pairs(state.on or {}) do
          for field, value in pairs(type(target) == "table" and target or {}) do
            assert.equal(target_fields[field], type(value), where .. ".on." .. outcome)
          end
        end
      end)
    end)

    it("does one thing in each state: a call, a choice of wallet, a step on, or the end", function()
      each(function(state, where)
        local ways = (state.call and 1 or 0) + (state.next and 1 or 0) + (state.switch and 1 or 0) + (state.final and 1 or 0)
        assert.equal(1, ways, where)
        if state.call then
          assert.truthy(wallets.verbs(state.of or name)[state.call], where)
          assert.is_table(state.on, where)
        else
          for _, field in ipairs { "of", "params", "on", "unexpected", "keep", "show", "errors", "refused", "stale", "lost" } do
            assert.is_nil(state[field], where .. "." .. field)
          end
        end
      end)
    end)

    it("leads nowhere that is not there", function()
      assert.truthy(states[definition.start])
      each(function(state, where)
        for target, how in pairs(targets(state)) do assert.truthy(states[target], where .. ": " .. how .. " -> " .. target) end
      end)
    end)

    it("has every state reachable from its start", function()
      local reached, queue = { [definition.start] = true }, { definition.start }
      while queue[1] do
        for target in pairs(targets(states[table.remove(queue)])) do
          if not reached[target] then
            reached[target] = true
            queue[#queue + 1] = target
          end
        end
      end
      assert.same(sorted(states), sorted(reached))
    end)

    it("handles every outcome of its calls, or says that it is unexpected, and no other", function()
      each(function(state, where)
        local endpoint = endpoint_of(state)
        if not endpoint then return end
        local listed = {}
        for outcome in pairs(state.on) do listed[outcome] = true end
        for _, outcome in ipairs(state.unexpected or {}) do
          assert.is_nil(listed[outcome], where .. " has " .. outcome .. " twice")
          listed[outcome] = true
        end
        assert.same(sorted(possible(endpoint)), sorted(listed), where)
      end)
    end)

    it("knows only errors that there are", function()
      each(function(state, where)
        for error_name in pairs(state.errors or {}) do assert.is_true(error_names[error_name], where .. ": " .. error_name) end
      end)
    end)

    it("does not leave a wrong, expired or worn-out OTP to chance", function()
      each(function(state, where)
        if not inputs.wanted(state, "otp") then return end
        for _, error_name in ipairs { "wrong_otp", "otp_expired", "otp_verification_failed", "otp_attempts_exhausted" } do
          assert.truthy(state.errors[error_name], where .. ": " .. error_name)
        end
        assert.truthy(state.otp_to == "customer" or state.otp_to == "aadhaar", where)
        assert.truthy(state.resend and state.lost, where)
      end)
    end)

    it("asks the platform what happened wherever a changing call may be lost", function()
      each(function(state, where)
        local endpoint = endpoint_of(state)
        if endpoint and endpoint.method ~= "GET" and (state.needs or state.of) then assert.truthy(state.lost, where) end
      end)
    end)

    it("takes every value from somewhere real, and gives every required one", function()
      local kept, asked, shown = {}, {}, {}
      each(function(state)
        for kept_name in pairs(state.keep or {}) do kept[kept_name] = true end
        for shown_name in pairs(state.show or {}) do shown[shown_name] = true end
        for _, need in ipairs(state.needs or {}) do asked[need] = true end
      end)
      local from_client = { initiator_id = true, user_code = true, client_ref_id = true, customer_id = true }
      each(function(state, where)
        local endpoint = endpoint_of(state)
        for param, source in pairs(state.params or {}) do
          local at = where .. "." .. param
          assert.truthy(endpoint.fields[param], at .. " is no parameter of " .. endpoint.slug)
          if type(source) == "table" then
            assert.same({ "string" }, { type(source[1]) }, at)
          elseif source == "input" then
            assert.is_true(inputs.wanted(state, param), at)
          elseif source == "kept_input" then
            assert.is_true(asked[param] and inputs.lasting[param], at)
          else
            assert.truthy(source == "kept" or source == "kept_or_empty", at)
            assert.is_true(kept[param], at)
          end
        end
        for _, param in ipairs(endpoint and endpoint.params or {}) do
          if param.required and not from_client[param.name] then
            assert.truthy(state.params[param.name], where .. " lacks " .. param.name)
          end
        end
        if state.choices_from then assert.is_true(shown[state.choices_from], where) end
      end)
    end)

    it("has no value in an OTP's state that is not kept on every way there", function()
      each(function(state, where, state_name)
        for _, other_name in ipairs(sorted(states)) do
          local other = states[other_name]
          for outcome, target in pairs(other.on or {}) do
            local one = type(target) == "table" and target or { to = target }
            if outcome == "otp_sent" and one.to == state_name and inputs.wanted(state, "otp") then
              local with = {}
              for _, each_name in ipairs(one.with or {}) do with[each_name] = true end
              for _, reference in ipairs { "otp_ref_id", "kyc_request_id" } do
                if state.params[reference] then assert.is_true(with[reference], other_name .. " -> " .. where) end
              end
            end
          end
        end
      end)
    end)

    it("demands nothing of an answer that it does not keep", function()
      each(function(state, where)
        for outcome, target in pairs(state.on or {}) do
          for _, kept_name in ipairs(type(target) == "table" and target.with or {}) do
            assert.truthy(state.keep and state.keep[kept_name], where .. "." .. outcome .. ": " .. kept_name)
          end
          if type(target) == "table" and target.signs then assert.truthy(target.without, where) end
        end
      end)
    end)

    it("sends every need onto the wire, consent apart, and has a check for each", function()
      each(function(state, where)
        for _, need in ipairs(state.needs or {}) do
          local check = inputs.validator(name, state, need)
          local ok, expected = check(nil)
          assert.is_nil(ok, where .. "." .. need)
          assert.is_string(expected, where .. "." .. need)
          assert.is_nil((check "\1"), where .. "." .. need)
          if state.call and need ~= "consent" then
            local source = state.params[need]
            assert.equal("input", source, where .. "." .. need)
          end
        end
      end)
    end)

    it("asks for consent wherever an Aadhaar number goes out", function()
      each(function(state, where)
        local sends = state.params and state.params.aadhar
        assert.equal(sends ~= nil, inputs.wanted(state, "consent"), where)
      end)
    end)

    it("keeps nothing that must not be kept", function()
      local allowed = { otp_ref_id = true, kyc_request_id = true, wallet_token = true, wallet_id = true, consent_id = true }
      each(function(state, where)
        for kept_name in pairs(state.keep or {}) do assert.is_true(allowed[kept_name], where .. ": " .. kept_name) end
      end)
      for _, never in ipairs { "otp", "aadhar", "pan_number", "piddata", "consent" } do
        assert.is_nil(inputs.lasting[never])
      end
    end)

    it("has something to say to a person in each state", function()
      each(function(state, where)
        if state.needs and state.next == nil and not state.otp_to and not state.of then assert.is_string(state.prompt, where) end
      end)
    end)

    it("ends where it is documented to end, and nowhere else", function()
      local ends = {}
      each(function(state, _, state_name)
        local onward = {}
        for target in pairs(targets(state)) do
          if target ~= state_name then onward[#onward + 1] = target end
        end
        if #onward == 0 then ends[state_name] = true end
      end)
      assert.same(name == "customer" and { "choice", "done" } or { "done" }, sorted(ends))
      each(function(state, where) assert.equal(where:find "%.done$" ~= nil, state.final == true, where) end)
    end)

    it("can reach its end from every state", function()
      local can, grown = { done = true }, true
      if name == "customer" then can.choice = true end
      while grown do
        grown = false
        each(function(state, _, state_name)
          for target in pairs(targets(state)) do
            if can[target] and not can[state_name] then can[state_name], grown = true, true end
          end
        end)
      end
      assert.same(sorted(states), sorted(can))
    end)

    it("drops the details of a customer once they are accepted", function()
      if name == "customer" or not states.details then return end
      -- Behind these a person would have to be asked again; before them nothing was accepted yet.
      local before = { sender = true, details = true, base_customer = true, resend = true, done = true }
      each(function(state, where, state_name)
        for target in pairs(targets(state)) do
          if before[state_name] and not before[target] then
            assert.same({ "name", "dob", "residence_address" }, states[target].forgets, where .. " -> " .. target)
          end
        end
      end)
    end)

    it("goes on, after a restart, where what it had only in memory is had again", function()
      each(function(state, where)
        local needs_memory = state.choices_from or (name == "digikhata" and inputs.wanted(state, "consent"))
        assert.equal(needs_memory ~= nil and needs_memory ~= false, state.restore ~= nil, where)
        if state.restore then assert.truthy(states[state.restore].show, where) end
      end)
    end)
  end)
end

describe("the choice at the end of Customer Management", function()
  it("is of wallets that have a journey", function()
    local choice = journey.definition("customer").states.choice
    local known = {}
    for _, name in ipairs(journey.wallets) do known[name] = true end
    for _, each in ipairs(choice.choices) do assert.is_true(known[each.value]) end
    assert.equal("continue_with", choice.switch)
    assert.same({ "continue_with" }, choice.needs)
  end)

  it("is the only switch", function()
    for _, name in ipairs(journey.wallets) do
      for state_name, state in pairs(journey.definition(name).states) do
        assert.equal(name == "customer" and state_name == "choice", state.switch ~= nil)
      end
    end
  end)
end)
