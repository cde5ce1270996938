local core = require "eko.core"

-- Whether a long answer may be a success is told by its codes, without making values of it.
describe("core.json.codes", function()
  local CASES = {
    { '{"status":0,"response_type_id":2131,"response_status_id":-1}', { status = 0, response_type_id = 2131, response_status_id = -1 } },
    { ' {\n"data" : {"status":5,"a":[{"status":6}]} , "status" :\t0 } ', { status = 0 } },
    { '{"status":"302","response_type_id":"-1"}', { status = 302, response_type_id = -1 } },
    { '{"status":1,"status":2}', { status = 2 } },
    { '{"x":"status","y":"\\"status\\":9","z":"}","status":3}', { status = 3 } },
    { '{"x\\\\":"status","status":3}', { status = 3 } },
    { '{"status":1.5,"response_type_id":1e3,"response_status_id":true}', {} },
    { '{"status":12345678901234567890}', {} }, { '{"status":null}', {} }, { '{"status":""}', {} }, { '{"status":-}', {} },
    { '{"data":["status",1]}', {} }, { '{"status"}', {} }, { '{"status":', {} }, { '{"status":1', {} }, { '{"status":1,"a":"}', {} },
    { '{"status":1}x', {} }, { '{"status":1}}', {} }, { '{"a":[,"status":1}', {} }, { '[{"status":1}]', {} }, { "", {} }, { " ", {} },
    { "{", {} }, { '{"', {} }, { '{"\\', {} }, { "1", {} }, { "<status>", {} }, { '{"status":1}\0', {} }, { '{"status":1\0}', {} }, { "{}", {} },
  }

  it("finds the codes of the envelope itself, where it is one", function()
    for _, case in ipairs(CASES) do assert.same(case[2], core.json.codes(case[1]), case[1]) end
  end)

  it("reads no further than its text, and finds what a strict reader finds", function()
    local state = 7
    local function random(n)
      state = (state * 1103515245 + 12345) % 2147483648
      return math.floor(state / 65536) % n + 1
    end
    local parts = { "{", "}", "[", "]", '"', "\\", ":", ",", "status", '"status":', '"response_type_id":', "1", "-", " ", '"a"' }
    local read = 0
    for _ = 1, 20000 do
      local text = {}
      for i = 1, random(12) do text[i] = parts[random(#parts)] end
      text = "{" .. table.concat(text) .. "}"
      local found, value = core.json.codes(text), core.json.decode(text)
      if type(value) == "table" then
        read = read + 1
        for _, name in ipairs { "status", "response_type_id" } do
          local expected = value[name]
          if type(expected) == "string" and expected:find "^%-?%d+$" then expected = tonumber(expected) end
          assert.equal(type(expected) == "number" and expected or nil, found[name], text)
        end
      end
    end
    assert.is_true(read > 50)
  end)
end)
