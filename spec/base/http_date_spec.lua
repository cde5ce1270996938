-- Dates of answers: their three forms, and what only looks like one.
local http_date = require "eko.base.http_date"

local NOW = 1790000000 -- September 2026

-- 784111777 is RFC 9110's own example.
local GOOD = {
  { "Sun, 06 Nov 1994 08:49:37 GMT", 784111777 },
  { "Sunday, 06-Nov-94 08:49:37 GMT", 784111777 },
  { "Sun Nov  6 08:49:37 1994", 784111777 },
  { "Wed Nov 16 08:49:37 1994", 784975777 },
  { "Thu, 01 Jan 1970 00:00:00 GMT", 0 },
  { "Tue, 29 Feb 2000 23:59:59 GMT", 951868799 },
  { "Thu, 29 Feb 2024 00:00:00 GMT", 1709164800 },
  { "Fri, 31 Dec 9999 23:59:59 GMT", 253402300799 },
  -- Leap seconds: the first second of the next month.
  { "Sat, 31 Dec 2016 23:59:60 GMT", 1483228800 },
  { "Tue, 30 Jun 2015 23:59:60 GMT", 1435708800 },
  { "Tuesday, 30-Jun-15 23:59:60 GMT", 1435708800 },
  { "Sat Dec 31 23:59:60 2016", 1483228800 },
  -- Years of two digits: not more than 50 years ahead.
  { "Monday, 21-Sep-26 14:13:20 GMT", 1790000000 },
  { "Monday, 21-Sep-76 14:13:20 GMT", nil }, -- 2076 is a Monday, and beyond: but 1976 was a Tuesday
  { "Tuesday, 21-Sep-76 14:13:20 GMT", 212163200 },
  { "Friday, 19-Jun-76 00:00:00 GMT", 3359750400 }, -- less than 50 years ahead
  { "Saturday, 01-Jan-00 00:00:00 GMT", 946684800 },
  { "Thursday, 01-Jan-70 00:00:00 GMT", nil }, -- 2070, a Wednesday
  { "Wednesday, 01-Jan-70 00:00:00 GMT", 3155760000 },
  -- The same value several times is one.
  { "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT", 784111777 },
  { "Sun, 06 Nov 1994 08:49:37 GMT,Sun, 06 Nov 1994 08:49:37 GMT", 784111777 },
  { "Sun, 06 Nov 1994 08:49:37 GMT , Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT", 784111777 },
  { "Sunday, 06-Nov-94 08:49:37 GMT, Sunday, 06-Nov-94 08:49:37 GMT", 784111777 },
  { "Sun Nov  6 08:49:37 1994, Sun Nov  6 08:49:37 1994", 784111777 },
  { "Sun, 06 Nov 1994 08:49:37 GMT, Sun Nov  6 08:49:37 1994", 784111777 },
}

