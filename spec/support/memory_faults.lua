--- Runs under malloc_faults.c: does one thing again and again, letting the 1st, 2nd ... allocation fail (alone, and with all that
-- follow), until none is left that could. Prints each outcome that was not right, then how often it was done and how many failed.
--   memory_faults.lua <what> [arguments]
local core = require "eko.core"
local text, json = core.text, core.json

local KEY = ("k"):rep(32)
local SEALED = core.seal(KEY, "the journey", "context")
local TAMPERED = SEALED:sub(1, -2) .. string.char((SEALED:byte(-1) + 1) % 256)
local BALANCE = '{"status":0,"response_type_id":1,"data":{"n":12345678901.123456,"s":2.20834002375E9}}'
local read = json.reader { n = "number", s = "string" }

-- What each returns: true when the outcome is right, nil and the name where it is an error, else what is wrong.
local things = {}

function things.numbers()
  for written, value in pairs { ["12345678901.123456"] = 12345678901.123456, ["1.5e3"] = 1500, ["-2.20834002375E9"] = -2208340023.75 } do
    local decoded, reason = json.decode("[" .. written .. "]")
    if not decoded then return nil, reason end
    if decoded[1] ~= value then return written .. " was read as " .. tostring(decoded[1]) end
  end
  local long = "1." .. ("1"):rep(5000)
  local decoded, reason = json.decode("[" .. long .. "]")
  if not decoded then return nil, reason end
  if not (type(decoded[1]) == "number" and decoded[1] > 1.11 and decoded[1] < 1.12) then return "5000 digits were read as " .. tostring(decoded[1]) end
  return true
end

function things.balance()
  local data = read(BALANCE)
  if not data then return nil, "out_of_memory" end
  if data.n ~= 12345678901.123456 or data.s ~= "2208340023.75" then return ("a balance was read as %s, %s"):format(data.n, data.s) end
  return true
end

function things.unseal()
  local plain, name = core.unseal(KEY, SEALED, "context")
  if plain then return plain == "the journey" or "another text" end
  return nil, name
end

function things.unseal_tampered()
  local plain, name = core.unseal(KEY, TAMPERED, "context")
  if plain then return "a changed token was opened" end
  return name == "not_authentic" or nil, name
end

function things.seal()
  local sealed = core.seal(KEY, "the journey", "context")
  os.getenv "EKO_FAULT off"
  return core.unseal(KEY, sealed, "context") == "the journey" or "what was sealed cannot be opened"
end

function things.digests()
  if text.sha256_hex "abc" ~= "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" then return "a wrong digest" end
  if text.hmac_sha256_base64("key", "message") ~= "bp7ym3X//Ft6uuUn1Y/a2y/kLnIZARl2kXNDBl9Y7Uo=" then return "a wrong HMAC" end
  return #text.random_bytes(16) == 16 and #text.ref_id() == 20
end

local ANSWER = "HTTP/1.1 200 OK\r\nx: " .. ("v"):rep(3000) .. "\r\ncontent-length: 300000\r\n\r\n" .. ("b"):rep(300000)

function things.parser()
  local state = core.http1.exchange()
  for from = 1, #ANSWER, 1000 do
    local more = state:feed(ANSWER:sub(from, from + 999))
    if not more and from + 999 < #ANSWER then
      local _, err = state:result()
      local again = state:feed "x"
      if again or select(2, state:result()).name ~= err.name then return "an error that does not stay" end
      return nil, err.name
    end
  end
  local status, headers, body = state:result()
  if not status then return nil, headers.name end
  return #body == 300000 and #headers.x == 3000 or "a cut answer"
end

function things.network()
  local made, name = core.connection.network(arg[2])
  return made and true, name
end

-- A whole exchange: never another answer than the one that was sent, and the server counts the requests.
function things.exchange()
  local transport = require "spec.support.transport" { ca_file = arg[3] }
  require "eko.wire.carrier.curl".close_idle()
  local response, err = transport { method = "POST", url = arg[2], headers = {}, body = "{}", deadline = text.monotonic() + 5 }
  if not response then
    if err.sent == false or err.name == "out_of_memory" then return nil, "out_of_memory" end
    return nil, err.name
  end
  return response.body == "ok" or "another body"
end

local thing = assert(things[arg[1]])
assert(thing() == true) -- once in peace: what is made only once is made
local failed, runs = 0, 1
for _, once in ipairs { "once ", "" } do
  local n, count = 0, 1
  while count > 0 do
    n = n + 1 + math.floor(n / 16) -- each of the first ones, and some of thousands
    os.getenv("EKO_FAULT " .. once .. n)
    local ok, outcome, name = pcall(thing)
    runs = runs + 1
    count = tonumber(os.getenv "EKO_FAULT off")
    failed = failed + count
    if ok and outcome ~= true and (outcome ~= nil or name ~= "out_of_memory") then
      print(("%s%d: %s"):format(once, n, tostring(outcome or name)))
    end
  end
end
print(("runs %d failed %d"):format(runs, failed))
