--- The exact bytes of requests, written down in spec/fixtures/golden. `lua5.4 spec/support/golden.lua write` writes them anew; what
-- then differs in the repository is what changed on the wire, and belongs into spec/fixtures/golden/changes.lua.

package.path = "./?.lua;" .. package.path

local catalogue = require "eko.wallets.catalogue"
local eko = require "eko"
local golden_calls = require "spec.support.golden_calls"
local wallets = require "eko.wallets"

local golden = {}

golden.FOLDER = "spec/fixtures/golden/"
golden.BASE_PATH = "/ekoapi/v3"
golden.START = 1790000000000 -- what the clock shows, always
golden.ACCESS_KEY = "golden-access-key"
-- In place of a reference of our own making, which is as long.
golden.OUR_REFERENCE = "OURS-20-CHARACTERS--"

local CLIENT = { developer_key = "golden-developer-key", access_key = golden.ACCESS_KEY, initiator_id = "9962981729", user_code = "20810200" }

--- Reads a fixture. A wallet that was added has none before they are written anew.
function golden.load(name)
  local path = golden.FOLDER .. name .. ".lua"
  local file = io.open(path)
  if not file and wallets.is(name) then return {} end
  if file then file:close() end
  return dofile(path)
end

local made_up

--- Runs a function with the made-up endpoints known to the catalogue.
function golden.with_endpoints(run)
  if not made_up then
    made_up = {}
    for _, entry in ipairs(golden.load "endpoints") do
      entry.moves_money = false
      made_up[entry.slug] = require("eko.catalog").expand(entry)
    end
  end
  local get = catalogue.get
  catalogue.get = function(slug)
    if made_up[slug] then return made_up[slug] end
    return get(slug)
  end
  local ok, err = pcall(run)
  catalogue.get = get
  if not ok then error(err, 0) end
end

--- A client of a call's.
-- @param call { client = options in place of the usual ones }
-- @param more further options: `base_url`, `transport`, `ca_file`
function golden.client(call, more)
  local options = {
    clock = function() return golden.START end, retries = 0, base_url = "http://127.0.0.1:1" .. golden.BASE_PATH,
  }
  for _, each in ipairs { CLIENT, call.client or {}, more or {} } do
    for name, value in pairs(each) do options[name] = value or nil end
  end
  return eko.client(options)
end

local function options_of(call, more)
  local options = {}
  for _, each in ipairs { call.options or {}, more or {} } do
    for name, value in pairs(each) do options[name] = value end
  end
  return options
end

local function masked(text, call)
  local given = type(call.params) == "table" and call.params.client_ref_id or call.options and call.options.client_ref_id
  if given or not text then return text end
  text = text:gsub('("client_ref_id":")[%w_-]+"', function(before) return before .. golden.OUR_REFERENCE .. '"' end, 1)
  return (text:gsub("([?&]client_ref_id=)[%w_-]+", function(before) return before .. golden.OUR_REFERENCE end, 1))
end

