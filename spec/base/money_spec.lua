-- Amounts: the grammar, exactly, and integers that survive every Lua.

local interpreter = require "spec.support.interpreter"
local shell = require "spec.support.shell"

-- The module is younger than the commits that `.ci/fails-before` runs specs on.
local function parse(amount)
  local loaded, money = pcall(require, "eko.base.money")
  assert(loaded, "there is no eko.money")
  return money.parse(amount)
end

local function is_integer(value)
  return not math.type or math.type(value) == "integer"
end

local function reads(expected, amount)
  local paise, problem = parse(amount)
  if paise == expected and problem == nil and is_integer(paise) and (paise ~= 0 or 1 / paise > 0) then return end
  assert.equal(expected, paise, ("%s gave %s, %s"):format(tostring(amount), tostring(paise), tostring(problem)))
  error(("%s gave an integer of another kind: %s"):format(tostring(amount), tostring(1 / paise)))
end

-- One a line: what was given, in paise.
local READ = {
  ["0"] = 0, ["-0"] = 0, ["0.00"] = 0, ["-0.000"] = 0, ["0e99"] = 0, ["-0.0E-99"] = 0, ["000"] = 0, ["00.00e00"] = 0,
  ["1"] = 100, ["-1"] = -100, ["500"] = 50000, ["5000.0"] = 500000, ["4.0"] = 400, ["110.00"] = 11000, ["0.01"] = 1,
  ["-0.01"] = -1, ["0.1"] = 10, ["0.10"] = 10, ["0.100000"] = 10, ["49678.0"] = 4967800, ["1250.50"] = 125050,
  ["007.50"] = 750, ["0000000000000000000000000000000000000001"] = 100, ["-00.010"] = -1,
  ["2.20834002375E9"] = 220834002375, ["2.20834002375e+9"] = 220834002375, ["2.20834002375E09"] = 220834002375,
  ["22083400237.5E-1"] = 220834002375, ["1e0"] = 100, ["1e-2"] = 1, ["1E-02"] = 1, ["100e-4"] = 1, ["10.0e-3"] = 1,
  ["1.500"] = 150, ["0.29"] = 29, ["0.57"] = 57, ["1.15"] = 115, ["4.35"] = 435, ["8.41"] = 841, ["1001.10"] = 100110,
  ["90071992547409.91"] = 9007199254740991, ["-90071992547409.91"] = -9007199254740991,
  ["9007199254740991e-2"] = 9007199254740991, ["0.9007199254740991E14"] = 9007199254740991,
  ["90071992547409.91000"] = 9007199254740991, ["45035996273704.97"] = 4503599627370497,
  ["1e13"] = 1e15, ["9e13"] = 9e15, ["0.00000000000000000000000000000000001e35"] = 100,
  ["100000000000000000000000000000000000e-35"] = 100,
}

local REFUSED = {
  fraction_of_a_paisa = {
    "0.001", "-0.001", "1.234", "0.005", "110.999", "1e-3", "1E-99", "-1e-3", "5e-3", "12.5e-2", "0.1e-2", "1.0001e1",
    "90071992547409.915", "0.00000000000000000000000000000000000001", "123456789012345678901234567890.123",
    "0.0000000000000000000000000000000000001", "999999999999999e-18",
  },
  too_large = {
    "90071992547409.92", "-90071992547409.92", "90071992547410", "9007199254740992e-2", "9007199254740993e-2", "1e14", "-1e14",
    "1e99", "1E+99", "99999999999999.99", "100000000000000000000", "1234567890123456789012345678901234567890",
    "9999999999999999e-2", "90071992547409920e-3", "0.1e99", "1e40",
  },
  malformed = {
    "", " ", "-", "+", ".", "e", "E5", "+1", "--1", "-+1", "+-1", "1-", "1+", ".5", "-.5", "5.", "5.e1", "1..2", "1.2.3", ".e1",
    "1e", "1e+", "1e-", "1e++1", "1e100", "1e-100", "1e001", "1e1.5", "1e1e1", "1ee1", "1 e1", "1e 1",
    " 1", "1 ", "1 000", "\t1", "1\n", "1\r\n", "\n1", "1\0", "\0001", "1.\0005", "1\v", "\f1", "\194\1601", "1\226\128\175000",
    "1,000", "1,00,000.00", "1'000", "1_000", "1,5", "1.000,00", "1000,", ",5",
    "0x10", "0X1p4", "1f", "1.0f", "1d2", "1L", "1ULL", "1i", "0b1", "010h",
    "inf", "-inf", "Infinity", "nan", "NaN", "-nan", "nil", "null", "true", "NULL", "\"1\"", "(1)", "1%", "%31",
    "Rs 1", "Rs.1", "INR 1", "1 INR", "\226\130\1851", "1/-", "$1", "\226\136\1461", "\239\188\145", "\217\161", "\224\165\167",
    "1.5.0", "1e5.", "-", "- 1", "-e1", "1-1", "1e-+1", "1E1E", "a1", "1a", "one", "1\2550", "\2551",
    "12345678901234567890123456789012345678901", "0.000000000000000000000000000000000000000",
    "00000000000000000000000000000000000000001", ("1"):rep(10000), ("0"):rep(100000) .. "1", ("-"):rep(50),
  },
}

