-- What of a text a person sees: each range of characters that do not show, and of those that hide something, at both of its ends.
local core = require "eko.core"
local drafts = require "spec.support.drafts"

local put, trim = drafts.put, core.text.trim

local BLANK = {
  { 0x09, 0x0d }, { 0x20, 0x20 }, { 0x85, 0x85 }, { 0xa0, 0xa0 }, { 0xad, 0xad }, { 0x34f, 0x34f }, { 0x61c, 0x61c }, { 0x115f, 0x1160 }, { 0x1680, 0x1680 },
  { 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x2000, 0x200f }, { 0x2028, 0x202f }, { 0x205f, 0x206f }, { 0x2800, 0x2800 }, { 0x3000, 0x3000 },
    { 0x3164, 0x3164 },
  { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb }, { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
}
local HIDDEN = {
  { 0x80, 0x9f }, { 0xad, 0xad }, { 0x61c, 0x61c }, { 0x180e, 0x180e }, { 0x200b, 0x200b }, { 0x200e, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f },
  { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
}

local function is_in(ranges, c)
  for _, range in ipairs(ranges) do
    if c >= range[1] and c <= range[2] then return true end
  end
  return false
end

-- The ends of all ranges, their neighbours, what stands in between, and ends of lengths in UTF-8.
local POINTS = { 0x01, 0x21, 0x7e, 0x7f, 0x80, 0x7ff, 0x800, 0x905, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff }
for _, ranges in ipairs { BLANK, HIDDEN } do
  for _, range in ipairs(ranges) do
    for c = range[1] - 1, math.min(range[2] + 1, range[1] + 20) do POINTS[#POINTS + 1] = c end
    for c = range[2] - 1, range[2] + 1 do POINTS[#POINTS + 1] = c end
  end
end

local function utf8_of(c)
  local function tail(shift) return 0x80 + math.floor(c / 2 ^ shift) % 64 end
  if c < 0x80 then return string.char(c) end
  if c < 0x800 then return string.char(0xc0 + math.floor(c / 64), tail(0)) end
  if c < 0x10000 then return string.char(0xe0 + math.floor(c / 4096), tail(6), tail(0)) end
  return string.char(0xf0 + math.floor(c / 262144), tail(12), tail(6), tail(0))
end

local function problem_of(field, text) return (select(2, put(field, text))) end

describe("a text", function()
  it("says nothing where nothing of it shows", function()
    for _, c in ipairs(POINTS) do
      local text = utf8_of(c)
      local is_blank = is_in(BLANK, c)
      assert.equal(is_blank, problem_of({ type = "opaque" }, text) == "empty", ("%x"):format(c))
      assert.equal(is_blank, problem_of({ type = "opaque" }, text .. " " .. text) == "empty", ("%x"):format(c))
      assert.is_not_equal("empty", problem_of({ type = "opaque" }, text .. "x"))
    end
  end)

  it("hides something where a character does that", function()
    for _, c in ipairs(POINTS) do
      assert.equal(is_in(HIDDEN, c), problem_of({ means = "name" }, "x" .. utf8_of(c) .. "x") == "hidden", ("%x"):format(c))
    end
  end)

  it("has blanks at its ends, lines apart", function()
    for _, c in ipairs(POINTS) do
      local text = utf8_of(c)
      if not is_in(HIDDEN, c) then
        local is_blank = is_in(BLANK, c) and (c < 0x09 or c > 0x0d)
        for _, each in ipairs { text .. "xx", "xx" .. text, text .. "é", "é" .. text, text .. "é" .. text, text .. text .. "é", "é" .. text .. text } do
          assert.equal(is_blank, problem_of({}, each) == "blanks", ("%x %s"):format(c, each))
        end
        assert.is_not_equal("blanks", problem_of({}, "é" .. text .. "é"))
      end
    end
  end)

  it("of bytes that are no UTF-8 shows each of them", function()
    for _, text in ipairs { "\128", "\255", "\194", "\226\128", "\240\159\152", "\237\160\128", "\192\160" } do
      assert.equal("utf8", problem_of({ type = "opaque" }, text))
      assert.equal(text, trim(" " .. text .. " "))
    end
  end)
end)

describe("text.trim", function()
  it("leaves out what does not show at the ends, but for what belongs to the spelling of names", function()
    for _, c in ipairs(POINTS) do
      local text = utf8_of(c)
      local goes = is_in(BLANK, c) and c ~= 0x200c and c ~= 0x200d
      for _, inner in ipairs { "x", "xy", "x y", "é" .. text .. "é" } do
        local name = ("%x %s"):format(c, inner)
        assert.equal(goes and inner or text .. inner, trim(text .. inner), name)
        assert.equal(goes and inner or inner .. text, trim(inner .. text), name)
        assert.equal(goes and inner or text .. inner .. text, trim(" " .. text .. inner .. text .. "\t"), name)
      end
      assert.equal(goes and "" or text, trim(text))
      assert.equal(goes and "" or text .. " " .. text, trim(text .. " " .. text))
    end
    assert.equal("", trim "")
    assert.equal("", trim "  ")
  end)
end)
