-- The checks of a draft: lists, addresses in both forms, captures.
local drafts_of = require "spec.support.drafts"

local put, assert_put, assert_problem = drafts_of.put, drafts_of.assert_put, drafts_of.assert_problem

describe("a list", function()
  local function items(count)
    local list = {}
    for index = 1, count do list[index] = "a" end
    return list
  end

  it("is of up to a hundred strings, without holes", function()
    for _, place in ipairs { "body", "query" } do
      local written, kept = put({ type = "list", max = 3, place = place }, { "a", 'b"', "" })
      assert.equal(place == "body" and '["a","b\\"",""]' or "%5B%22a%22%2C%22b%5C%22%22%2C%22%22%5D", written)
      assert.same({ "a", 'b"', "" }, kept)
      written, kept = put({ type = "list", place = place }, {})
      assert.equal(place == "body" and "[]" or "%5B%5D", written)
      assert.same({}, kept)
    end
    assert_put('["a"]', { type = "list" }, { "a" })
    assert.equal(100, #select(2, put({ type = "list" }, items(100))))
    assert_problem("items", { type = "list" }, items(101))
    for _, value in ipairs { "a", 7, true, { [2] = "a" }, { x = "a" }, { "a", x = "b" }, { [0] = "a" }, { [1.5] = "a" }, { 7 },
      { true }, { "a", {} } } do
      assert_problem("type", { type = "list" }, value)
    end
    assert_put('["abc"]', { type = "list", max = 3 }, { "abc" })
    assert_problem("item length", { type = "list", max = 3 }, { "abc", "abcd" })
    assert_problem("control", { type = "list" }, { "a", "b\n" })
    assert_problem("control", { type = "list", multiline = true }, { "a\n" })
    assert_problem("utf8", { type = "list" }, { "\255", "a" })
    assert_put("[]", { type = "list", required = true }, {})
  end)
end)

describe("an address", function()
  it("is written from its names, in the documented order", function()
    local all = { area = "f", district = "e", pincode = "d", state = "c", city = 'b"', line = "a" }
    local text = '{"line":"a","city":"b\\"","state":"c","pincode":"d","district":"e","area":"f"}'
    local written, kept = put({ type = "address" }, all)
    assert.equal(text, kept)
    assert.equal('"' .. text:gsub("[\\\"]", "\\%0") .. '"', written)
    for _, name in ipairs { "line", "city", "state", "pincode", "district", "area" } do
      assert.equal(('{"%s":"v"}'):format(name), select(2, put({ type = "address" }, { [name] = "v" })))
    end
    assert.equal('%22%7B%5C%22line%5C%22%3A%5C%22a%5C%22%7D%22', (put({ type = "address", place = "query" }, { line = "a" })))
    assert_problem("empty", { type = "address" }, {})
    assert_problem("address value", { type = "address" }, { line = 7 })
    assert_problem("control", { type = "address" }, { line = "a\n" })
    assert_problem("utf8", { type = "address" }, { city = "\255" })
    for _, value in ipairs { 7, true, print, io.stdout } do
      assert_problem("type", { type = "address" }, value)
      assert_problem("type", { type = "list" }, value)
    end
  end)

  it("has no other names; the detail is the one that is wrong", function()
    for _, name in ipairs { "lines", "lin", "Line", "", "street", "line\0" } do
      local written, problem, detail = put({ type = "address" }, { [name] = "v" })
      assert.same({ nil, "address name", name }, { written, problem, detail })
    end
    assert_problem("address name", { type = "address" }, { line = "a", wrong = "b" })
    for _, name in ipairs { 7, true, 0, 1.5, {}, print } do assert_problem("type", { type = "address" }, { [name] = "v" }) end
  end)

  it("says something in one line at least, and has nothing hidden", function()
    for _, blank in ipairs { "", " ", "\226\128\139" } do
      assert_problem("empty", { type = "address" }, { line = blank })
      assert_problem("empty", { type = "address" }, { line = blank, city = blank })
      assert_put('"{\\"line\\":\\"\\",\\"city\\":\\"c\\"}"', { type = "address" }, { line = blank, city = "c" })
      assert_put('"{\\"city\\":\\"c\\"}"', { type = "address" }, { blank, "c" })
      assert_problem("empty", { type = "address" }, { blank })
      assert_put('["","c"]', { type = "list", means = "address" }, { blank, "c" })
      assert_put('["","c"]', { type = "list", means = "address" }, { line = blank, city = "c" })
      assert_problem("empty", { type = "list", means = "address" }, { blank, blank })
    end
    assert_problem("hidden", { type = "address" }, { line = "a\226\128\174b" })
    assert_problem("hidden", { type = "list", means = "address" }, { "a\226\128\174b" })
    assert_put('["a\226\128\174b"]', { type = "list" }, { "a\226\128\174b" })
    assert_put('[" "]', { type = "list" }, { " " })
    assert_problem("empty", { type = "list", means = "address" }, {})
    assert_put("[]", { type = "list" }, {})
  end)

  it("may be given as a list of lines, and a list of lines by names", function()
    assert_put('"{\\"line\\":\\"a\\",\\"city\\":\\"b\\",\\"state\\":\\"c\\",\\"pincode\\":\\"d\\",\\"district\\":\\"e\\",\\"area\\":\\"f\\"}"',
      { type = "address" },
      { "a", "b", "c", "d", "e", "f" })
    assert_problem("address lines", { type = "address" }, { "a", "b", "c", "d", "e", "f", "g" })
    assert_problem("type", { type = "address" }, { 7 })
    assert_problem("address value", { type = "address" }, { line = true })
    local field = { type = "list", means = "address", max = 3 }
    local written, kept = put(field, { area = "f", line = "a", state = "c" })
    assert.equal('["a","","c","","","f"]', written)
    assert.same({ "a", "", "c", "", "", "f" }, kept)
    written, kept = put(field, { city = "b" })
    assert.equal('["","b"]', written)
    assert.same({ "", "b" }, kept)
    assert_put('["a","b","c","d","e","f","g"]', field, { "a", "b", "c", "d", "e", "f", "g" })
    assert_problem("item length", field, { line = "abcd" })
    assert_problem("item length", field, { "abcd" })
    assert_put('["abc"]', field, { line = "abc" })
    assert_problem("address name", field, { lines = "a" })
    assert_problem("type", { type = "list" }, { line = "a" })
    assert_problem("type", field, '["a"]')
    assert_put('"{\\"line\\":\\"abcd\\"}"', { type = "address", max = 100 }, { line = "abcd" })
    assert_problem("length", { type = "address", max = 5 }, { line = "abcdef" })
    assert_put('["c",""]', { type = "list", means = "address" }, { "c", " " })
    local two = drafts_of.plan_of { { name = "x", type = "address" }, { name = "y", type = "address" } }
    assert.equal('{"line":"b"}', two({ x = { line = "a" }, y = { line = "b" } }):value "y")
  end)

  it("may be JSON text of an object or a list, on one line, that says something", function()
    for _, text in ipairs { '{"line":"a"}', '["a"]', ' {"line":"a"}', '   [7]', '{"a":"\\u00e9é"}', "[-1.5]", '{"a":["",{"b":"c"}]}', '[""," ",0]',
      '["\\u0020"]' } do
      local written, kept = put({ type = "address" }, text)
      assert.equal(text, kept)
      assert.equal('"' .. text:gsub("[\\\"]", "\\%0") .. '"', written)
    end
    for _, text in ipairs { "", " ", "   ", "{}", "[]", '{"line":""}', '{"line":" ","city":"\226\128\139"}', "[null]", '["",null,true]',
      '{"a":{"b":""}}', '[{"x":null}]', '{"a":{"b":{}},"c":[]}' } do
      assert_problem("empty", { type = "address" }, text)
    end
    for _, text in ipairs { "a", '"a"', "7", "null", "{", "[", '{"line":"a"', '{"line":"a"}x', '{"a":\n1}', '{"a":1}\n', '{"a":\127}', '{"a":"\127"}', "\t[1]",
      "{]", "z{}", "|1}", "\\1]", '{"a":"\255"}', '{"a":"\31"}', "[1][1]" } do
      assert_problem("format", { type = "address" }, text)
    end
    assert_problem("hidden", { type = "address" }, '{"a":"b\226\128\174c"}')
    assert.is_string((put({ type = "address" }, '{"a":"' .. " ~" .. '"}')))
    local function deep(n) return ("["):rep(n) .. "1" .. ("]"):rep(n) end
    assert.is_string((put({ type = "address" }, deep(64))))
    assert_problem("format", { type = "address" }, deep(65))
  end)

  it("is as long as is allowed", function()
    local text = '{"line":"abc"}'
    assert.is_string((put({ type = "address", max = #text }, text)))
    assert_problem("length", { type = "address", max = #text - 1 }, text)
    assert_problem("length", { type = "address", max = #text - 1 }, { line = "abc" })
    local long = '{"line":"' .. ("\\\""):rep(2000) .. '"}'
    assert.equal(long, select(2, put({ type = "address", max = 10000 }, long)))
    assert.equal('"' .. long:gsub("[\\\"]", "\\%0") .. '"', (put({ type = "address", max = 10000 }, long)))
  end)
end)

describe("a capture", function()
  local field = { means = "capture", multiline = true, max = 300 }

  it("is XML with a PidData of which the device says no error", function()
    local good = { "<PidData/>", "<PidData></PidData>", '<PidData><Resp errCode="0"/></PidData>', '<PidData><Resp errCode="00"/></PidData>',
      "<PidData />", "<a:PidData></a:PidData>",
      '<?xml version="1.0"?><PidData></PidData>', "<!-- x --><PidData/>", "<PidData\n></PidData\n>", "<PidData><Resp errCode=''/></PidData>",
      '<PidData><Resp errCode=" 0 " errInfo="fine"/></PidData>', "<PidData><Resp/></PidData>", "x<PidData/>y", '<PidData a="/"></PidData>',
        "<PidData><Other errCode='7'/></PidData>",
      "<PidData><!-- <Resp errCode='7'/> --></PidData>", "<PidData><![CDATA[<Resp errCode='7'/>]]></PidData>",
        "<PidData><?x <Resp errCode='7'/>?></PidData>", "< ><PidData/>",
      "<PidData =></PidData>", "<<PidData/>", "<PidData><!-- > <Resp errCode='7'/> --></PidData>",
      "<PidData><![CDATA[ > <Resp errCode='7'/> ]]></PidData>", "<PidData><?x > <Resp errCode='7'/> ?></PidData>",
      "<PidData a=7/>", "<PidData><2esp errCode='7'/></PidData>", "<PidData><Resp errCode= 0></Resp></PidData>" }
    for _, text in ipairs(good) do assert.is_string((put(field, text)), text) end
    for _, text in ipairs { "x", "<", "<PidData>", "</PidData>", "<piddata/>", "<PidDat/>", "<PidDataX/>", "<Other/>", "PidData",
      "<!-- <PidData/> -->", "<![CDATA[<PidData/>]]>",
      "<?PidData/?>", "<x PidData='1'/>", "</PidData><PidData>", "<!--<PidData/>", "<PidData~/>", "<x-PidData/>",
      "<x.PidData/>", "<x1PidData/>", "<xidData/>", '<PidData a="1">', "<PidData a='1' b='2'>",
      '<PidData a="1" >', "<Resp =", "<PidData =", "<!-- x -->PidData/>" } do
      assert_problem("capture", field, text)
    end
    for _, text in ipairs { "", " ", "\n", "\239\187\191", "\226\128\139" } do assert_problem("empty", field, text) end
    for _, value in ipairs { 7, true, {}, print } do assert_problem("type", field, value) end
    assert.is_string((put({ means = "capture", max = 10 }, "<PidData/>")))
    assert_problem("length", { means = "capture", max = 9 }, "<PidData/>")
    assert_problem("lines", field, "<PidData/>\1")
    assert_problem("lines", field, "<PidData><Resp\1errCode='7'/></PidData>")
  end)

  it("that failed is named with what the device says", function()
    for text, said in pairs {
      ['<Resp errCode="720" errInfo="Device not ready"/>'] = "720: Device not ready", ["<Resp errCode='7'/>"] = "7", ["<Resp errcode=7 errinfo=x/>"] = "7: x",
      ['<resp ERRCODE = "10"/>'] = "10", ['<Resp errInfo="a" errCode="1"></Resp>'] = "1: a", ['<a:Resp a:errCode="1"/>'] = "1",
        ['<Resp errCode="0" errCode="7"/>'] = "7",
      ['<Resp errCode="7" errCode="0"/>'] = "7", ['<Resp errCode="12345678901234567" errInfo="x"/>'] = "1234567890123456: x",
      ['<Resp errCode="7" errInfo="' .. ("y"):rep(81) .. '"/>'] = "7: " .. ("y"):rep(80), ['<Resp errCode="7" errInfo="a\tb~ \127"/>'] = "7: a?b~ ?",
        ['<Resp errCode="-1"'] = "-1",
      ['<Resp errCode="100"'] = "100", ["<Resp\rerrCode='7'/>"] = "7", ["<Resp errCode !7 errCode='8'/>"] = "8", ["<Resp errCode=!7 x/>"] = "!7",
        ["<Resp a='1'errCode='7'/>"] = "7",
      ['<Resp errCode="7" errInfo="a\31b"/>'] = "7: a?b",
        ["<Resp errCode=%7 x/>"] = "%7",
      ["<Resp errCode='/'/>"] = "/", ["<Resp\nerrCode='7'/>"] = "7", ["<Resp\terrCode='7'/>"] = "7",
        ["<Resp errCode=7></Resp>"] = "7",
      ['<Resp errCode="7'] = "7</PidData>", ["<Resp errCode=\t'7' />"] = "7",
    } do
      local written, problem, detail = put(field, "<PidData>" .. text .. "</PidData>")
      assert.same({ nil, "capture failed", said }, { written, problem, detail }, text)
    end
  end)

  it("that ends in the middle of what the device says is named with that", function()
    for text, said in pairs { ["<Resp errCode=7"] = "7", ["<Resp errCode='7"] = "7", ["<Resp errCode=7 errInfo"] = "7",
      ["<Resp errCode = '7' errInfo="] = "7", ["<Resp errCode=7 errInfo=x"] = "7: x" } do
      local written, problem, detail = put(field, text)
      assert.same({ nil, "capture failed", said }, { written, problem, detail }, text)
    end
    for _, text in ipairs { "<Resp errCode", "<Resp errCode=", "<Resp ", "<Resp", "<PidData" } do assert_problem("capture", field, text) end
  end)

  it("may have a byte-order mark and blanks before it, of which the mark is left out with what stands before it", function()
    for before, left in pairs { [""] = "", ["\239\187\191"] = "", [" \239\187\191"] = "", ["\239\187\191 \239\187\191\n"] = "\n", [" "] = " ",
      ["\t\r\n"] = "\t\r\n", ["\239\187\191 "] = " " } do
      local _, kept = put(field, before .. "<PidData/>")
      assert.equal(left .. "<PidData/>", kept)
    end
    for _, before in ipairs { "\239\187\188", "\240\159\152\128", "~\239\187\191", "x\239\187\191" } do
      assert.equal(before .. "<PidData/>", (select(2, put(field, before .. "<PidData/>"))))
    end
    local _, kept = put(field, "<PidData/>\239\187\191")
    assert.equal("<PidData/>\239\187\191", kept)
  end)
end)
