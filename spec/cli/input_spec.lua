-- Text that editors, shells and other programs wrote, given to the command line: byte-order marks, ends of lines, UTF-16, NUL bytes,
-- quotes, comments, blanks that are not seen.
local cjson = require("cjson").new()
local command = require "spec.support.command"
local emulator_server = require "spec.support.emulator_server"
local pty = require "spec.support.pty"
local rails = require("eko.emulator.customers").rails
local shell = require "spec.support.shell"
local sign = require("eko").sign

local quote = shell.quote
local KEY = "canary-access-key-8861"
local TIME = "1700000000000"
local MARK, NBSP, ZERO_WIDTH = "\239\187\191", "\194\160", "\226\128\139"
local PERSON = { "Asha Rao", "1990-01-31", "12 MG Road, Pune, Maharashtra, 411001" }
local PID = '<?xml version="1.0"?>\r\n<PidData><Resp errCode="0" fCount="1"/><Data type="X">c3ludGhldGlj</Data></PidData>\r\n'

local home = shell.directory()
local eko, outputs = command.runner(home)

teardown(function()
  for _, text in ipairs(outputs) do assert.is_nil(text:find("canary", 1, true), text) end
  os.execute("rm -rf " .. quote(home))
end)

local function utf16(text, order)
  local mark = order == "little" and "\255\254" or "\254\255"
  return mark .. text:gsub(".", order == "little" and "%0\0" or "\0%0")
end

local function write(name, text)
  os.remove(home .. "/" .. name)
  shell.write_file(home .. "/" .. name, text, "600")
  return quote(home .. "/" .. name)
end

local function has(text, part) assert(text:find(part, 1, true), ("%q is not in:\n%s"):format(part, text)) end

-- Forms in which whole files come: name -> how, and whether they can be read.
local FORMS = {
  { "as it is", function(text) return text end, true },
  { "with a mark", function(text) return MARK .. text end, true },
  { "with CRLF", function(text) return (text:gsub("\n", "\r\n")) end, true },
  { "with a mark and CRLF", function(text) return MARK .. text:gsub("\n", "\r\n") end, true },
  { "with CR alone", function(text) return (text:gsub("\n", "\r")) end, true },
  { "without an end", function(text) return (text:gsub("\n$", "")) end, true },
  { "with blanks", function(text) return NBSP .. " " .. text:gsub("\n", ZERO_WIDTH .. " \n") end, true },
  { "in UTF-16", function(text) return utf16(text, "little") end, false, "UTF-16" },
  { "in UTF-16, the other order", function(text) return utf16(text, "big") end, false, "UTF-16" },
  { "in UTF-16 without a mark", function(text) return (text:gsub(".", "%0\0")) end, false, "NUL bytes" },
  { "with a NUL at the end", function(text) return text .. "\0" end, false, "NUL bytes" },
}

