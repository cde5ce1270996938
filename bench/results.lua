-- What a benchmark found, one JSON object a line, and whether it stays within its bounds.

local results = {}

local FIELDS = { "name", "value", "unit", "ratio_to", "ratio", "limit", "ok" }
local gates, met = 0, 0

--- The median; sorts the list.
function results.median(values)
  table.sort(values)
  return (values[(#values + 1) // 2] + values[#values // 2 + 1]) / 2
end

local function json_value(value)
  if type(value) == "string" then return '"' .. value .. '"' end
  if type(value) == "boolean" then return tostring(value) end
  return (math.abs(value) >= 1000 and "%.0f" or "%.4g"):format(value)
end

--- Prints a result.
function results.emit(result)
  local members = {}
  for _, name in ipairs(FIELDS) do
    if result[name] ~= nil then members[#members + 1] = ('"%s":%s'):format(name, json_value(result[name])) end
  end
  print("{" .. table.concat(members, ",") .. "}")
  io.flush()
end

--- Prints a result that is to stay within a bound: `field` is what the bound speaks about, "ratio" or "value".
function results.emit_gated(result, field, comparison, limit)
  local value = result[field]
  result.limit = ("%s %s %s"):format(field, comparison, limit)
  if comparison == ">=" then result.ok = value >= limit else result.ok = value <= limit end
  gates, met = gates + 1, met + (result.ok and 1 or 0)
  results.emit(result)
end

--- Prints how many bounds were kept.
function results.emit_gates(name)
  results.emit { name = name, value = met, unit = ("of %d"):format(gates), ok = met == gates }
end

return results
