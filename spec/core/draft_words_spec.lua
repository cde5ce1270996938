-- How an endpoint's entry becomes a plan, what a call's draft is made of, and what is told of its problems. Endpoints are made up;
-- nothing is sent. (Value by value: spec/core/draft_checks_spec.lua; the sentences: spec/call/golden_data_spec.lua.)
local core = require "eko.core"
local problems = require "eko.call.problems"
local request = require "eko.call.request"

local function param(name, more)
  local made = { name = name, place = "body", type = "string", max = 255 }
  for key, value in pairs(more or {}) do made[key] = value end
  return made
end

local function endpoint(params, more)
  local made = { slug = "made-up", method = "POST", path = "/x", params = params }
  for key, value in pairs(more or {}) do made[key] = value end
  return made
end

describe("an endpoint's plan", function()
  it("places and names each parameter as its entry says", function()
    local made = endpoint({
      param("id", { place = "path", required = true }), param("ref", { place = "path", required = true, format = "transaction-reference" }),
        param("q", { place = "query" }),
      param("b", { type = "integer" }), param("own", { key = '"other":' }), param("colon", { place = "query", format = "transaction-reference" }),
        param("plain", { place = "query" }),
    }, { path = "/a/{id}/b/{ref}/c" })
    local draft = assert(request.draft(made, { id = "1", ref = "client_ref_id:R", q = "a:b", b = 7, own = "o", colon = "client_ref_id:S", plain = "c:d" }))
    assert.equal("/a/1/b/client_ref_id:R/c?q=a%3Ab&colon=client_ref_id:S&plain=c%3Ad", draft:path())
    assert.equal('{"b":7,"other":"o"}', draft:body())
    -- Compiled once: the entry's later changes count for nothing.
    made.params[4].min = 100
    assert.truthy((request.draft(made, { id = "1", ref = "2", b = 7 })))
    draft = assert(request.draft(endpoint({ param("b", { type = "integer", min = 7 }) }), { b = 7 }))
    assert.equal('{"b":7}', draft:body())
    assert.is_nil((request.draft(endpoint({ param("b", { type = "integer", min = 8 }) }), { b = 7 })))
    assert.truthy((request.draft(endpoint({ param("b", { type = "integer" }) }), { b = 0 })))
    assert.is_nil((request.draft(endpoint({ param("id", { place = "path", required = true }) }, { path = "/{id}" }), { id = ".." })))
    assert.is_nil((request.draft(endpoint({ param("m", { multiline = false }) }), { m = "a\nb" })))
    assert.truthy((request.draft(endpoint({ param("m", { multiline = true }) }), { m = "a\nb" })))
    assert.is_nil(assert(request.draft(endpoint({}, { method = "GET" }), {})):body())
    assert.equal("{}", assert(request.draft(endpoint({}, { method = "PUT" }), {})):body())
    assert.equal('{"d":"v"}', assert(request.draft(endpoint({ param("d", { default = "v", required = true }) }), {})):body())
    assert.is_nil((request.draft(endpoint({ param("a", { means = "account" }) }), { a = "1E+11" })))
  end)

  it("is kept no longer than the entry", function()
    local kept = setmetatable({}, { __mode = "k" })
    local function draft_once()
      local made = endpoint { param "x" }
      kept[made] = true
      assert.truthy((request.draft(made, {})))
    end
    draft_once()
    collectgarbage()
    collectgarbage()
    assert.is_nil((next(kept)))
  end)

  it("is refused where path and parameters differ", function()
    for words, each in pairs {
      ["the path parameters of made-up must be required, and listed in the order of the path"] = {
        endpoint({ param("id", { place = "path" }) }, { path = "/{id}" }), endpoint({ param("id", { place = "path", required = true }) }),
        endpoint({ param("id", { place = "path", required = true }) }, { path = "/{other}" }),
        endpoint({ param("b", { place = "path", required = true }), param("a", { place = "path", required = true }) }, { path = "/{a}/{b}" }),
      },
      ["a name in the path of made-up is no parameter"] = {
        endpoint({}, { path = "/{id}" }), endpoint({ param("a", { place = "path", required = true }) }, { path = "/{a}/{b}" }),
          endpoint({ param("id") }, { path = "/{id}" }),
      },
      ["no such format: nothing"] = { endpoint { param("a", { format = "nothing" }) } },
    } do
      for _, made in ipairs(each) do
        local ok, problem = pcall(request.draft, made, {})
        assert.same({ false, words }, { ok, (tostring(problem):gsub("^[^ ]-:%d+: ", "")) })
      end
    end
  end)
end)