describe("a configuration file", function()
  it("is read in every form, or the cause is named", function()
    for _, form in ipairs(FORMS) do
      local path = write("config", form[2]("# the sandbox\ndeveloper_key = d\naccess_key = " .. KEY .. "\ninitiator_id = 9962981729\n"))
      local code, out, err = eko(("sign --timestamp %s --config %s"):format(TIME, path))
      if form[3] then
        assert.equal(0, code, form[1] .. err)
        has(out, sign(KEY, TIME))
      else
        assert.equal(4, code, form[1])
        has(err, form[4])
      end
    end
  end)

  it("and the environment give the key that was meant, and doctor says what was taken off", function()
    for _, case in ipairs {
      { KEY }, { '"' .. KEY .. '"', "quotes" }, { "'" .. KEY .. "'", "quotes" }, { KEY .. "  # of the sandbox", "a comment" },
      { '"' .. KEY .. '"  # x', "quotes and a comment" }, { NBSP .. KEY .. ZERO_WIDTH, "blanks" }, { "EKO_ACCESS_KEY=" .. KEY, "its own name" },
      { "\226\128\156" .. KEY .. "\226\128\157", "quotes" }, { KEY .. "\r", "blanks" }, { MARK .. KEY, "blanks" },
    } do
      local more = { "access_key = ", "access_key=", "export EKO_ACCESS_KEY=", "EKO_ACCESS_KEY = ", NBSP .. "access_key\t=\t",
        "access_key" .. NBSP .. "= ", "export" .. NBSP .. "EKO_ACCESS_KEY" .. ZERO_WIDTH .. "=", MARK .. "export\t access_key=" }
      local path
      for _, before in ipairs(more) do
        path = write("config", "user_code = 1\n" .. before .. case[1] .. "\ndeveloper_key = d\n")
        local code, out, err = eko(("sign --timestamp %s --config %s"):format(TIME, path))
        assert.equal(0, code, before .. case[1] .. err)
        has(out, sign(KEY, TIME))
      end
      local env = { EKO_ACCESS_KEY = case[1], EKO_DEVELOPER_KEY = case[1]:gsub("ACCESS", "DEVELOPER"), EKO_BASE_URL = '"http://127.0.0.1:1/x" # nobody' }
      local code, out = eko("sign --timestamp " .. TIME, { env = env })
      assert.equal(0, code)
      has(out, sign(KEY, TIME))
      out = select(2, eko("doctor --json --timeout 1", { env = env }))
      local text = cjson.decode(out:match "^[^\n]+").text
      local taken = case[2] and (" (without %s)"):format(case[2]) or ""
      for _, name in ipairs { "ACCESS", "DEVELOPER" } do
        has(text .. ",", ("%s_key set from the environment (EKO_%s_KEY)%s,"):format(name:lower(), name, taken))
      end
      has(text, "base_url http://127.0.0.1:1/x from the environment (EKO_BASE_URL) (without quotes and a comment)")
    end
  end)

  it("with what cannot be a key is refused with what to do, by each command and by doctor", function()
    for value, part in pairs {
      ['"' .. KEY] = "quote that does not end", ['"' .. KEY .. '" x'] = "behind the quotes", [KEY .. "'"] = "quotes around it",
      ["<" .. KEY .. ">"] = "filled in", ["$EKO_KEY"] = "filled in", ["access_key: " .. KEY] = "blanks", ["canary" .. NBSP .. "key"] = "no key has",
      ["canary" .. ZERO_WIDTH .. "key"] = "no key has", [KEY .. ","] = "comma", ["SECRET_KEY=" .. KEY] = "in front of it",
    } do
      local path = write("config", "access_key = " .. value .. "\ndeveloper_key = d\n")
      local call = "call get-customer-info customer_id=9444444444 --dry-run"
      for _, run in ipairs { { "sign --config " .. path }, { call .. " --config " .. path }, { "doctor --config " .. path },
        { call, { EKO_ACCESS_KEY = value, EKO_DEVELOPER_KEY = "d" } }, { "sign", { EKO_ACCESS_KEY = value } },
        { "doctor", { EKO_ACCESS_KEY = value, EKO_DEVELOPER_KEY = "d" } } } do
        local code, out, err = eko(run[1], { env = run[2] })
        assert.equal(4, code, value .. " " .. run[1])
        has(out .. err, part)
      end
    end
  end)

  it("does not repeat a line that is not understood: it may be a key", function()
    for _, line in ipairs { KEY, KEY .. "=", "canary1=", "canary1==", "export canary1=x", "canary1 = x", '"' .. KEY .. '"' } do
      local code, _, err = eko("sign --config " .. write("config", line .. "\n"))
      assert.equal(4, code)
      has(err, "config:1: ")
    end
    has(select(3, eko("sign --config " .. write("config", "acess_key = " .. KEY .. "\n"))), "did you mean access_key")
  end)
end)

describe("keys and tokens of journeys", function()
  it("open in every form of their files", function()
    local token_key = ("k"):rep(40)
    local client = require("eko").client { developer_key = "d", access_key = "a", initiator_id = "9962981729", user_code = "1",
      base_url = "http://127.0.0.1:1/x" }
    local token = client:onboarding("levin", { customer_id = "9444444444" }):suspend(token_key)
    local env = { EKO_DEVELOPER_KEY = "d", EKO_ACCESS_KEY = "a", EKO_INITIATOR_ID = "9962981729", EKO_USER_CODE = "1", EKO_BASE_URL = "http://127.0.0.1:1/x" }
    os.execute("mkdir -p " .. quote(home .. "/.config/eko"))
    for _, form in ipairs(FORMS) do
      for _, what in ipairs { "token", "key", "environment" } do
        local path = write("token", what == "token" and form[2](token .. "\n") or token)
        write(".config/eko/token.key", what == "key" and form[2](token_key .. "\n") or token_key)
        env.EKO_TOKEN_KEY = what == "environment" and ('"%s , %s" # first and second'):format(("x"):rep(32), token_key) or nil
        local code, _, err = eko("onboard --resume " .. path, { env = env })
        local is_read = form[3] or what == "environment"
        -- Nobody listens at that address: who comes so far has opened the token.
        assert.equal(is_read and 1 or what == "token" and 2 or 4, code, form[1] .. err)
        has(err, is_read and "connect" or form[4])
      end
    end
    -- The same for who calls the library.
    for _, around in ipairs { MARK .. "%s\r\n", " %s", "%s" .. NBSP, "%s\n" } do
      assert(client:resume(around:format(token), token_key))
    end
  end)
end)

