-- Options of a client whose calls are all answered at once, by nobody: with a sender who may transact.
local client_options = {}

client_options.ANSWER = '{"status":0,"response_type_id":309,"data":{}}'

local function transport() return { status = 200, headers = {}, body = client_options.ANSWER } end

function client_options.with(more)
  local options = {
    developer_key = "key-1", access_key = "secret-1", initiator_id = "9962981729", user_code = "20810200",
    base_url = "http://127.0.0.1:1/v3", transport = transport,
  }
  for name, value in pairs(more or {}) do options[name] = value end
  return options
end

return client_options
