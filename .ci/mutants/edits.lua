--- What becomes of a comparison, a constant, a branch: the texts that replace one.
local edits = {}

local C_COMPARISONS = {
  ["<"] = { "<=", ">=" }, ["<="] = { "<", ">" }, [">"] = { ">=", "<=" }, [">="] = { ">", "<" },
  ["=="] = { "!=", "<=", ">=" }, ["!="] = { "==", "<", ">" },
}
local LUA_COMPARISONS = {
  ["<"] = { "<=", ">=" }, ["<="] = { "<", ">" }, [">"] = { ">=", "<=" }, [">="] = { ">", "<" }, ["=="] = { "~=" }, ["~="] = { "==" },
}

-- In Lua the neighbours of == are there for numbers alone: of anything else they raise.
local WITH_NUMBERS = { ["=="] = { "~=", "<=", ">=" }, ["~="] = { "==", "<", ">" } }

local function is_number(token) return token ~= nil and token.kind == "number" end

--- @treturn ?table what an operator that compares is replaced by; nil for any other
function edits.comparison(language, tokens, i)
  local text = tokens[i].text
  if tokens[i].kind ~= "op" then return nil end
  if language == "c" then return C_COMPARISONS[text] end
  if WITH_NUMBERS[text] and (is_number(tokens[i - 1]) or is_number(tokens[i + 1])) then return WITH_NUMBERS[text] end
  return LUA_COMPARISONS[text]
end

local function of_number(language, text)
  local value = tonumber((text:gsub("[uUlL]+$", ""))) -- (C: 10u, 10UL)
  local is_plain = language == "lua" or text:find "^%d+$" ~= nil and not text:find "^0%d"
  local function with(sign)
    if is_plain and value and value % 1 == 0 and math.abs(value) < 2 ^ 31 then
      return ("%d"):format(value + (sign == "+" and 1 or -1))
    end
    return ("(%s%s1)"):format(text, sign)
  end
  local list = { with "+", with "-" }
  if value ~= 0 and value ~= 1 then list[3] = "0" end
  return list
end

-- One is empty, one has a character more.
local function of_string(text)
  local open, inside, close = text:match "^(%[=*%[)(.*)(%]=*%])$"
  if not open then open, inside, close = text:sub(1, 1), text:sub(2, -2), text:sub(-1) end
  if inside == "" then return { open .. "~" .. close } end
  return { open .. close, open .. inside .. "~" .. close }
end

local WORDS = {
  lua = { ["true"] = { "false" }, ["false"] = { "true" }, ["nil"] = { "true" } },
  c = { NULL = { "((void *)1)" } },
}

--- @treturn ?table what a constant is replaced by; nil for what is none
function edits.constant(language, token)
  if token.kind == "number" then return of_number(language, token.text) end
  if token.kind == "string" then return of_string(token.text) end
  if token.kind == "char" then return { "(" .. token.text .. "+1)", "(" .. token.text .. "-1)" } end
  return token.kind == "name" and WORDS[language][token.text] or nil
end

local FORCED = { c = { "1", "0" }, lua = { "true", "false" } }
local NEGATED = { c = "!(%s)", lua = "not (%s)" }

--- @tparam string condition its text
-- @treturn table what it is replaced by
function edits.condition(language, condition)
  local list = { (NEGATED[language]:gsub("%%s", (condition:gsub("%%", "%%%%")))) }
  for _, forced in ipairs(FORCED[language]) do list[#list + 1] = forced end
  return list
end

local SWAPPED = { ["and"] = "or", ["or"] = "and", ["&&"] = "||", ["||"] = "&&" }

--- @treturn ?string what an operator that joins is swapped with
function edits.swapped(token)
  return SWAPPED[token.text]
end

return edits
