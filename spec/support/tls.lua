--- A private CA and the certificates that a client must accept or refuse, made with the openssl command.

local shell = require "spec.support.shell"

local tls = {}

local function run(command)
  local status, said = shell.run(command)
  assert(status == 0, command .. "\n" .. said)
end

local function make_ca(dir, name)
  run(("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj '/CN=%s' "
    .. "-addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign' "
    .. "-keyout %s/%s.key -out %s/%s.pem"):format(name, dir, name, dir, name))
  return ("%s/%s.pem"):format(dir, name)
end

--- Signs a certificate. `openssl x509` cannot date one back, `openssl ca` can; it wants a small database for it.
local function make_certificate(dir, name, names, first, last)
  shell.write_file(dir .. "/" .. name .. ".cnf", table.concat({
    "[ca]", "default_ca=own", "[own]", "database=" .. dir .. "/index", "new_certs_dir=" .. dir, "rand_serial=yes",
    "certificate=" .. dir .. "/ca.pem", "private_key=" .. dir .. "/ca.key", "default_md=sha256", "policy=any",
    "unique_subject=no", "x509_extensions=leaf", "[any]", "commonName=supplied", "[leaf]", "subjectAltName=" .. names,
    "basicConstraints=CA:FALSE", "extendedKeyUsage=serverAuth", "",
  }, "\n"))
  shell.write_file(dir .. "/index", "")
  run(("openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj '/CN=%s' -keyout %s/%s.key -out %s/%s.csr")
    :format(name, dir, name, dir, name))
  run(("openssl ca -batch -notext -config %s/%s.cnf -startdate %s -enddate %s -in %s/%s.csr -out %s/%s.pem"):format(dir, name,
    first, last, dir, name, dir, name))
  return { cert = ("%s/%s.pem"):format(dir, name), key = ("%s/%s.key"):format(dir, name) }
end

local function day(offset)
  return os.date("!%Y%m%d%H%M%SZ", os.time() + offset * 86400)
end

--- @treturn table `ca_file`; `other_ca_file` (one that signed nothing here); `good`, `expired` and `wrong_host`, each
-- `{ cert =, key = }`; `remove()`
function tls.make()
  local dir = os.tmpname()
  os.remove(dir)
  run("mkdir -m 700 " .. dir)
  local local_names = "DNS:localhost,IP:127.0.0.1"
  local made = { ca_file = make_ca(dir, "ca"), other_ca_file = make_ca(dir, "other") }
  made.good = make_certificate(dir, "good", local_names, day(-1), day(30))
  made.expired = make_certificate(dir, "expired", local_names, day(-30), day(-1))
  made.wrong_host = make_certificate(dir, "wrong_host", "DNS:elsewhere.invalid", day(-1), day(30))
  function made.remove() run("rm -r " .. dir) end
  return made
end

return tls
