-- What statuses of one kind have in common, at the edges of each kind.
local http_statuses = require "eko.base.http_statuses"

describe("http_statuses", function()
  for name, statuses in pairs {
    is_success = { [100] = false, [199] = false, [200] = true, [204] = true, [299] = true, [300] = false, [500] = false },
    is_client_error = { [200] = false, [399] = false, [400] = true, [499] = true, [500] = false },
    is_turned_away = { [400] = false, [401] = true, [402] = false, [403] = true, [404] = false },
    is_not_accepted = { [200] = false, [400] = true, [401] = false, [421] = false, [422] = true, [423] = false },
  } do
    it(name, function()
      for status, expected in pairs(statuses) do assert.equal(expected, http_statuses[name](status), status) end
    end)
  end
end)
