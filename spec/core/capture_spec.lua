-- The PID block of a fingerprint device: what is none, and a capture that failed, is refused before anything is sent.
local catalogue = require "eko.wallets.catalogue"
local request = require "eko.call.request"

local ENDPOINT = catalogue.get "dmt-fino-sender-ekyc"
local BOM = "\239\187\191"

local function draft(pid)
  return request.draft(ENDPOINT, { customer_id = "9444444444", aadhar = "234567890124", piddata = pid }, { initiator_id = "1" })
end

-- Forms of a capture that went well: it goes out as it is.
local GOOD = {
  "<PidData/>", "<PidData />", "<PidData\n/>", "<PidData></PidData>", "<PidData ></PidData >", '<PidData xmlns="urn:x"></PidData>',
  '<p:PidData xmlns:p="urn:x"></p:PidData>', '<?xml version="1.0"?><PidData/>', '<?xml version="1.0" encoding="UTF-8"?>\r\n<PidData>\r\n</PidData>\r\n',
  "<!-- made by a device --><PidData/>", "  \n<PidData/>", "<?a > b?><PidData/>", "<!-- <Resp errCode=\"730\"/> --><PidData/>",
  '<PidData><Resp errCode="0"/></PidData>', "<PidData><Resp errCode='0'/></PidData>", '<PidData><Resp errCode = "0" /></PidData>',
  '<PidData><Resp\n\terrCode\n=\n"0"\n/></PidData>', '<PidData><Resp errCode=" 0 "/></PidData>', '<PidData><Resp errCode="00"/></PidData>',
  '<PidData><Resp errCode="000"></Resp></PidData>', '<PidData><Resp errCode=""/></PidData>', "<PidData><Resp/></PidData>", "<PidData><Resp></Resp></PidData>",
  '<PidData><Resp errInfo="" fCount="1" errCode="0" qScore="80"/></PidData>', '<PidData><Resp errInfo="Success." errCode="0"/></PidData>',
  '<PidData><Resp note="errCode=\'730\'" errCode="0"/></PidData>', "<PidData><Resp note='<Resp errCode=\"730\"/>' errCode='0'/></PidData>",
  '<PidData><Resp note="a > b" errCode="0"/></PidData>', '<PidData><Resp errCode="0"/><Resp errCode="00"/></PidData>',
  '<PidData><!-- <Resp errCode="730"/> --></PidData>', '<PidData><![CDATA[<Resp errCode="730"/>]]></PidData>',
  '<PidData><?x <Resp errCode="730"/> ?></PidData>',
  '<PidData><Response errCode="730"/></PidData>', '<PidData><Resps errCode="730"/></PidData>', '<PidData><Resp myerrCode="730"/></PidData>',
  '<PidData>errCode="730"</PidData>', '<PidData><Data errCode="730">x</Data></PidData>',
  '<PidData><Resp errCode="0"/><Data type="X">MjAy+/=</Data><Hmac>a</Hmac></PidData>',
  "<a><PidData/></a>", "<PidData>a < b</PidData>", '<PidData><RESP ERRCODE="0"/></PidData>', "<PidData><Resp errCode=0/></PidData>",
  '<PidData><Resp errInfo="730" errCode="0"/></PidData>', '<PidData><Resp disabled errCode="0"/></PidData>',
  "<PidData><!----><!-- - -- ></PidData> --></PidData>",
}

-- What is no PID block, or not a whole one.
local NONE = {
  "<a/>", "text", "<", "<>", "< PidData/>", "</PidData>", "<PidData", "<PidData>", "<PidData><Resp errCode=\"0\"/>", '<PidData a="></PidData>', "<PidDat/>",
  "<PidDataX/>", "<XPidData/>", "<piddata/>", "<PIDDATA/>", "<!-- <PidData/> -->", "<!--<PidData/>", "<![CDATA[<PidData/>]]>", "<?PidData?>",
  '<a b="<PidData/>"/>', "&lt;PidData/&gt;", "%3CPidData%2F%3E", "PFBpZERhdGEvPg==", '{"PidData":{}}', "PidData", "<PidData><!-- </PidData>", "<PidOptions/>",
  "<a:b:/>", "</PidData><a/>", "<PidData ", "<PidData a", "<PidData a=", "<PidData a='", "<?xml <PidData/>", "<Data>" .. ("x"):rep(1000) .. "</Data>",
}

