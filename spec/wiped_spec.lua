-- What a draft or a JSON text was written into holds nothing of it any more once it is given back.
local command = require "spec.support.command"

describe("memory that is given back", function()
  it("was wiped, also where a buffer grew", function()
    local library = os.tmpname()
    assert(os.execute(("cc -shared -fPIC -O1 -o %s spec/support/freed.c -ldl"):format(command.quote(library))))
    local pipe = assert(io.popen(("LD_PRELOAD=%s timeout 60 %s spec/support/freed.lua 2>&1"):format(command.quote(library), command.interpreter)))
    local said = pipe:read "*a"
    pipe:close()
    os.remove(library)
    local blocks, found = said:match "^(%d+) (%d+)\n$"
    assert.truthy(blocks, said)
    assert.truthy(tonumber(blocks) > 100, said)
    assert.equal(0, tonumber(found))
  end)
end)