-- Paise, written plainly, and grouped with a symbol.
local WRITTEN = {
  { 0, "0.00", "₹0.00" }, { -0.0, "0.00", "₹0.00" }, { 1, "0.01", "₹0.01" }, { -1, "-0.01", "-₹0.01" }, { 10, "0.10", "₹0.10" },
  { 99, "0.99", "₹0.99" }, { 100, "1.00", "₹1.00" }, { -100, "-1.00", "-₹1.00" }, { 99999, "999.99", "₹999.99" },
  { 100000, "1000.00", "₹1,000.00" }, { 1000000, "10000.00", "₹10,000.00" }, { 10000000, "100000.00", "₹1,00,000.00" },
  { 99999999, "999999.99", "₹9,99,999.99" }, { 100000000, "1000000.00", "₹10,00,000.00" },
  { -1000000000, "-10000000.00", "-₹1,00,00,000.00" }, { 12345678907, "123456789.07", "₹12,34,56,789.07" },
  { 9007199254740991, "90071992547409.91", "₹9,00,71,99,25,47,409.91" },
  { -9007199254740991, "-90071992547409.91", "-₹9,00,71,99,25,47,409.91" },
}

local NO_PAISE = {
  malformed = { 1.5, -0.01, 0 / 0, 1 / 0, -1 / 0, "1", "", true, {}, print },
  too_large = { 9007199254740992, -9007199254740992, 1e300, -1e300 },
}

describe("eko.money.format", function()
  local money = require "eko.base.money"

  it("writes paise as rupees, plainly or grouped as in India", function()
    for _, row in ipairs(WRITTEN) do
      assert.equal(row[2], (money.format(row[1])))
      assert.equal(row[2], (money.format(row[1], { grouping = "none" })))
      assert.equal(row[3], (money.format(row[1], { grouping = "indian", symbol = "₹" })))
    end
    assert.equal("-Rs. 1.00", (money.format(-100, { symbol = "Rs. " })))
  end)

  it("refuses what is no whole number of paise", function()
    for problem, values in pairs(NO_PAISE) do
      for _, value in ipairs(values) do assert.same({ nil, problem }, { money.format(value) }, tostring(value)) end
    end
    assert.same({ nil, "malformed" }, { money.format(nil) })
  end)

  it("raises for a style that there is not", function()
    for _, row in ipairs {
      { { grouping = "western" }, 'option "grouping" must be "indian" or "none"' }, { { grouping = true }, "grouping" },
      { { symbol = 1 }, "symbol" }, { { symbol = "" }, "symbol" }, { { symbol = "\n" }, "symbol" }, { "indian", "a table of options" },
      { { groupin = "indian" }, 'did you mean "grouping"' }, { false, "a table of options" },
    } do
      local ok, problem = pcall(function() return (money.format(1, row[1])) end)
      assert.is_false(ok, tostring(row[2]))
      assert.truthy(problem:find "money_spec%.lua:%d+: eko%.money%.format: ", problem)
      assert.truthy(problem:find(row[2], 1, true), problem)
    end
  end)

  it("writes what parse reads, for many amounts of every size", function() -- (a million of them with EKO_AMOUNTS=1000000)
    local state = 20261127
    local function draw(below)
      state = (state * 16807) % 2147483647
      return state % below
    end
    for _ = 1, tonumber(os.getenv "EKO_AMOUNTS") or 20000 do
      local paise = draw(2 ^ (draw(31) + 1)) * 2 ^ draw(22)
      if paise > 9007199254740991 then paise = 9007199254740991 - draw(1000) end
      if draw(2) == 1 then paise = -paise end
      local back = parse(money.format(paise))
      if back ~= paise then error(("%s came back as %s"):format(money.format(paise), tostring(back))) end
    end
  end)
end)

