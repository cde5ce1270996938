-- When memory runs out below Lua (OpenSSL, libcurl, the core's own buffers), a call fails: nothing is told that is not so.
local command = require "spec.support.command"
local raw_server = require "spec.support.raw_server"
local shell = require "spec.support.shell"
local tls = require "spec.support.tls"

local quote = shell.quote
local library

setup(function()
  library = os.tmpname()
  assert(os.execute(("cc -shared -fPIC -O1 -o %s spec/support/malloc_faults.c -ldl"):format(quote(library))))
end)
teardown(function() os.remove(library) end)

-- What was not right, how many allocations failed, and how often the thing was done.
local function outcomes_of(what, ...)
  local parts = { "LD_PRELOAD=" .. quote(library), "timeout 120", command.interpreter, "spec/support/memory_faults.lua", what }
  for _, argument in ipairs { ... } do parts[#parts + 1] = quote(argument) end
  local text = shell.output_of("env " .. table.concat(parts, " ") .. " 2>&1")
  local wrong, runs, failed = text:match "^(.-)runs (%d+) failed (%d+)%s*$"
  assert.is_truthy(failed, text)
  return wrong, tonumber(failed), tonumber(runs)
end

describe("without memory #harm12", function()
  it("no number is read as another one", function()
    assert.equal("", (outcomes_of "numbers"))
    assert.equal("", (outcomes_of "balance"))
  end)

  it("a token that cannot be opened now is not said to be forged", function()
    local wrong, failed = outcomes_of "unseal"
    assert.is_true(failed > 0)
    assert.equal("", wrong)
  end)
end)

describe("without memory", function()
  for _, what in ipairs { "unseal_tampered", "seal", "digests", "parser" } do
    it("nothing wrong is told: " .. what, function()
      local wrong, failed = outcomes_of(what)
      assert.is_true(failed > 0)
      assert.equal("", wrong)
    end)
  end

  it("no certificate file is called unreadable", function()
    local certificates = tls.make()
    local wrong, failed = outcomes_of("network", certificates.ca_file)
    certificates.remove()
    assert.is_true(failed > 0)
    assert.equal("", wrong)
  end)
end)

describe("without memory an exchange", function()
  it("tells no other answer than the server's, and sends nothing twice", function()
    local answer = { { "read" }, { "send", "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok" } }
    local server = raw_server.start { answer }
    local wrong, failed, runs = outcomes_of("exchange", server.url .. "/")
    local arrived = #server.requests()
    server.stop()
    assert.is_true(arrived > 0 and arrived <= runs)
    assert.is_true(failed > 0)
    assert.equal("", wrong)
  end)
end)
