-- What a draft or a JSON text was written into holds nothing of it any more once it is given back.
local command = require "spec.support.command"
local shell = require "spec.support.shell"

describe("memory that is given back", function()
  it("was wiped, also where a buffer grew; and all of it is given back", function()
    local library = os.tmpname()
    assert(os.execute(("cc -shared -fPIC -O1 -o %s spec/support/freed.c -ldl"):format(shell.quote(library))))
    local said = shell.output_of(("LD_PRELOAD=%s timeout 60 %s spec/support/freed.lua 2>&1"):format(shell.quote(library), command.interpreter))
    os.remove(library)
    local blocks, found, alive, few, some, many = said:match "^(%d+) (%d+) (%-?%d+) (%d+) (%d+) (%d+)\n$"
    assert.truthy(blocks, said)
    assert.truthy(tonumber(blocks) > 100, said)
    assert.same({ 0, 0 }, { tonumber(found), tonumber(alive) })
    -- What is small is kept for the next call: of a large one body and values are not.
    assert.same({ "0", "0", "2" }, { few, some, many })
  end)
end)
