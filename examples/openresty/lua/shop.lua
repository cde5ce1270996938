-- The example shop: the endpoints of eko.nginx over a store that EKO_STORE names, against the emulator next door.
-- nginx loads it before it forks; os.getenv sees the environment only then.
local eko = require "eko"

-- Anybody may be onboarded. One customer is known already, has sent money this month, and lacks only the PAN; another is active on
-- Fino, where the platform tells everything to whoever names the mobile.
local emulator = require("eko.emulator.nginx").new {
  customers = {
    ["9876543210"] = { name = "Ravi Kumar", levin = { state = "pan_pending", balance = 1250.5, used = 18500 } },
    ["9876543211"] = { name = "Meena Joshi", fino = { state = "active", balance = 777 } },
  },
}

local stores = {
  cookie = function() return "cookie" end,
  shared_dict = function() return require("eko.store.shared_dict").new "journeys" end,
  redis = function()
    return require("eko.store.redis").new {
      path = os.getenv "EKO_REDIS_SOCKET", host = os.getenv "EKO_REDIS_HOST", port = tonumber(os.getenv "EKO_REDIS_PORT"),
      password = os.getenv "EKO_REDIS_PASSWORD",
    }
  end,
}

local function chosen_store()
  local name = os.getenv "EKO_STORE" or "shared_dict"
  local make = stores[name] or error("EKO_STORE is cookie, shared_dict or redis, not " .. name)
  return make()
end

local platform_url = assert(os.getenv "EKO_PLATFORM_URL", "EKO_PLATFORM_URL is missing: start the example with its script `run`")

local app = require("eko.nginx").new {
  client = function()
    return eko.client {
      base_url = platform_url, developer_key = emulator.platform.developer_key, access_key = emulator.platform.access_key,
      initiator_id = emulator.platform.initiator_id, user_code = emulator.platform.user_code, timeout = 10,
    }
  end,
  key = assert(os.getenv "EKO_TOKEN_KEY", "EKO_TOKEN_KEY is missing: at least 32 random bytes"),
  store = chosen_store(),
  shared_dict = "eko",
  -- Over TLS leave this out. Without TLS it works on loopback only.
  cookie = { secure = false },
}

return { app = app, emulator = emulator }
