--- The server's TLS: version 1.2 and later, a given certificate or one made for localhost.
--
-- @module eko.emulator.tls
local tls = {}

local function read(path)
  local file, problem = io.open(path, "rb")
  if not file then return nil, problem end
  local text = file:read "*a"
  file:close()
  return text
end

local function load_pair(context, cert_file, key_file)
  local x509, pkey = require "openssl.x509", require "openssl.pkey"
  local cert, problem = read(cert_file)
  if not cert then return nil, problem end
  local key
  key, problem = read(key_file)
  if not key then return nil, problem end
  local chain
  for block in cert:gmatch("%-%-%-%-%-BEGIN CERTIFICATE%-%-%-%-%-.-%-%-%-%-%-END CERTIFICATE%-%-%-%-%-") do
    if chain then
      chain:add(x509.new(block))
    else
      chain = require("openssl.x509.chain").new()
      context:setCertificate(x509.new(block))
    end
  end
  if not chain then return nil, cert_file .. " holds no PEM certificate" end
  context:setCertificateChain(chain)
  context:setPrivateKey(pkey.new(key))
  return true
end

--- A certificate for localhost that signs itself, written down so that clients can be told to trust it.
local function make_pair(context)
  local x509, pkey = require "openssl.x509", require "openssl.pkey"
  local name, alternatives = require("openssl.x509.name").new(), require("openssl.x509.altname").new()
  name:add("CN", "localhost")
  alternatives:add("DNS", "localhost")
  alternatives:add("IP", "127.0.0.1")
  local key, cert = pkey.new { type = "EC", curve = "prime256v1" }, x509.new()
  cert:setVersion(3)
  cert:setSerial(require("openssl.bignum").fromBinary(require("openssl.rand").bytes(8)))
  cert:setSubject(name)
  cert:setIssuer(name)
  cert:setSubjectAlt(alternatives)
  cert:setLifetime(os.time() - 60, os.time() + 7 * 86400)
  cert:setBasicConstraints { CA = true }
  cert:setBasicConstraintsCritical(true)
  cert:setPublicKey(key)
  cert:sign(key)
  context:setCertificate(cert)
  context:setPrivateKey(key)
  local path = os.tmpname()
  local file, problem = io.open(path, "wb")
  if not file then return nil, problem end
  file:write(cert:tostring())
  file:close()
  return path
end

--- The context of a server.
-- @tparam table server its `cert_file` and `key_file`, or neither; then its `ca_file` is set
-- @treturn ?userdata context
-- @treturn ?string what went wrong
function tls.context(server)
  local contexts = require "openssl.ssl.context"
  local context = require("http.tls").new_server_context()
  context:setOptions(contexts.OP_NO_TLSv1 + contexts.OP_NO_TLSv1_1)
  -- lua-http prefers P-521, which costs milliseconds a handshake.
  context:setGroups("X25519:P-256")
  local path, problem
  if server.cert_file and server.key_file then
    path, problem = load_pair(context, server.cert_file, server.key_file)
  elseif server.cert_file or server.key_file then
    return nil, "a certificate and a key are needed together"
  else
    path, problem = make_pair(context)
    server.ca_file = path
  end
  if not path then return nil, problem end
  return context
end

return tls
