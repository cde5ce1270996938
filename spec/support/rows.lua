--- Tables of cases, a row a case: a value that is not there, and a row as text, so that a spec that fails says which row it is.
--
--     for _, row in ipairs { { 0, 309, "active" }, { NIL, 309, "active" } } do
--       assert.equal(row[3], judged(given(row[1]), row[2]), rows.show(row))
--     end

local rows = {}

--- Stands for nil in a row.
rows.NIL = {}

--- @return the value, nil for NIL
function rows.given(value)
  if value ~= rows.NIL then return value end
end

local function show(value, depth)
  if value == rows.NIL then return "nil" end
  if type(value) == "string" then return ("%q"):format(#value > 60 and value:sub(1, 60) .. "..." or value) end
  if type(value) ~= "table" then return tostring(value) end
  if depth > 4 then return "{...}" end
  local parts, count = {}, 0
  for key in pairs(value) do
    if type(key) == "number" then count = math.max(count, key) else parts[#parts + 1] = key end
  end
  table.sort(parts, function(a, b) return tostring(a) < tostring(b) end)
  for i, key in ipairs(parts) do parts[i] = tostring(key) .. " = " .. show(value[key], depth + 1) end
  local list = {}
  for i = 1, count do list[i] = show(value[i], depth + 1) end
  for _, part in ipairs(parts) do list[#list + 1] = part end
  return "{ " .. table.concat(list, ", ") .. " }"
end

--- @treturn string a row (or any value in it) as it is written in Lua
function rows.show(row)
  return show(row, 1)
end

return rows
