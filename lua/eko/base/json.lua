--- JSON: the strict decoder of `eko.core`, and an encoder whose bytes are always the same.
--
-- lua-cjson takes `NaN`, `0x10`, `+1` and broken UTF-8, rounds long integers, makes every number a float on Lua 5.4 and
-- has settings that everybody in a process shares; the core's decoder does none of that.
-- @module eko.base.json
local core = require "eko.core"

local decode = core.json.decode

local json = {}

--- JSON's null inside a decoded value: a light userdata, the same as lua-cjson's `cjson.null`.
json.null = decode "null"

--- Decodes a text.
--
-- Whole numbers become Lua integers (5.3 and later), however they are written; one beyond 2^53 becomes a string as it stands there, as
-- does one that would be whole only by rounding (1e-400); null becomes
-- `json.null`; an empty list and an empty object both become an empty table.
-- @tparam string text
-- @treturn[1] any the value
-- @treturn[2] nil
-- @treturn[2] string what is wrong
-- @treturn[2] int where: the byte's position from 1
json.decode = decode

--- The length of a list, or nil where a table has holes or other keys than 1, 2, 3 ...
-- @tparam table value
-- @treturn ?int
json.list_length = core.json.list_length

--- Encodes a value. The members of an object are sorted by name, so equal values give equal bytes; an empty table is
-- an empty list (`[]`).
-- @tparam any value string, number, boolean, `json.null`, list or table with string keys
-- @treturn[1] string
-- @treturn[2] nil
-- @treturn[2] string why it cannot be encoded
json.encode = core.json.encode

return json