describe("answers that are piped in", function()
  local function reached(err) return err:match "stopped at ([%a ]+)," end

  it("are read in every form, or the cause is named and nothing goes on", function()
    for _, form in ipairs(FORMS) do
      if form[1] ~= "with CR alone" then -- (a line ends where its LF is)
        local code, out, err = eko("onboard levin 9444444444 --emulator", { input = form[2](table.concat(PERSON, "\n") .. "\n") })
        assert.equal(3, code, form[1] .. out .. err)
        if form[3] then
          assert.equal("OTP", reached(err), form[1] .. out .. err)
        else
          has(err, form[4])
          assert.is_true(reached(err) == "details" or form[1] == "with a NUL at the end")
        end
      end
    end
  end)

  it("are read as JSON lines in every form", function()
    for _, form in ipairs(FORMS) do
      local lines = cjson.encode { name = PERSON[1], dob = PERSON[2], residence_address = PERSON[3] } .. "\n"
      local code, out, err = eko("onboard levin 9444444444 --emulator --json", { input = form[2](lines) })
      assert.equal(3, code, form[1] .. out .. err)
      if form[3] then has(out, '"state":"otp"') else has(err, form[4]) end
      code, out, err = eko("onboard levin 9444444444 --emulator --json", { input = form[2](
        ("name=%s\ndob=%s\nresidence_address=%s\n"):format(PERSON[1], PERSON[2], PERSON[3])) })
      assert.equal(3, code)
      if form[3] and form[1] ~= "with CR alone" then has(out, '"state":"otp"') elseif form[4] then has(err, form[4]) end
    end
  end)

  it("lose no byte of a line to a NUL: it is told", function()
    local code, _, err = eko("onboard levin 9444444444 --emulator", { input = "Asha\0Rao\n1990-01-31\n" })
    assert.equal(3, code)
    has(err, "NUL bytes")
    assert.equal("details", reached(err))
  end)

  it("and files and lines for a call go out without what came along", function()
    for _, form in ipairs(FORMS) do
      local path = write("pid.xml", form[2](PID))
      local code, out, err = eko(("call dmt-fino-sender-ekyc customer_id=9444444444 aadhar=@- piddata=@%s --dry-run --json --emulator")
        :format(path), { input = MARK .. " 234567890124" .. NBSP .. "\r\n" })
      if form[3] then
        assert.equal(0, code, form[1] .. err)
        assert.equal("XXXXXXXX0124", cjson.decode(out).body.aadhar)
      else
        assert.equal(2, code)
        has(err, form[4])
      end
    end
  end)
end)

describe("a customer's details", function()
  it("are taken by names, as lines and as one text, on each rail", function()
    for _, wallet in ipairs(rails) do
      for _, address in ipairs { PERSON[3], { "12 MG Road", "Pune", "Maharashtra", "411001" },
        { line = "12 MG Road", city = "Pune", state = "Maharashtra", pincode = "411001" } } do
        local code, out, err = eko("onboard " .. wallet .. " 9444444444 --emulator --json", {
          input = cjson.encode { name = PERSON[1], dob = PERSON[2], residence_address = address } .. "\n" })
        assert.equal(3, code, err)
        has(out, wallet == "fino" and '"state":"ekyc"' or '"state":"otp"')
      end
    end
  end)

  it("are asked for again where they cannot be", function()
    local tomorrow = os.date("!%Y-%m-%d", os.time() + 2 * 86400)
    for _, wrong in ipairs { { dob = tomorrow }, { dob = "1899-12-31" }, { dob = NBSP }, { name = " " }, { name = ZERO_WIDTH },
      { residence_address = { ZERO_WIDTH } }, { residence_address = { line = "" } }, { residence_address = NBSP } } do
      local right = { name = PERSON[1], dob = PERSON[2], residence_address = PERSON[3] }
      local given = {}
      for name, value in pairs(right) do given[name] = wrong[name] or value end
      local code, out = eko("onboard levin 9444444444 --emulator --json", { input = cjson.encode(given) .. "\n" .. cjson.encode(right) .. "\n" })
      assert.equal(3, code)
      has(out, '"name":"invalid_input"')
      for name in pairs(wrong) do has(out, '"' .. name .. '":') end
      has(out, '"state":"otp"')
    end
  end)

  it("hold no capture that failed: what the device said is told before anything is sent", function()
    local path = write("failed.xml", MARK .. '<PidData><Resp errCode="720" errInfo="Device not ready"/></PidData>\r\n')
    local code, _, err = eko("call dmt-fino-sender-ekyc customer_id=9444444444 aadhar=@- piddata=@" .. path .. " --emulator",
      { input = "234567890124\n" })
    assert.equal(2, code)
    has(err, "720: Device not ready")
    local answers = ("%s\nyes\n234567890124\n%s\n"):format(table.concat(PERSON, "\n"), home .. "/failed.xml")
    code, _, err = eko("onboard fino 9444444444 --emulator", { input = answers })
    assert.equal(3, code)
    has(err, "that will not do: expected a capture that went well")
    has(err, "720: Device not ready")
    write("good.xml", MARK .. PID)
    local out
    code, out, err = eko("onboard fino 9444444444 --emulator", { input = answers .. home .. "/good.xml\n" })
    assert.equal(3, code, err)
    has(out, "SMS to")
  end)
end)