--- Performs a call over a transport of the caller's.
-- @param call of a group
-- @param more options of the call beside its own
-- @return what the transport was handed: { method =, path =, body =, headers = }; or nil and the error
function golden.over_transport(call, more)
  local seen
  local client = golden.client(call, { transport = function(request)
    assert(not seen, "more than one request")
    seen = request
    return nil, { name = "stopped", sent = false }
  end })
  local _, err = client:call(call.slug, call.params, options_of(call, more))
  if not seen then return nil, err end
  local origin = "http://127.0.0.1:1" .. golden.BASE_PATH
  assert(seen.url:sub(1, #origin) == origin)
  return { method = seen.method, path = masked(seen.url:sub(#origin + 1), call), body = masked(seen.body, call), headers = seen.headers }
end

--- The same by `dry_run`.
function golden.dry_run(call)
  local origin = "http://127.0.0.1:1" .. golden.BASE_PATH
  local made = assert(golden.client(call, { transport = function() error "it was sent" end }):call(call.slug, call.params,
    options_of(call, { dry_run = true })))
  return { method = made.method, path = masked(made.url:sub(#origin + 1), call), body = masked(made.body, call), headers = made.headers }
end

--- Performs a call over our own exchange; what came of it is none of its business.
-- @param base_url of a server that answers 404
-- @param more options of the call beside its own
-- @param settings options of the client
function golden.over_exchange(call, base_url, more, settings)
  local client = golden.client(call, { base_url = base_url, ca_file = settings and settings.ca_file })
  local _, err = client:call(call.slug, call.params, options_of(call, more))
  assert(err and err.kind ~= "invalid_request", tostring(err))
end

--- What a server saw, with a reference of our own making replaced.
function golden.masked(bytes, call)
  local head, body = bytes:match "^(.-\r\n\r\n)(.*)$"
  return masked(head, call) .. masked(body, call)
end

--- Whether a call can be made to go the way that takes `extra`, without sending any: what that way writes is to be the same.
function golden.has_slow_way(call)
  return not (call.options and (call.options.extra or call.options.strict ~= nil)) and not (call.client and call.client.strict)
end

--- The bytes of a whole request.
-- @param lines of a head in spec/fixtures/golden/heads.lua
-- @param sent { method =, path =, body = } of a fixture
-- @param values { port =, version = } for the places in braces
function golden.whole(lines, sent, values)
  local out = { ("%s %s%s HTTP/1.1"):format(sent.method, golden.BASE_PATH, sent.path) }
  for index = 2, #lines do
    out[index] = lines[index]:find "^content%-length: " and "content-length: " .. #sent.body
      or lines[index]:gsub("{(%l+)}", values)
  end
  return table.concat(out, "\r\n") .. "\r\n\r\n" .. (sent.body or "")
end

--- Calls that are refused.
-- @return a list of { name =, call = }
function golden.refused()
  local list = {}
  for _, bad in ipairs(require "spec.fixtures.bad_calls") do
    list[#list + 1] = { name = bad.name, call = { slug = bad.slug, params = bad.params, options = { client_ref_id = "REQ-1" } } }
  end
  for _, bad in ipairs(require "spec.support.golden_bad_calls") do list[#list + 1] = { name = bad.name, call = bad } end
  return list
end

--- What comes of a call: { method, path, body, path_beside_extra }, or { error, problems } when it is refused.
-- `path_beside_extra` is there when the way that takes `extra` writes another path than the usual one.
function golden.outcome(call)
  local sent, err = golden.over_transport(call)
  if not sent then
    assert(err.kind == "invalid_request", tostring(err))
    local problems = {}
    for index, problem in ipairs(err.problems) do problems[index] = { problem.field, problem.name, problem.expected } end
    return { error = err.name, problems = problems }
  end
  local found = { method = sent.method, path = sent.path, body = sent.body }
  if golden.has_slow_way(call) then
    local slow = assert(golden.over_transport(call, { extra = {} }))
    assert(slow.body == sent.body, call.slug)
    if slow.path ~= sent.path then found.path_beside_extra = slow.path end
  end
  return found
end

-- ---- writing ----

-- What the heads are of: the way that they go and the call.
golden.HEADS = {
  { name = "http, a body", kind = "tcp", slug = "verify-customer-otp" },
  { name = "http, no body", kind = "tcp", slug = "get-customer-info" },
  { name = "http, a debit", kind = "tcp", slug = "initiate-refund" },
  { name = "https with a port, a body", kind = "tls", slug = "verify-customer-otp" },
  { name = "https with a port, no body", kind = "tls", slug = "get-customer-info" },
  { name = "a socket in the file system, a body", kind = "unix", slug = "verify-customer-otp" },
  { name = "a socket in the file system, no body", kind = "unix", slug = "get-customer-info" },
}
local HEAD_PARAMS = {
  ["get-customer-info"] = { customer_id = "9444444444" }, ["initiate-refund"] = { tid = "355419717321", otp = "0012" },
  ["verify-customer-otp"] = { customer_id = "9444444444", otp = "0012", otp_ref_id = "a+/=", client_ref_id = "HEAD-1" },
}

--- Sends the calls of all heads.
-- @return by name, what the servers saw: { bytes =, port = }
function golden.heads()
  local server, tls = require "spec.support.golden_server", require "spec.support.tls"
  local certificates, servers, found = tls.make(), {}, {}
  local ok, err = pcall(function()
    for _, kind in ipairs { "tcp", "tls", "unix" } do servers[kind] = server.start(kind, certificates.good) end
    for _, head in ipairs(golden.HEADS) do
      local to = servers[head.kind]
      local before = #to.requests()
      golden.over_exchange({ slug = head.slug, params = HEAD_PARAMS[head.slug] }, to.origin .. golden.BASE_PATH, nil,
        { ca_file = certificates.ca_file })
      local requests = to.requests()
      assert(#requests == before + 1, head.name .. ": one request, please")
      found[head.name] = { bytes = requests[#requests], port = to.port }
    end
  end)
  for _, each in pairs(servers) do each.stop() end
  certificates.remove()
  if not ok then error(err, 0) end
  return found
end

local function block_of(call, shown)
  local block = golden.outcome(call)
  for _, name in ipairs(shown) do block[name] = call[name] end
  return block
end

local function head_blocks()
  local blocks, found = {}, golden.heads()
  for index, head in ipairs(golden.HEADS) do
    local bytes, lines = found[head.name].bytes, {}
    local text, body = bytes:match "^(.-)\r\n\r\n(.*)$"
    text = text:gsub("(\r\nuser%-agent: lua%-eko/)[^\r]+", "%1{version}"):gsub("(\r\nhost: [%w.]+:)" .. found[head.name].port, "%1{port}")
    for line in (text .. "\r\n"):gmatch "(.-)\r\n" do lines[#lines + 1] = line end
    blocks[index] = { name = head.name, slug = head.slug, kind = head.kind, lines = lines, body = body ~= "" and body or nil }
  end
  return blocks
end

local ORDER = {
  "name", "slug", "client", "params", "options", "method", "path", "path_beside_extra", "body", "error", "kind", "lines", "problems",
}

local function write(name, about, blocks)
  local text = require "spec.support.golden_text"
  local out = {}
  for index, block in ipairs(blocks) do out[index] = "  " .. text.source(block, ORDER, "  ") .. ",\n" end
  local source = table.concat(out)
  local head = { "--- " .. about .. " Written by spec/support/golden.lua.\n" }
  if source:find("rep(", 1, true) then head[#head + 1] = "local rep = string.rep\n" end
  if source:find "%f[%w]null%f[%W][,\n ]" and name == "options" then head[#head + 1] = "local null = require(\"eko.base.json\").null\n" end
  local file = assert(io.open(golden.FOLDER .. name .. ".lua", "wb"))
  file:write(table.concat(head), "return {\n", source, "}\n")
  file:close()
  print(("%s%s.lua: %d"):format(golden.FOLDER, name, #blocks))
end

local ABOUT = {
  references = "OTPs and their references in every form that was seen, in a body and in a query.",
  places = "Made-up endpoints: parameters in path and query.", lists = "Made-up endpoints: lists, addresses, text of many lines.",
  options = "Calls with extra and strict.", context = "What the client knows, client_ref_id, integers, what may be empty.",
  doubtful = "What people mistype, and is sent as it is.",
}

local SHOWN = { "name", "slug", "client", "params", "options" }

local function write_all()
  for _, groups in ipairs { golden_calls.rails, golden_calls.groups } do
    for _, group in ipairs(groups) do
      local blocks = {}
      for index, call in ipairs(golden_calls.of(group)) do blocks[index] = block_of(call, SHOWN) end
      write(group, ABOUT[group] or "The requests of eko.catalog." .. group .. ", four of each endpoint.", blocks)
    end
  end
  local problems = {}
  for index, bad in ipairs(golden.refused()) do
    problems[index] = block_of(bad.call, { "slug" })
    problems[index].name = bad.name
  end
  write("problems", "What is said of calls that are refused: { field, name, expected } in order.", problems)
  write("heads", "Whole heads as they leave over our own exchange, line by line; {port} and {version} are whatever they are.", head_blocks())
end

if arg and arg[0] and arg[0]:find "golden%.lua$" and arg[1] == "write" then golden.with_endpoints(write_all) end

return golden
