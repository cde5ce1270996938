--- What a function of eko.concurrently can do to the others: the same in a script and inside nginx.
-- Each form: { what it does, the function, what stands in errors[i], what its `sent` says, how many debits it sent }. The function gets
-- `debit()` (one POST that moves money -> answer | nil, err) and `tools` { core, eko, errors }. The secrets are synthetic.

local forms = {}

forms.SECRETS = { "482913", "234567890124" }
local SECRET = "the otp 482913 for 234567890124 was refused"

local unspeakable = setmetatable({}, { __tostring = function() error "no text" end, __index = function() error "no field" end })

--- How they end inside nginx as outside of it.
forms.anywhere = {
  { "raises a string before any call", function() error(SECRET) end, "raised", false, 0 },
  { "raises a string after a debit", function(debit) debit() error(SECRET) end, "raised", true, 1 },
  { "raises a string without a place", function(debit) debit() error(SECRET, 0) end, "raised", true, 1 },
  { "raises a table", function(debit) debit() error { otp = SECRET } end, "raised", true, 1 },
  { "raises nil", function(debit) debit() error(nil) end, "raised", true, 1 },
  { "raises false", function(debit) debit() error(false) end, "raised", true, 1 },
  { "raises a number", function(debit) debit() error(482913) end, "raised", true, 1 },
  { "raises a function", function(debit) debit() error(print) end, "raised", true, 1 },
  { "raises what has no text and no fields", function(debit) debit() error(unspeakable) end, "raised", true, 1 },
  { "raises an error of ours with such a name", function(debit, tools)
    debit()
    error(tools.errors.new { kind = "api", name = unspeakable, message = unspeakable })
  end, "raised", true, 1 },
  { "makes a mistake", function(debit) debit() local absent = debit == nil and {} or nil return absent.field end, "raised", true, 1 },
  { "overflows its stack", function(debit) debit() local function f() return 1 + f() end return f() end, "raised", true, 1 },
  { "asserts a call that is refused", function(_, tools) return assert(tools.client:call("ppi-digikhata-load-wallet", {})) end,
    "raised", false, 0 },
  { "returns nothing", function(debit) debit() end, "no_result", true, 1 },
  { "returns nil, nil before any call", function() return nil, nil end, "no_result", false, 0 },
  { "returns nil, false", function(debit) debit() return nil, false end, "no_result", true, 1 },
  { "raises inside another eko.concurrently", function(debit, tools)
    local results, errors = tools.eko.concurrently { function() debit() error(SECRET) end, function() return 7 end }
    if results[2] ~= 7 or errors[1].name ~= "raised" then return "wrong" end
    error(errors[1])
  end, "raised", true, 1 },
}

--- How they end in a script.
forms.in_a_script = {
  { "yields before any call", function() coroutine.yield(SECRET) return "resumed" end, "foreign_yield", false, 0 },
  { "yields after a debit", function(debit) debit() coroutine.yield(SECRET) return "resumed" end, "foreign_yield", true, 1 },
  { "yields what looks like a wait", function(debit) debit() coroutine.yield(false, false, 0) return "resumed" end, "foreign_yield", true, 1 },
  { "yields between two debits", function(debit) debit() coroutine.yield() debit() return "resumed" end, "foreign_yield", true, 1 },
  { "yields inside a debit, before it leaves", function(_, tools)
    return tools.debit_of({ transport = function(request) coroutine.yield() return tools.transport(request) end })
  end, "foreign_yield", nil, 0 },
  { "yields inside a debit that has arrived", function(_, tools)
    return tools.debit_of({ transport = function(request)
      local response, err = tools.transport(request)
      coroutine.yield()
      return response, err
    end })
  end, "foreign_yield", nil, 1 },
  { "yields in on_exchange of a debit", function(_, tools)
    return tools.debit_of({ on_exchange = function() coroutine.yield() end })
  end, "foreign_yield", true, 1, raises_on_5_1 = true }, -- (the hook stands inside a pcall)
  { "yields inside another eko.concurrently", function(debit, tools)
    local results, errors = tools.eko.concurrently { function() debit() coroutine.yield() end, function() return 7 end }
    if results[2] ~= 7 or errors[1].name ~= "foreign_yield" then return "wrong" end
    error(errors[1])
  end, "raised", true, 1 },
}

-- Lua 5.1 cannot leave the pcall around on_exchange: there that is an error of the observer's, and the debit has its result.
if _VERSION == "Lua 5.1" and not rawget(_G, "jit") then
  for i, form in ipairs(forms.in_a_script) do
    if form[1] == "yields in on_exchange of a debit" then table.remove(forms.in_a_script, i) break end
  end
end

return forms