describe("a person at a terminal", function()
  it("is asked again for what is blank", function()
    local server = emulator_server.start { developer_key = "spec-developer-key", access_key = KEY }
    local session = pty.start { terminal = true, command = ("%s %s bin/eko onboard levin 9444444444"):format(command.environment(home, {
      EKO_DEVELOPER_KEY = '"spec-developer-key" # it', EKO_ACCESS_KEY = NBSP .. KEY, EKO_INITIATOR_ID = "9962981729", EKO_USER_CODE = "'20810200'",
      EKO_BASE_URL = server.base_url }), command.interpreter) }
    local function answers(question, blanks, answer, expected)
      for _, blank in ipairs(blanks) do
        session:expect(question)
        session:send(blank .. "\n")
        session:expect(expected)
      end
      session:expect(question)
      session:send(answer .. "\n")
    end
    local blanks = { "", "  ", NBSP, ZERO_WIDTH .. " " .. MARK, "\227\128\128" }
    answers("Name: ", blanks, "Asha Rao" .. NBSP, "that will not do: it must not be empty")
    answers("Date of birth (YYYY-MM-DD): ", { "", NBSP, "31-01-1990" }, ZERO_WIDTH .. "1990-01-31", "that will not do: ")
    answers("PIN code): ", { NBSP, ",,,411001", "12 MG Road, , Maharashtra, 411001", " , Pune, Maharashtra, 411001", "12 MG Road, Pune, Maharashtra" },
      "12 MG Road,, Pune ," .. NBSP .. "Maharashtra, 411001" .. ZERO_WIDTH, "that will not do: expected line, city, state")
    session:expect "OTP sent to"
    answers("OTP: ", { "", NBSP }, "resend" .. NBSP, "that will not do: it must not be empty")
    session:expect "OTP sent to"
    local messages = server.sms "9444444444"
    answers("OTP: ", {}, NBSP .. messages[#messages].otp, "")
    session:expect "consented"
    session:send "\4"
    assert.equal(3, (session:finish()))
    server.stop()
  end)

  it("is told of a reference that came damaged, and has another OTP sent when it is time", function()
    local server = emulator_server.start { developer_key = "spec-developer-key", access_key = KEY }
    server.enrol("9444444445", { levin = "active" })
    server.fault { slug = "ppi-levin-get-sender", kind = "answer", times = 2,
      body = [[{"status":0,"response_status_id":0,"response_type_id":2129,"message":"x","data":{"intent_id":19,"otp_ref_id":"a\ud83db"}}]] }
    local session = pty.start { terminal = true, command = ("%s %s bin/eko onboard levin 9444444445"):format(command.environment(home, {
      EKO_DEVELOPER_KEY = "spec-developer-key", EKO_ACCESS_KEY = KEY, EKO_INITIATOR_ID = "9962981729", EKO_USER_CODE = "20810200",
      EKO_BASE_URL = server.base_url }), command.interpreter) }
    for answers, calls in ipairs { 1, 2, 2, 2 } do
      session:expect "damaged_reference: "
      session:expect 'Enter tries again, "resend" has another OTP sent, Ctrl-D stops: '
      assert.equal(calls, #server.requests { slug = "ppi-levin-get-sender" })
      session:send(answers < 4 and "\n" or "resend\n")
    end
    session:expect "OTP: "
    local messages = server.sms "9444444445"
    assert.equal(1, #messages)
    session:send(messages[#messages].otp .. "\n")
    session:expect "Done"
    assert.equal(0, (session:finish()))
    server.stop()
  end)

  it("need not know what came along with an answer", function()
    local session = pty.start { terminal = true, command = ("%s %s bin/eko onboard levin 9444444444 --emulator"):format(command.environment(home),
      command.interpreter) }
    session:expect "Name"
    session:send(MARK .. "Asha Rao" .. NBSP .. "\n")
    session:expect "birth"
    session:send(ZERO_WIDTH .. "1990-01-31\n")
    session:expect "Address"
    session:send("12 MG Road ," .. NBSP .. "Pune, Maharashtra, 411001" .. ZERO_WIDTH .. "\n")
    session:expect "OTP ["
    session:send "\4"
    assert.equal(3, (session:finish()))
  end)
end)