local BAD = {
  "", " ", "x", "0", "784111777", "GMT", "Sun", (" "):rep(1000), ("Sun, "):rep(1000),
  -- Days and times that there are not.
  "Tue, 30 Feb 2021 00:00:00 GMT", "Mon, 29 Feb 2021 00:00:00 GMT", "Thu, 29 Feb 1900 00:00:00 GMT", "Mon, 29 Feb 2100 00:00:00 GMT",
  "Sun, 31 Apr 2022 00:00:00 GMT", "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
  "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov 1994 08:49:60 GMT", "Sun, 06 Nov 1994 23:59:60 GMT",
  "Sat, 31 Dec 2016 22:59:60 GMT", "Sat, 31 Dec 2016 23:58:60 GMT", "Sun, 06 Nov 1994 99:99:99 GMT",
  "Sunday, 31-Feb-94 08:49:37 GMT", "Sun Feb 30 08:49:37 1994", "Sun Nov  0 08:49:37 1994", "Sunday, 29-Feb-23 08:49:37 GMT",
  -- Before there was any of this.
  "Sat, 01 Jan 0000 00:00:00 GMT", "Wed, 31 Dec 1969 23:59:59 GMT", "Thu, 01 Jan 1601 00:00:00 GMT", "Mon, 01 Jan 1900 00:00:00 GMT",
  "Sat Jan  1 00:00:00 0000",
  -- Another day of the week.
  "Mon, 06 Nov 1994 08:49:37 GMT", "Xyz, 06 Nov 1994 08:49:37 GMT", "Monday, 06-Nov-94 08:49:37 GMT", "Mon Nov  6 08:49:37 1994",
  "Sun, 06-Nov-94 08:49:37 GMT", "Sunday, 06 Nov 1994 08:49:37 GMT", "sun, 06 Nov 1994 08:49:37 GMT", "SUN, 06 Nov 1994 08:49:37 GMT",
  -- Not quite the form.
  "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 November 1994 08:49:37 GMT", "Sun, 06 Nov 94 08:49:37 GMT",
  "Sun, 06 Nov 1994 8:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
  "Sun, 06 Nov 1994 08:49:37 +0000", "Sun, 06 Nov 1994 08:49:37 GMT ", " Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMTX",
  "Sun,06 Nov 1994 08:49:37 GMT", "Sun, 06  Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994\t08:49:37 GMT", "Sun, 06 Nov +994 08:49:37 GMT",
  "Sun, 06 Nov -994 08:49:37 GMT", "Sun, 06 Nov 19940 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37.5 GMT", "1994-11-06T08:49:37Z",
  "Sunday, 06-Nov-1994 08:49:37 GMT", "Sunday, 6-Nov-94 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37", "Sun Nov 06 08:49:37 1994 GMT",
  "Sun Nov 6 08:49:37 1994", "Sun Nov  6 08:49:37 94", "Sun, Nov  6 08:49:37 1994", "Sun, 06 \0ov 1994 08:49:37 GMT",
  -- Several, and not all the same, or not all dates.
  "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:38 GMT", "Sun, 06 Nov 1994 08:49:37 GMT, x", "Sun, 06 Nov 1994 08:49:37 GMT,",
  ", Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT, , Sun, 06 Nov 1994 08:49:37 GMT",
  "Sun, 06 Nov 1994 08:49:37 GMT Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT; Sun, 06 Nov 1994 08:49:37 GMT",
}

describe("the Date of an answer", function()
  it("is read in its three forms, also when it came several times alike #harm09", function()
    for _, case in ipairs(GOOD) do assert.equal(case[2], http_date.parse(case[1], NOW), case[1]) end
  end)

  it("is nothing when it is no date, or several #harm09", function()
    for _, text in ipairs(BAD) do assert.is_nil(http_date.parse(text, NOW), text) end
    for _, value in ipairs { 784111777, true, {}, print } do assert.is_nil(http_date.parse(value, NOW)) end
    assert.is_nil(http_date.parse(nil))
  end)

  it("is every second of the calendar that os.date knows, in each form", function()
    for i = 0, 4000 do
      local seconds = (i * 7654321) % 4102444800 -- to the year 2100
      local near = seconds + (i % 2 == 0 and 1 or -1) * 1000000000 -- within 50 years
      for _, form in ipairs { "!%a, %d %b %Y %H:%M:%S GMT", "!%A, %d-%b-%y %H:%M:%S GMT", "!%a %b %e %H:%M:%S %Y" } do
        local text = os.date(form, seconds)
        assert(http_date.parse(text, near) == seconds, text)
      end
    end
  end)

  it("is no date however its bytes are changed, unless it is another one that exists", function()
    local text, random = "Sun, 06 Nov 1994 08:49:37 GMT", require("eko.core").text.random
    for _ = 1, 20000 do
      local at = 1 + math.floor(random() * #text)
      local changed = text:sub(1, at - 1) .. string.char(math.floor(random() * 256)) .. text:sub(at + 1)
      local seconds = http_date.parse(changed, NOW)
      if seconds then assert(os.date("!%a, %d %b %Y %H:%M:%S GMT", seconds) == changed, changed) end
    end
  end)
end)