-- A capture that failed, and what is told of it.
local FAILED = {
  { '<PidData><Resp errCode="730" errInfo="Capture timed out"/></PidData>', "730: Capture timed out" },
  { "<PidData><Resp errCode='730' errInfo='Capture timed out'></Resp></PidData>", "730: Capture timed out" },
  { '<PidData><Resp errInfo="Capture timed out" errCode="730"/></PidData>', "730: Capture timed out" },
  { '<PidData><Resp fCount="0"\r\n errInfo = "Device not ready"\r\n errCode = " 720 " /></PidData>', " 720 : Device not ready" },
  { '<PidData><Resp errCode="1"/></PidData>', "1" }, { '<PidData><Resp errCode="-1"/></PidData>', "-1" }, { '<PidData><Resp errCode="010"/></PidData>', "010" },
  { '<PidData><Resp errCode="K-100"/></PidData>', "K-100" }, { '<PidData><Resp errCode="0x1"/></PidData>', "0x1" },
  { '<PidData><resp errcode="730"/></PidData>', "730" }, { '<PidData><RESP ERRCODE="730" ERRINFO="e"/></PidData>', "730: e" },
  { '<PidData><p:Resp p:errCode="730"/></PidData>', "730" }, { '<p:PidData><p:Resp errCode="730"/></p:PidData>', "730" },
  { '<PidData><Resp errCode="0"/><Resp errCode="730"/></PidData>', "730" }, { '<PidData><Resp errCode="730"/><Resp errCode="0"/></PidData>', "730" },
  { '<PidData><Resp errCode="0" errCode="730"/></PidData>', "730" }, { '<PidData><Resp errCode="730" errCode="0"/></PidData>', "730" },
  { '<PidData><a><b><Resp errCode="730"/></b></a></PidData>', "730" }, { '<PidData><Data/><!-- x --><Resp errCode="730"/></PidData>', "730" },
  { '<Resp errCode="730"/>', "730" }, { '<a><Resp errCode="730"/><PidData/></a>', "730" }, { "<PidData><Resp errCode=730></PidData>", "730" },
  { '<PidData><Resp errCode="730"', "730" }, { '<?xml version="1.0"?>\n<PidData>\n<Resp errCode="730" errInfo="a > b" />', "730: a > b" },
  { '<PidData><![CDATA[x]]><Resp errCode="730"/></PidData>', "730" },
  { '<PidData><Resp errCode="730" errInfo="a\r\n\tb\0\127é\226\128\174"/></PidData>', "730: a???b???????" },
  { ('<PidData><Resp errCode="%s" errInfo="%s"/></PidData>'):format(("K"):rep(100), ("e"):rep(1000)), ("K"):rep(16) .. ": " .. ("e"):rep(80) },
}

describe("a PID block", function()
  it("goes out as it is when the capture went well", function()
    for _, pid in ipairs(GOOD) do
      local made, err = draft(pid)
      assert.truthy(made, pid .. ": " .. tostring(err))
      assert.equal(pid, made:value "piddata")
    end
  end)

  it("is refused when it is none", function()
    for _, pid in ipairs(NONE) do
      local made, err = draft(pid)
      assert.is_nil(made, pid)
      assert.equal("invalid_format", err.name, pid)
      assert.equal("a whole PID block: XML with an element <PidData>", err.invalid_params.piddata, pid)
      assert.is_false(err.sent)
    end
  end)

  it("is refused when the capture failed, with what the device says of it and nothing else", function()
    for _, case in ipairs(FAILED) do
      local made, err = draft(case[1])
      assert.is_nil(made, case[1])
      assert.equal("invalid_format", err.name, case[1])
      assert.equal("a capture that went well, so have another one made: the device said errCode " .. case[2], err.invalid_params.piddata)
    end
    local secret = "c2VjcmV0LWZpbmdlcnByaW50"
    local _, err = draft('<PidData><Resp errCode="730" errInfo="failed"/><Data type="X">' .. secret .. "</Data></PidData>")
    assert.is_nil(tostring(err):find(secret, 1, true))
    for _, info in ipairs { "of 234567890124", "uid234567890124", "234567890124x", "uid:234567890124:9444444444" } do
      _, err = draft('<PidData><Resp errCode="730" errInfo="' .. info .. '"/></PidData>')
      assert.is_nil(tostring(err):find("23456789", 1, true), info)
      assert.is_nil(tostring(err):find("94444444", 1, true), info)
    end
  end)

  it("loses the byte-order mark before it", function()
    for _, before in ipairs { BOM, BOM .. BOM, " " .. BOM, "\r\n" .. BOM, BOM .. " " .. BOM } do
      for _, pid in ipairs { "<PidData/>", '<?xml version="1.0"?>\r\n<PidData>\r\n</PidData>', " \n<PidData/>" } do
        assert.equal(pid, assert(draft(before .. pid)):value "piddata")
      end
      assert.is_nil((draft(before .. "<a/>")))
    end
    local made = assert(draft("<PidData>" .. BOM .. "</PidData>"))
    assert.equal("<PidData>" .. BOM .. "</PidData>", made:value "piddata")
  end)

  it("that shows nothing is not given", function()
    for _, pid in ipairs { "", " ", "\r\n\t", BOM, BOM .. " ", "\194\160", "\226\128\139" } do
      local _, err = draft(pid)
      assert.equal("missing_parameter", err.name)
    end
  end)

  it("is text, in UTF-8 and of its length", function()
    for _, pid in ipairs { 12, true, {} } do assert.equal("wrong_type", select(2, draft(pid)).name) end
    for _, pid in ipairs { "<PidData>\255</PidData>", "<PidData>\0</PidData>", "<PidData>\1</PidData>", "\255\254<\0P\0i\0d\0" } do
      assert.equal("invalid_format", select(2, draft(pid)).name)
    end
    local longest = "<PidData>" .. ("x"):rep(131072 - 19) .. "</PidData>"
    assert.truthy(draft(longest))
    assert.truthy(draft(BOM .. longest))
    assert.equal("at most 131072 bytes", select(2, draft(longest .. " ")).invalid_params.piddata)
  end)
end)
