--- Every endpoint: those of each wallet's room, and those of no wallet.
-- @module eko.wallets.catalogue
-- @see eko.catalog
local catalog = require "eko.catalog"
local wallets = require "eko.wallets"

local lists = { require "eko.catalog.transactions" }
for _, name in ipairs(wallets.names) do lists[#lists + 1] = wallets.part(name, "endpoints") end

return catalog.of(lists)
