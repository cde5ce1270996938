--- "Did you mean": the nearest of a set of names.
-- @module eko.base.suggest
local ascii = require "eko.base.ascii"
local suggest = {}

-- What people write for what the platform calls otherwise, in small letters without separators; only taken when the
-- name is among the candidates.
local ALIASES = {
  mobile = "customer_id", phone = "customer_id", mobilenumber = "customer_id", customermobile = "customer_id",
  aadhaar = "aadhar", aadhaarnumber = "aadhar", aadharnumber = "aadhar", reference = "otp_ref_id",
  otpreference = "otp_ref_id", address = "residence_address", dateofbirth = "dob", pid = "piddata",
  token = "wallet_token", tid = "transaction-reference",
}

local LONGEST = 64

--- Edits (insert, delete, change, swap neighbours) that turn a into b.
local function distance(a, b)
  local before, previous = nil, {}
  for j = 0, #b do
    previous[j] = j
  end
  for i = 1, #a do
    local row = { [0] = i }
    for j = 1, #b do
      local same = a:byte(i) == b:byte(j)
      local cost = math.min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (same and 0 or 1))
      if before and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        cost = math.min(cost, before[j - 2] + 1)
      end
      row[j] = cost
    end
    before, previous = previous, row
  end
  return previous[#b]
end

local function simplify(name)
  return (ascii.lower(name):gsub("[-_ \t\r\n\v\f.]", ""))
end

--- The candidate that was probably meant.
-- @tparam any name what was written; anything but a string has no suggestion
-- @tparam {string,...} candidates
-- @treturn ?string one of the candidates; ties go to the first in alphabetical order
function suggest.nearest(name, candidates)
  if type(name) ~= "string" or name == "" or #name > LONGEST then return nil end
  local wanted = simplify(name)
  local best, best_score
  for _, candidate in ipairs(candidates) do
    local known = simplify(candidate)
    local score = distance(wanted, known)
    if ALIASES[wanted] == candidate then
      score = 0
    elseif #wanted >= 3 and known:sub(1, #wanted) == wanted then
      score = math.min(score, 1)
    end
    local near = score <= math.max(1, math.min(4, math.floor(#wanted / 3)))
    if near and (not best or score < best_score or (score == best_score and candidate < best)) then
      best, best_score = candidate, score
    end
  end
  return best
end

--- The same, of the names that a table has.
-- @tparam any name what was written
-- @tparam table known its keys that are strings are the candidates
-- @treturn ?string one of them
function suggest.among(name, known)
  local names = {}
  for each in next, known do
    if type(each) == "string" then names[#names + 1] = each end
  end
  return suggest.nearest(name, names)
end

return suggest
