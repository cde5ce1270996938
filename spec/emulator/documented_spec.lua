-- Endpoints that no rail knows, answered from what is documented of them.
local emulated = require "spec.support.emulator_platform"

local function param(name, more)
  local made = { name = name, type = "string", required = true }
  for key, value in pairs(more or {}) do made[key] = value end
  return made
end

local ENDPOINTS = {
  {
    slug = "look", method = "GET", path = "/look/{customer_id}", response_type_id = 23,
    params = { param "initiator_id", param("customer_id", { format = "mobile" }), param "colour", param("size", { type = "integer", required = false }) },
    shape = {
      colour = "string", size = "number", seen = "boolean", other = "opaque", pipes = "map",
      inner = { record = { colour = "string" } }, list = { list = { weight = "number" } },
    },
  },
  {
    slug = "give", method = "POST", path = "/give", moves_money = true, response_type_id = 325,
    params = { param "initiator_id", param("client_ref_id", { format = "client-ref", required = false }),
      param("amount", { type = "integer", means = "rupees" }) },
  },
  { slug = "give-all", method = "POST", path = "/give/all", moves_money = true, response_type_id = 325, params = { param "initiator_id" } },
  { slug = "bare", method = "PUT", path = "/bare", params = { param "initiator_id" } },
  {
    slug = "checked", method = "POST", path = "/checked", params = {
      param("pan", { format = "pan" }), param("ifsc", { format = "ifsc" }), param("ref", { format = "client-ref" }),
      param("account", { means = "account" }), param("otp", { type = "opaque" }), param("day", { format = "date" }),
      param("lines", { type = "list" }),
    },
  },
  -- A rail has this one.
  { slug = "get-customer-info", method = "GET", path = "/customer/profile/{customer_id}", params = { param "never" } },
}

local function new(more) return emulated.new(emulated.merge({ endpoints = ENDPOINTS }, more or {})) end

describe("an endpoint that no rail knows", function()
  it("is answered in the documented form: what was given where a member has its name, something made up elsewhere", function()
    local s = new()
    local body = s.call("GET", "/look/" .. emulated.mobile, { colour = "red", size = "7" })
    assert.same({
      status = 0, response_status_id = 0, response_type_id = 23, message = "Success",
      data = { colour = "red", size = 7, seen = true, other = "1", pipes = {}, inner = { colour = "1" }, list = { { weight = 1 } } },
    }, body)
    assert.same({ status = 0, response_status_id = 0, message = "Success", data = {} }, (s.call("PUT", "/bare")))
  end)

  it("has its parameters checked, in the path too", function()
    local s = new()
    local path = "/look/" .. emulated.mobile
    local missing, malformed = s.call("GET", path), s.call("GET", path, { colour = "red", size = "x" })
    assert.same({ 97, { colour = "colour is mandatory" } }, { missing.status, missing.invalid_params })
    assert.same({ 461, { size = "size must be an integer" } }, { malformed.status, malformed.invalid_params })
    assert.equal(140, s.call("GET", "/look/12345", { colour = "red" }).status)
    assert.same({ message = "No key for Response" }, (s.call("GET", path, { colour = "red", weight = "1" })))
    assert.equal(319, s.call("PUT", "/bare", { initiator_id = "1" }).status)
    assert.equal(405, select(2, s.call("DELETE", "/bare")).status)
    assert.equal(401, select(2, s.call("PUT", "/bare", nil, { ["secret-key"] = "AAAA" })).status)
  end)

  it("has each value checked by its format, by what it means, else by its type", function()
    local good = {
      pan = "ABCPE1234F", ifsc = "SBIN0005656", ref = "R-1", account = "00001234567890", otp = 12, day = "whenever", lines = { "x" },
    }
    local s = new()
    assert.equal(0, s.call("POST", "/checked", good).status)
    local bad = { pan = "x", ifsc = "x", ref = "a b", account = "1", otp = { "1" }, day = { "1" } }
    local wrong = s.call("POST", "/checked", emulated.merge(good, bad)).invalid_params
    for name in pairs(bad) do assert.is_string(wrong[name], name) end
    assert.is_nil(wrong.lines)
  end)

  it("moves money where that is documented: once for a reference, and it can be looked up", function()
    local s = new()
    local before = s.platform:agent_balance()
    local body = s.call("POST", "/give", { amount = 7, client_ref_id = "R-1" })
    assert.same({ 325, "0", "R-1" }, { body.response_type_id, body.data.tx_status, body.data.client_ref_id })
    assert.equal("client_ref_id was used before", s.call("POST", "/give", { amount = 7, client_ref_id = "R-1" }).invalid_params.client_ref_id)
    assert.equal(1, s.platform:debits "R-1")
    assert.equal(tonumber(before) - 7, tonumber(s.platform:agent_balance()))
    local found = s.call("GET", "/tools/reference/transaction/" .. body.data.tid).data
    assert.same({ "7.00", "0", "R-1" }, { found.amount, found.tx_status, found.client_ref_id })
    assert.equal(461, s.call("POST", "/give", { amount = 0 }).status)
    assert.equal("", found.sender_name)
    assert.equal("0.00", s.platform:transactions(s.call("POST", "/give/all").data.tid)[1].amount)
    assert.equal(0, s.call("PUT", "/bare", { client_ref_id = "R-1" }).status)
  end)

  it("takes faults and scripts by its slug, and is none that a rail has", function()
    local s = new()
    s.platform:script("bare", { { body = { status = 5 } } })
    assert.equal(5, s.call("PUT", "/bare").status)
    s.platform:fault { kind = "unavailable", slug = "bare" }
    assert.equal(503, select(2, s.call("PUT", "/bare")).status)
    assert.equal("bare", s.platform:requests()[2].slug)
    assert.equal(308, s.call("GET", emulated.profile).status)
    assert.equal(404, select(2, emulated.new().call("PUT", "/bare")).status)
  end)
end)
