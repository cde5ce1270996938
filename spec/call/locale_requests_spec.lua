-- What a request is made of does not depend on the process's locale: its decimal point, its letters, its order of texts.
local command = require "spec.support.command"
local shell = require "spec.support.shell"

local LOCALES = {
  { "de_DE", "UTF-8", "," }, { "de_DE", "ISO-8859-1", "," }, { "tr_TR", "ISO-8859-9", "," }, { "hi_IN", "UTF-8", "." },
}

describe("requests in a locale", function()
  local folder = shell.directory()
  teardown(function() os.execute("rm -r " .. shell.quote(folder)) end)

  for _, locale in ipairs(LOCALES) do
    local name = locale[1] .. "." .. locale[2]
    it("have the same bytes in " .. name, function()
      os.execute(("localedef -i %s -f %s %s/%s 2>&1"):format(locale[1], locale[2], shell.quote(folder), name))
      local said = shell.output_of(("LOCPATH=%s timeout 60 %s spec/support/locale_requests.lua %s '%s' 2>&1"):format(shell.quote(folder),
        command.interpreter, name, locale[3]))
      local count = said:match "^compared (%d+)\n$"
      assert.truthy(count, said)
      assert.truthy(tonumber(count) > 2000, said)
    end)
  end
end)