describe("the format of a parameter", function()
  it("is its own, and in a path one that cannot leave its place; numbers and lists have none", function()
    local formats = require "eko.call.formats"
    for _, row in ipairs {
      { "string", "body", nil, nil }, { "string", "path", nil, "path-segment" }, { "opaque", "path", nil, "path-segment" },
        { "string", "path", "mobile", "mobile" },
      { "opaque", "body", "digits", "digits" }, { "integer", "path", nil, nil }, { "integer", "body", "digits", nil },
        { "list", "body", "mobile", nil }, { "address", "path", nil, nil },
    } do
      assert.equal(row[4] and formats[row[4]], problems.format_of { type = row[1], place = row[2], format = row[3] })
    end
  end)
end)

describe("a call's draft", function()
  local ALL = { param "initiator_id", param "user_code", param "client_ref_id", param "x" }
  local WITH, GET, REQUIRED, WITHOUT = endpoint(ALL), endpoint(ALL, { method = "GET" }), endpoint({ param("client_ref_id", { required = true }) },
    { method = "GET" }), endpoint { param "x" }

  it("has the client's identifiers, and the reference of the call, of the options, or a new one", function()
    local draft, reference = request.draft(WITH, { x = "v" }, { initiator_id = "I", user_code = "U" }, { client_ref_id = "R" })
    assert.equal('{"initiator_id":"I","user_code":"U","client_ref_id":"R","x":"v"}', draft:body())
    assert.equal("R", reference)
    draft, reference = request.draft(WITH, { client_ref_id = "mine" }, nil, { client_ref_id = "R" })
    assert.same({ "mine", "mine" }, { reference, draft:client_ref_id() })
    draft, reference = request.draft(WITH)
    assert.equal(reference, draft:client_ref_id())
    assert.truthy(reference:find "^[%w_-]+$")
    assert.are_not.equal(reference, select(2, request.draft(WITH, nil, {}, {})))
    draft, reference = request.draft(WITH, { client_ref_id = 17 })
    assert.same({ "17", "17" }, { reference, draft:client_ref_id() })
    local refused, err = request.draft(WITH, { client_ref_id = 17, x = true })
    assert.same({ nil, "x" }, { refused, err.problems[1].field })
    draft, reference = request.draft(GET, {})
    assert.same({}, { draft:client_ref_id(), reference })
    assert.equal("R", select(2, request.draft(GET, {}, nil, { client_ref_id = "R" })))
    assert.is_string((select(2, request.draft(REQUIRED, {}))))
    draft, reference = request.draft(WITHOUT, { x = "v" }, nil, { client_ref_id = "R" })
    assert.equal('{"x":"v"}', draft:body())
    assert.is_nil(reference)
    draft, reference = request.draft(WITHOUT, { x = "v" })
    assert.same({ '{"x":"v"}' }, { draft:body(), reference })
  end)

  it("looks at the format of a reference that is not new", function()
    local made = endpoint { param("client_ref_id", { format = "client-ref" }) }
    assert.is_nil((request.draft(made, {}, nil, { client_ref_id = "no blank" })))
    assert.is_nil((request.draft(made, { client_ref_id = "no blank" })))
    assert.truthy((request.draft(made, {})))
    local unlike = endpoint { param("client_ref_id", { format = "mobile" }) }
    assert.truthy((request.draft(unlike, {})))
  end)

  it("makes one where a call must carry it, whatever other options there are, and where a GET need not, none", function()
    local carrying = endpoint { param "client_ref_id" }
    for _, options in ipairs { {}, { strict = true }, { extra = { x = 1 } } } do
      local draft, reference = request.draft(carrying, {}, nil, options)
      assert.equal(20, #reference)
      assert.equal(reference, draft:client_ref_id())
    end
    local reading = endpoint({ param("client_ref_id", { place = "query" }), param("x", { place = "query", required = true }) }, { method = "GET" })
    local draft, reference = request.draft(reading, { x = "v" })
    assert.same({ "/x?x=v" }, { draft:path(), reference })
    -- What is wrong with `extra` is told alone, though the rest of the call is in order and has a reference.
    local _, err = request.draft(carrying, {}, nil, { extra = "e" })
    assert.same({ { field = "extra", name = "wrong_type", expected = "a table of parameters by name" } }, err.problems)
  end)

  it("is strict where the call says so, or the client", function()
    local made = endpoint { param("aadhar", { format = "aadhaar" }) }
    local wrong = { aadhar = "234567890123" }
    for _, row in ipairs { { nil, nil, true }, { nil, true, false }, { true, nil, false }, { false, true, true }, { true, false, false }, { nil,
      false, true } } do
      assert.equal(row[3], (request.draft(made, wrong, { strict = row[2] }, { strict = row[1] })) ~= nil)
    end
  end)

  it("has the time where a timestamp is required, and today where a birth is", function()
    local clock = function() return 1790000000999 end
    local stamped, free = endpoint { param("timestamp", { required = true }) }, endpoint { param "timestamp" }
    assert.equal('{"timestamp":"2026-09-21T14:13:20Z"}', assert(request.draft(stamped, {}, { clock = clock })):body())
    assert.equal('{"timestamp":"t"}', assert(request.draft(stamped, { timestamp = "t" }, { clock = clock })):body())
    assert.equal("{}", assert(request.draft(free, {}, { clock = clock })):body())
    local before = os.date("!%Y-%m-%dT%H:%M", math.floor(core.text.now_ms() / 1000))
    local text = assert(request.draft(stamped, {})):value "timestamp"
    assert.truthy(text:sub(1, 16) == before or text:sub(1, 16) == os.date("!%Y-%m-%dT%H:%M", math.floor(core.text.now_ms() / 1000)))
    local born = endpoint { param("dob", { format = "date", means = "birth" }) }
    -- In India the day begins at 18:30 UTC.
    local day = 1789948800000 -- 2026-09-21 00:00 UTC
    for _, row in ipairs { { 0, "2026-09-21", true }, { 0, "2026-09-22", false }, { 66599999, "2026-09-22", false }, { 66600000, "2026-09-22",
      true }, { 66600000, "2026-09-23", false } } do
      assert.equal(row[3], (request.draft(born, { dob = row[2] }, { clock = function() return day + row[1] end })) ~= nil, row[1] .. " " .. row[2])
    end
    assert.is_nil((request.draft(born, { dob = "9999-12-31" })))
    -- A clock that was never set says nothing: it stands before 2020, as it is in India.
    for at, is_good in pairs { [0] = true, [1577816999999] = true, [1577817000000] = false } do
      assert.equal(is_good, (request.draft(born, { dob = "9999-12-31" }, { clock = function() return at end })) ~= nil, at)
    end
    -- Nobody asks the clock where neither is needed.
    local none = { clock = function() error "it was asked" end }
    assert.truthy((request.draft(WITHOUT, { x = "v" }, none)))
    assert.truthy((request.draft(free, {}, none)))
    assert.truthy((request.draft(endpoint { param("x", { required = true }) }, { x = "v" }, none)))
    assert.truthy((request.draft(endpoint { param("timestamp", { required = true }), param "x" }, {}, { clock = clock })))
    assert.truthy((request.draft(stamped, { timestamp = "t" }, none)))
    assert.error_matches(function() request.draft(stamped, {}, none) end, "it was asked")
    for _, wrong in ipairs { "timestamp", 7, true } do assert.is_nil((request.draft(stamped, wrong, { clock = clock })), tostring(wrong)) end
    assert.equal('{"timestamp":"2026-09-21T14:13:20Z"}', assert(request.draft(stamped, nil, { clock = clock })):body())
    assert.error_matches(function() request.draft(born, {}, none) end, "it was asked")
    assert.truthy((request.draft(endpoint { param("dob", { format = "date" }) }, { dob = "9999-12-31" })))
  end)

  it("takes tables of parameters, and what the endpoint does not know as extra", function()
    assert.equal('{"x":"v","y":[1,"2"]}', assert(request.draft(WITHOUT, { x = "v" }, nil, { extra = { y = { 1, "2" } } })):body())
    for _, wrong in ipairs { "x", 7, true, false } do
      local draft, err = request.draft(WITHOUT, wrong)
      assert.is_nil(draft)
      assert.same({ { field = "params", name = "wrong_type", expected = "a table of parameters by name" } }, err.problems)
      draft, err = request.draft(WITHOUT, {}, nil, { extra = wrong })
      assert.is_nil(draft)
      assert.same({ { field = "extra", name = "wrong_type", expected = "a table of parameters by name" } }, err.problems)
    end
    local _, err = request.draft(WITHOUT, { x = true }, nil, { extra = "e" })
    assert.same({ "x", "extra" }, { err.problems[1].field, err.problems[2].field })
  end)

  it("may be one that was released", function()
    local spare = assert(request.draft(WITHOUT, { x = "v" }))
    spare:release()
    assert.equal(spare, (request.draft(WITHOUT, { x = "w" }, nil, nil, spare)))
  end)
end)

describe("the check of one parameter", function()
  it("is that of a required one, wherever it stands", function()
    for _, place in ipairs { "body", "query", "path" } do
      local check = request.checker(param("m", { place = place, format = "mobile" }))
      assert.is_true(check "9444444444")
      assert.same({ nil, "it must not be empty: a mobile number of 10 digits that begins with 6, 7, 8 or 9" }, { check "" })
      assert.same({ nil, "a mobile number of 10 digits that begins with 6, 7, 8 or 9" }, { check "5444444444" })
      assert.same({ nil, "it is required" }, { check(nil) })
    end
    assert.is_true(request.is_mobile "9444444444")
    assert.is_nil((request.is_mobile "944444444"))
    local check = request.checker { name = "s", type = "string" }
    assert.is_true(check(("x"):rep(255)))
    assert.same({ nil, "at most 255 bytes" }, { check(("x"):rep(256)) })
    assert.same({ nil, "at most 2 bytes" }, { request.checker { name = "s", type = "string", max = 2 } "abc" })
    local _, expected = request.checker(param("a", { type = "address" })) { lin = "x" }
    assert.truthy(expected:find("did you mean line?", 1, true))
    check = request.checker { name = "s", type = "string", place = "path" }
    assert.is_true(check "a")
    assert.is_nil((check "a/b"))
    assert.is_true(request.checker { name = "s", type = "string" } "a/b")
    for _, name in ipairs { "initiator_id", "user_code", "client_ref_id" } do
      assert.same({ nil, "it is required" }, { request.checker { name = name, type = "string" } (nil) })
    end
    assert.is_true(request.checker { name = "aadhar", type = "string", format = "aadhaar" } "234567890123")
    check = request.checker(param("dob", { format = "date", means = "birth" }))
    assert.is_nil((check "9999-12-31"))
    assert.is_true(check "1990-02-28")
  end)
end)

describe("the error of a call that is not in order", function()
  local MADE = endpoint { param("name", { required = true, from = "somewhere" }), param("amount", { type = "integer", min = 1 }), param("otp",
    { type = "opaque", required = true }) }

  local function refused(params, options)
    local draft, err = request.draft(MADE, params, nil, options)
    assert.is_nil(draft)
    return err
  end

  it("lists every problem: of parameters in the entry's order, of unknown ones, of extra ones", function()
    local err = refused({ amount = "x", nam = "n", [2] = "v", zebra = 1 }, { extra = { ["no blank"] = 1, name = 2 } })
    local list = {}
    for index, problem in ipairs(err.problems) do list[index] = problem.field .. " " .. problem.name end
    assert.same({ "name missing_parameter", "amount invalid_format", "otp missing_parameter", "[2] unknown_parameter", "nam unknown_parameter",
      "zebra unknown_parameter", "extra.name invalid_format", "extra.no?blank invalid_format" }, list)
    assert.equal("it is required (somewhere)", err.problems[1].expected)
    assert.equal("no such parameter here; did you mean name?", err.invalid_params.nam)
    assert.equal("no such parameter here (what the catalogue does not know can be sent through the option extra)", err.invalid_params.zebra)
    assert.equal("parameters have names: a table with string keys", err.invalid_params["[2]"])
    assert.same({ "invalid_request", "invalid_request", false, false, "made-up" }, { err.kind, err.name, err.sent, err.retryable, err.slug })
    assert.truthy(err.message:find("made-up was not sent: name: it is required (somewhere); amount: expected a whole number above 0, "
      .. "as an integer or as plain digits; otp: ", 1, true) == 1)
  end)

  it("is named after its problem where all are of one kind", function()
    for name, params in pairs {
      missing_parameter = { amount = 5 }, invalid_format = { name = "a\n", amount = 0, otp = "1" }, wrong_type = { name = true, otp = {} },
      unknown_parameter = { name = "a", otp = "1", other = 1, another = 2 }, invalid_request = { name = "a", otp = "", amount = 0 },
    } do
      assert.equal(name, refused(params).name)
    end
    local err = refused { name = "a", otp = true }
    assert.equal("made-up was not sent: otp: expected the string exactly as it was received (or an integer)", err.message)
  end)

  it("says what a problem's detail adds, where it adds anything", function()
    local made = endpoint { param("home", { type = "address" }) }
    local KEYS = "only the keys line, city, state, pincode, district, area"
    for name, words in pairs { lin = KEYS .. " (did you mean line?)", zzzzzzzz = KEYS } do
      local _, err = request.draft(made, { home = { [name] = "v" } })
      assert.equal(words, err.invalid_params.home)
    end
    local _, err = request.draft(endpoint { param("pid", { means = "capture" }) }, { pid = "<PidData><Resp errCode='720' errInfo='not ready'/></PidData>" })
    assert.equal("a capture that went well, so have another one made: the device said errCode 720: not ready", err.invalid_params.pid)
  end)

  it("tells extra parameters from others, whatever they are called", function()
    local _, err = request.draft(MADE, { name = "a", otp = "1" }, nil, { extra = { [1] = "v" } })
    assert.same({ { field = "extra.[1]", name = "invalid_format", expected = "a name of 1 to 64 letters, digits, _, - or ." } }, err.problems)
  end)

  it("keeps the first of two problems of one field", function()
    local err = problems.refuse(MADE, { { 1, "missing" }, { 1, "utf8" } })
    assert.equal("it is required (somewhere)", err.invalid_params.name)
    assert.equal(2, #err.problems)
  end)

  it("shows names, not what somebody put where a name belongs", function()
    local function shown(name) return refused({ name = "a", otp = "1", [name] = 1 }).problems[1].field end
    for name, wanted in pairs {
      abc = "abc", _x = "_x", Zz9 = "Zz9", ["a.b-c_d"] = "a.b-c_d", ["a b"] = "a?b", ["é"] = "[a name that does not begin with a letter]",
        ["9444444444"] = "[a name that does not begin with a letter]",
      a12345678b = "a12345678b", a123456789b = "aXXXXX6789b",
      [""] = "[a name that does not begin with a letter]", ["aé"] = "a??", ["@x"] = "[a name that does not begin with a letter]",
        ["[x"] = "[a name that does not begin with a letter]",
      [1000] = "[1000]", [-1000] = "[-1000]", [1001] = "[number]", [-1001] = "[number]", [1.5] = "[number]", [true] = "[boolean]", [0] = "[0]", [7] = "[7]",
      [("n"):rep(64)] = ("n"):rep(64), [("n"):rep(65)] = ("n"):rep(64), ["a/0:9@A[Z`a{z"] = "a?0?9?A?Z?a?z",
    } do assert.equal(wanted, shown(name), tostring(name)) end
    assert.falsy(shown("x 234567890124"):find("234567890124", 1, true))
  end)
end)
