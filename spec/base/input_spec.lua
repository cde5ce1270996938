-- What comes along with text that was not meant: in each form that it takes.
local eko = require "eko"
local input = require "eko.base.input"

local MARK, NBSP, ZERO_WIDTH = "\239\187\191", "\194\160", "\226\128\139"
local KEY = "f00c50a1-TEST-4634-9cda-30a4NOTAKEY7"

describe("a text from outside", function()
  it("loses the byte-order mark in front of it and nothing else", function()
    for given, expected in pairs {
      [""] = "", [MARK] = "", ["a"] = "a", [MARK .. "{}"] = "{}", [MARK .. MARK .. "a"] = "a", ["a" .. MARK] = "a" .. MARK,
      [" " .. MARK .. "a"] = " " .. MARK .. "a", [MARK .. "a\r\n"] = "a\r\n", ["\239\187"] = "\239\187", ["\255a"] = "\255a",
    } do
      assert.equal(expected, input.text(given))
    end
  end)

  it("is refused with its cause where it is no UTF-8 text", function()
    for given, cause in pairs {
      ["\255\254a\0"] = "UTF-16", ["\254\255\0a"] = "UTF-16", ["\255\254\0\0a\0\0\0"] = "UTF-16", ["\255\254"] = "UTF-16",
      ["\0\0\254\255\0\0\0a"] = "NUL", ["a\0b\0"] = "NUL", ["\0a\0b"] = "NUL", ["abc\0"] = "NUL", [MARK .. "a\0"] = "NUL",
    } do
      local text, problem = input.text(given)
      assert.is_nil(text)
      assert.truthy(problem:find(cause, 1, true), problem)
      assert.truthy(problem:find("save it as UTF-8", 1, true), problem)
    end
  end)

  it("loses every kind of blank around it", function()
    local kinds = { " ", "\t", "\r", "\n", "\v", "\f", MARK, NBSP, ZERO_WIDTH, "\194\173", "\194\133", "\225\154\128", "\225\160\142",
      "\226\128\128", "\226\128\138", "\226\128\142", "\226\128\143", "\226\128\168", "\226\128\170", "\226\128\175", "\226\129\159",
      "\226\129\160", "\226\129\166", "\226\129\169", "\227\128\128", "\216\156", "\226\160\128" }
    for _, blank in ipairs(kinds) do
      assert.equal("", input.trim(blank))
      assert.equal("", input.trim(blank:rep(5)))
      for _, text in ipairs { "a", "a b", "a" .. blank .. "b", "\227\130\162", "\224\174\149", "\225\154\129" } do
        for _, given in ipairs { text, blank .. text, text .. blank, blank .. text .. blank, blank .. " " .. text .. "\t" .. blank } do
          assert.equal(text, input.trim(given))
        end
      end
    end
    -- The joiners end words of some scripts; what only looks like the end of a blank is none.
    for _, text in ipairs { "", "\160", "\139", "\224\180\168\224\181\141\226\128\141", "\191a\226" } do assert.equal(text, input.trim(text)) end
  end)

  it("has its lines whatever ends them", function()
    for given, expected in pairs {
      ["a\nb"] = { "a", "b" }, ["a\r\nb\r\n"] = { "a", "b", "" }, ["a\rb"] = { "a", "b" }, [""] = { "" }, ["\n\r\n\r"] = { "", "", "", "" },
    } do
      local lines = {}
      for line in input.lines(given) do lines[#lines + 1] = line end
      assert.same(expected, lines)
    end
  end)
end)

-- { what stands behind the name, what is taken off in words }
local REPAIRED = {
  { KEY }, { " " .. KEY, "blanks" }, { KEY .. "\t ", "blanks" }, { KEY .. "\r", "blanks" }, { NBSP .. KEY .. NBSP, "blanks" },
  { MARK .. KEY, "blanks" }, { KEY .. ZERO_WIDTH, "blanks" },
  { '"' .. KEY .. '"', "quotes" }, { "'" .. KEY .. "'", "quotes" }, { "`" .. KEY .. "`", "quotes" }, { '" ' .. KEY .. ' "', "quotes" },
  { "\226\128\156" .. KEY .. "\226\128\157", "quotes" }, { "\226\128\157" .. KEY .. "\226\128\157", "quotes" },
  { "\226\128\158" .. KEY .. "\226\128\156", "quotes" }, { "\226\128\152" .. KEY .. "\226\128\153", "quotes" },
  { "\194\171" .. KEY .. "\194\187", "quotes" }, { "\226\128\156" .. KEY .. '"', "quotes" }, { "\226\128\185" .. KEY .. "\226\128\186", "quotes" },
  { KEY .. " # the sandbox's", "a comment" }, { KEY .. "\t#", "a comment" }, { KEY .. NBSP .. "# x", "a comment" },
  { KEY .. " #a#b # c", "a comment" }, { '"' .. KEY .. '" # it', "quotes and a comment" }, { '"' .. KEY .. '"#it', "quotes and a comment" },
  { "EKO_ACCESS_KEY=" .. KEY, "its own name" }, { "access_key = " .. KEY, "its own name" }, { "export EKO_ACCESS_KEY=" .. KEY, "its own name" },
  { 'EKO_ACCESS_KEY="' .. KEY .. '"', "its own name, quotes" }, { '"EKO_ACCESS_KEY=' .. KEY .. '"', "quotes, its own name" },
  { "'\"" .. KEY .. "\"'", "quotes, quotes" }, { "  '" .. KEY .. "' # x\r", "blanks, quotes and a comment" },
}

describe("a setting", function()
  it("is read as files of settings are", function()
    for _, case in ipairs(REPAIRED) do
      local value, taken = input.setting(case[1], "access_key")
      assert.equal(KEY, value, case[1])
      assert.equal(case[2] or "", table.concat(taken, ", "), case[1])
      assert.equal(KEY, (input.setting(case[1], "EKO_ACCESS_KEY")))
    end
  end)

  it("keeps what may be meant", function()
    for _, text in ipairs { "a#b", "a'b", "it's", "a=b", "developer_key=x", "http://h/x#y", "/a b/c", "QUJD==", "a,b", "caf\195\169", "\195\160#b" } do
      local value, taken = input.setting(text, "access_key")
      assert.equal(text, value)
      assert.same({}, taken)
    end
    for _, nothing in ipairs { "", " ", NBSP, '""', "''", "# only a comment", " #", 'access_key=""', ZERO_WIDTH } do
      assert.equal("", (input.setting(nothing, "access_key")), nothing)
    end
  end)

  it("is refused where nobody can tell, without its value", function()
    for text, problem in pairs {
      ['"' .. KEY] = "quote that does not end", ["'" .. KEY .. '"'] = "quote that does not end",
      ['"' .. KEY .. '" x'] = "behind the quotes", ['"a"' .. KEY] = "behind the quotes", ["\226\128\156" .. KEY .. "'"] = "does not end",
      ['"' .. KEY .. '";'] = "behind the quotes",
    } do
      local value, why = input.setting(text, "access_key")
      assert.is_nil(value, text)
      assert.truthy(why:find(problem, 1, true), why)
      assert.is_nil(why:find(KEY, 1, true))
    end
  end)
end)

-- What nobody who writes a program may hand over as a key, and the word that says what is wrong.
local NO_KEYS = {
  [""] = "as the vendor gave it", [" " .. KEY] = "blanks", [KEY .. "\n"] = "blanks", [KEY .. "\r"] = "blanks", [NBSP .. KEY] = "blanks",
  [KEY .. ZERO_WIDTH] = "blanks", [MARK .. KEY] = "blanks", [KEY .. " # x"] = "blanks", ["export A=" .. KEY] = "blanks",
  ["access_key: " .. KEY] = "blanks", ['"' .. KEY .. '"'] = "quotes", ["'" .. KEY .. "'"] = "quotes", [KEY .. '"'] = "quotes",
  ["`" .. KEY .. "`"] = "quotes", ["\226\128\156" .. KEY .. "\226\128\157"] = "quotes", ["ab\226\128\147cd"] = "invisible", ["a" .. NBSP .. "b"] = "characters",
  ["ab" .. ZERO_WIDTH .. "cd"] = "invisible", ["a\0b"] = "characters", ["a\127"] = "characters", ["\255"] = "characters", ["EKO_ACCESS_KEY=" .. KEY] = "name",
  ["KEY=" .. KEY] = "name", ["access_key:" .. KEY] = "name", ["developer-key=" .. KEY] = "name", [KEY .. ","] = "comma", [KEY .. ";"] = "comma",
  ["<access_key>"] = "filled in", ["${EKO_ACCESS_KEY}"] = "filled in", ["$EKO_ACCESS_KEY"] = "filled in", ["%EKO_ACCESS_KEY%"] = "filled in",
}

describe("a key", function()
  it("that cannot be one is refused by a client and by eko.sign, with what to do and without the key", function()
    local count = 0
    for value, word in pairs(NO_KEYS) do
      count = count + 1
      for _, name in ipairs { "access_key", "developer_key" } do
        local options = { access_key = "a", developer_key = "d" }
        options[name] = value
        local ok, message = pcall(eko.client, options)
        assert.is_false(ok, value)
        assert.truthy(message:find(name, 1, true) and message:find(word, 1, true), message)
        assert.is_nil(message:find(KEY, 1, true))
      end
      local ok, message = pcall(eko.sign, value, 1)
      assert.is_false(ok, value)
      assert.truthy(message:find(word, 1, true), message)
      assert.is_nil(message:find(KEY, 1, true))
    end
    assert.equal(31, count)
    for _, value in ipairs { 42, true, {} } do assert.is_false((pcall(eko.client, { access_key = value, developer_key = "d" }))) end
  end)

  it("of every form that the vendor gives is taken", function()
    for _, value in ipairs { KEY, "becb0000000000000000000000000567", "TEST_ACCESS_KEY_DO_NOT_USE", "test-access-key-123", "QUJDREVGRw==", "ab+/cd=",
      "a:b", "a#b", "a.b~c", "k", "x$y", "it's", "a=" } do
      assert.is_nil(input.key_problem(value))
      assert.is_true((pcall(eko.client, { access_key = value, developer_key = value })))
    end
  end)

  it("is as strict for who calls and for whom", function()
    for _, name in ipairs { "initiator_id", "user_code" } do
      for _, value in ipairs { "", " 9962981729", "9962981729" .. NBSP, "9962981729\r", ZERO_WIDTH .. "1" } do
        local ok, message = pcall(eko.client, { access_key = "a", developer_key = "d", [name] = value })
        assert.is_false(ok)
        assert.truthy(message:find(name, 1, true))
      end
    end
  end)
end)