describe("eko.money.sum", function()
  local sum = require("eko.base.money").sum

  it("adds, and says where it cannot", function()
    local most = 9007199254740991
    for _, row in ipairs {
      { {}, 0 }, { { 5 }, 5 }, { { 1, -1 }, 0 }, { { -0.0 }, 0 }, { { most, -most, most }, most }, { { 10, 20, 30, -100 }, -40 },
      { { most - 1, 1 }, most },
    } do
      local total = sum(row[1])
      assert.equal(row[2], total)
      assert.is_true(is_integer(total) and (total ~= 0 or 1 / total > 0))
    end
    for _, row in ipairs {
      { { most, 1 }, "too_large", 2 }, { { -most, -1 }, "too_large", 2 }, { { 1, most, -most }, "too_large", 2 },
      { { 1, "2" }, "malformed", 2 }, { { 0.5 }, "malformed", 1 }, { { 1, 2, 0 / 0 }, "malformed", 3 }, { { 2 ^ 53 }, "too_large", 1 },
    } do assert.same({ nil, row[2], row[3] }, { sum(row[1]) }) end
    assert.has_error(function() sum(1) end)
  end)
end)

describe("eko.money.parse", function()
  it("reads a text to the paisa", function()
    for text, paise in pairs(READ) do reads(math.tointeger and math.tointeger(paise) or paise, text) end
  end)

  it("refuses every other text, and says why", function()
    local count = 0
    for reason, texts in pairs(REFUSED) do
      for _, text in ipairs(texts) do
        local paise, problem = parse(text)
        assert.is_nil(paise, ("%q"):format(text:sub(1, 60)))
        assert.equal(reason, problem, ("%q"):format(text:sub(1, 60)))
        count = count + 1
      end
    end
    assert.is_true(count >= 60)
  end)

  it("refuses each of the 256 bytes before, within and behind an amount unless the grammar has it there", function()
    local within = { ["."] = 1050, ["e"] = 100 * 1e50, ["E"] = 100 * 1e50 } -- 10x50
    for byte = 0, 255 do
      local char = string.char(byte)
      local is_digit = char:find "^[0-9]$" ~= nil
      assert.equal(is_digit or char == "-", parse(char .. "10") ~= nil, "before: " .. byte)
      assert.equal(is_digit, parse("10" .. char) ~= nil, "behind: " .. byte)
      local paise, problem = parse("10" .. char .. "50")
      if is_digit then
        assert.equal((10050 + (byte - 48) * 100) * 100, paise)
      elseif within[char] == 1050 then
        assert.equal(1050, paise)
      else
        assert.equal(within[char] and "too_large" or "malformed", problem, "within: " .. byte)
      end
    end
  end)

  it("takes Lua numbers as whole rupees", function()
    for _, pair in ipairs { { 0, 0 }, { -0.0, 0 }, { 1, 100 }, { -1, -100 }, { 500, 50000 }, { 500.0, 50000 }, { 2 ^ 31, 214748364800 },
      { 90071992547409, 9007199254740900 }, { -90071992547409, -9007199254740900 }, { 90071992547409.0, 9007199254740900 } } do
      reads(pair[2], pair[1])
    end
    for _, number in ipairs { 0.5, -0.5, 1.01, 1e-300, 0.1 + 0.2, 0 / 0, 1 / 0, -1 / 0, 110.000001 } do
      local paise, problem = parse(number)
      assert.is_nil(paise)
      assert.equal("malformed", problem, tostring(number))
    end
    local beyond = { 90071992547410, -90071992547410, 2 ^ 53, -2 ^ 53, 2 ^ 63, -2 ^ 63, 2 ^ 64, 1e300, -1e300,
      math.maxinteger, math.mininteger }
    for _, number in ipairs(beyond) do
      local paise, problem = parse(number)
      assert.is_nil(paise)
      assert.equal("too_large", problem, tostring(number))
    end
  end)

  it("refuses what is neither text nor number", function()
    local given = { true, false, {}, { 1 }, setmetatable({}, { __tostring = function() return "1" end }), print,
      coroutine.create(function() end), io.stdout, require("eko").null }
    for _, value in ipairs(given) do
      local paise, problem = parse(value)
      assert.is_nil(paise)
      assert.equal("malformed", problem)
    end
    assert.equal("malformed", select(2, parse(nil)))
  end)
end)

