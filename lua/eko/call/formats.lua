--- The formats of parameters as data: what a value must look like, and how to say so.
--
-- `formats.<name>` = `{ expected, runs = { { set, least[, most] }, ... }, check, strict, strict_expected }`: a value is runs of
-- characters, one after the other. A set is written as in `"A-Z0-9_-"`; only the last run may have a `most` of its own, and 0 there
-- means any number. `check` and `strict` name a check of the core (src/draft/format.c). The strict ones are advice: the platform's own
-- examples fail them (an Aadhaar example without a valid check digit, a PAN example with an unknown holder type).
-- @module eko.call.formats
local formats = {}

-- Ten digits, the first 6 to 9.
formats.mobile = {
  expected = "a mobile number of 10 digits that begins with 6, 7, 8 or 9",
  runs = { { "6-9", 1 }, { "0-9", 9 } },
}

formats.date = {
  expected = "a date that exists, as YYYY-MM-DD",
  runs = { { "0-9", 4 }, { "-", 1 }, { "0-9", 2 }, { "-", 1 }, { "0-9", 2 } }, check = "date",
}

-- The fourth letter says who holds it (income-tax department); a wallet belongs to a person, but that is not checked.
formats.pan = {
  expected = "a PAN: five capital letters, four digits, one capital letter",
  runs = { { "A-Z", 5 }, { "0-9", 4 }, { "A-Z", 1 } },
  strict = "holder of a PAN", strict_expected = "a PAN whose fourth letter is a kind of holder (P for a person)",
}

-- UIDAI: twelve digits, the first 2 to 9, the last one Verhoeff's check digit over the others.
formats.aadhaar = {
  expected = "an Aadhaar number of 12 digits",
  runs = { { "0-9", 12 } },
  strict = "Verhoeff", strict_expected = "an Aadhaar number whose check digit is right: one of the digits is mistyped",
}

formats.ifsc = {
  expected = "an IFSC of 11 characters: four capital letters, a zero, six capital letters or digits",
  runs = { { "A-Z", 4 }, { "0", 1 }, { "A-Z0-9", 6 } },
}

formats["lat-long"] = {
  expected = "latitude,longitude in degrees, such as \"19.0760,72.8777\"",
  runs = { { "0-9.,-", 1, 0 } }, check = "latitude,longitude",
}

formats["client-ref"] = {
  expected = "1 to 20 letters, digits, _ or -",
  runs = { { "A-Za-z0-9_-", 1, 20 } },
}

formats["transaction-reference"] = {
  expected = "a tid (1 to 40 letters, digits, _ or -), or client_ref_id: followed by your own reference",
  runs = { { "A-Za-z0-9_:-", 1, 40 } }, check = "transaction reference",
}

-- What a path parameter must look like when its endpoint says nothing else: it cannot leave its place.
formats["path-segment"] = {
  expected = "letters, digits, _, - or . (not only dots)",
  runs = { { "A-Za-z0-9_.-", 1, 0 } }, check = "not only dots",
}

formats.digits = {
  expected = "a string of digits, such as \"19\"",
  runs = { { "0-9", 1, 0 } },
}

formats.money = {
  expected = "an amount above 0 as a string, such as \"500\" or \"500.50\"",
  runs = { { "0-9.", 1, 0 } }, check = "money",
}

return formats