-- Paise as a text of another form each time, without a float on the way.
local function write(digits, sign, form)
  local padded = #digits < 3 and ("0"):rep(3 - #digits) .. digits or digits
  local rupees, paise = padded:sub(1, -3), padded:sub(-2)
  if form == 1 then return sign .. rupees .. "." .. paise end
  if form == 2 then return sign .. digits .. "e-2" end
  if form == 3 then return sign .. digits:sub(1, 1) .. "." .. digits:sub(2) .. "0E" .. (#digits - 3) end
  if form == 4 then return sign .. "0." .. digits .. "e+" .. ("%02d"):format(math.max(#digits - 2, 0)) end
  return sign .. "00" .. rupees .. "." .. paise .. "000"
end

local FORMS = 5

local function round_trip(paise)
  local digits = ("%.0f"):format(paise)
  for form = 1, FORMS do
    -- The fourth form needs digits of rupees in front of it.
    if form ~= 4 or #digits >= 2 then
      reads(paise, write(digits, "", form))
      if paise ~= 0 then reads(-paise, write(digits, "-", form)) end
    end
  end
end

local function integer(value)
  return math.tointeger and assert(math.tointeger(value)) or value
end

describe("an amount comes back from every form of it", function()
  it("for each of the first 5,000 paise", function()
    for paise = 0, 5000 do round_trip(paise) end
  end)

  it("around every power of two and of ten up to 2^53", function()
    for exponent = 1, 53 do
      for step = -3, 3 do
        local paise = 2 ^ exponent + step
        if paise >= 0 and paise <= 2 ^ 53 - 1 then round_trip(integer(paise)) end
      end
    end
    for exponent = 1, 15 do
      for step = -3, 3 do round_trip(integer(10 ^ exponent + step)) end
    end
  end)

  it("for amounts drawn from the whole range", function()
    -- A generator of our own: the seeds of math.random differ by Lua.
    local state = 20261127
    local function draw(limit)
      state = (state * 16807) % 2147483647
      return state % limit
    end
    for _ = 1, 5000 do
      local digits = tostring(1 + draw(9))
      for _ = 1, draw(15) do digits = digits .. draw(10) end
      local value = 0
      for digit in digits:gmatch "." do value = value * 10 + integer(tonumber(digit)) end
      if value <= 9007199254740991 then
        for form = 1, FORMS do
          if form ~= 4 or #digits >= 2 then reads(value, write(digits, "", form)) end
        end
      end
    end
  end)
end)

describe("the locale", function()
  -- A process of its own, under a locale with a decimal comma and grouping that is made here.
  it("does not change what an amount is", function()
    local directory = shell.directory()
    local made = os.execute(("mkdir -p %s && localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8 2>/dev/null"):format(directory, directory))
    assert(made == true or made == 0, "no locale can be made here: the package locales is missing")
    local script = [[
      assert(os.setlocale "de_DE.UTF-8", "the locale was not taken")
      assert(jit or ("%.1f"):format(0.5) == "0,5", "the locale has no decimal comma")
      package.path = "lua/?.lua;" .. package.path
      local parse = require "eko.base.money".parse
      io.write(tostring(parse "2.20834002375E9"), " ", tostring(parse "1,5"), " ", tostring(parse "90071992547409.91" == 9007199254740991),
        " ", tostring(parse "1.000,00"), " ", tostring(parse "\217\161"), " ", parse "-0.29")
    ]]
    local path = directory .. "/locale.lua"
    shell.write_file(path, script)
    local answer = shell.output_of(("LOCPATH=%s %s %s 2>&1"):format(directory, interpreter.program, path))
    os.execute("rm -rf " .. directory)
    assert.equal("220834002375 nil true nil nil -29", answer)
  end)
end)
