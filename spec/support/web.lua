--- A headless Chromium, steered through chromedriver's WebDriver protocol with LuaSocket.
--
--     local browser = web.browser { phone = true }
--     browser:open(url)
--     browser:fill("customer_id", "9444444444")
--     browser:quit()

local http = require "socket.http"
local json = require "eko.base.json"
local ltn12 = require "ltn12"
local nginx = require "spec.support.nginx"
local shell = require "spec.support.shell"
local socket = require "socket"

local web = {}

local ELEMENT = "element-6066-11e4-a52e-4f735466cecf" -- WebDriver's name for "this is an element"
local PATIENCE = 15

--- Keys, as WebDriver has them.
web.keys = { tab = "\238\128\132", enter = "\238\128\135", down = "\238\128\149", space = " " }

local browser = {}
browser.__index = browser

--- Whether this machine has Chromium and chromedriver.
function web.available()
  return shell.output_of("command -v chromium"):find "%S" ~= nil and shell.output_of("command -v chromedriver"):find "%S" ~= nil
end

-- LuaSocket sends head and body apart, which without this waits for the kernel's delayed acknowledgement each time.
local function without_delay()
  local made = (socket.tcp4 or socket.tcp)()
  made:setoption("tcp-nodelay", true)
  return made
end

local function call(self, method, path, value)
  local body = value and json.encode(value):gsub("^%[%]$", "{}") or nil
  local parts = {}
  local _, status = http.request {
    url = ("http://127.0.0.1:%d%s"):format(self.port, path), method = method, create = without_delay, sink = ltn12.sink.table(parts),
    source = body and ltn12.source.string(body) or nil,
    headers = { ["content-type"] = "application/json; charset=utf-8", ["content-length"] = body and #body or 0 },
  }
  local text = table.concat(parts)
  local answer = assert(json.decode(text), ("chromedriver: %s %s"):format(tostring(status), text))
  if status ~= 200 then error(("chromedriver: %s %s: %s"):format(method, path, tostring(answer.value.message)), 2) end
  if answer.value == json.null then return nil end
  return answer.value
end

local function act(self, method, path, value)
  return call(self, method, "/session/" .. self.session .. path, value)
end

local function wait(seconds, what, ready)
  local deadline = socket.gettime() + seconds
  while true do
    local value = ready()
    if value then return value end
    if socket.gettime() > deadline then error("waited in vain for " .. what, 3) end
    socket.sleep(0.05)
  end
end

local function arguments(self, options)
  local list = {
    "--headless=new", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-sandbox", "--disable-dev-shm-usage", "--user-data-dir=" .. self.directory .. "/profile",
    "--window-size=" .. (options.size or "1280,900"),
  }
  if options.dark then list[#list + 1] = "--force-dark-mode" end
  return list
end

--- Starts a browser with a new, empty profile.
-- @param options `phone` (a window of 390 x 844 with touch), `width` (the same, so wide), `size` ("1280,900"), `dark`
function web.browser(options)
  options = options or {}
  local self = setmetatable({ directory = shell.directory(), port = nginx.free_port() }, browser)
  self.pid = shell.start(("env -u LD_PRELOAD TMPDIR=%s chromedriver --port=%d"):format(self.directory, self.port), self.directory .. "/log")
  local chrome = { args = arguments(self, options) }
  if options.width then chrome.mobileEmulation = { deviceMetrics = { width = options.width, height = 800, pixelRatio = 1, touch = true } } end
  if options.phone then chrome.mobileEmulation = { deviceMetrics = { width = 390, height = 844, pixelRatio = 2, touch = true } } end
  local ok, problem = pcall(function()
    wait(PATIENCE, "chromedriver", function()
      local answers, status = pcall(call, self, "GET", "/status")
      return answers and status.ready
    end)
    self.session = call(self, "POST", "/session", { capabilities = { alwaysMatch = {
      browserName = "chrome", ["goog:chromeOptions"] = chrome, ["goog:loggingPrefs"] = { browser = "ALL" },
    } } }).sessionId
  end)
  if not ok then
    self:quit()
    error(problem, 0)
  end
  return self
end

--- Ends the browser and removes its profile.
function browser:quit()
  if self.session then pcall(call, self, "DELETE", "/session/" .. self.session) end
  os.execute(("kill %d 2>/dev/null"):format(self.pid))
  wait(PATIENCE, "the end of chromedriver", function() return not shell.output_of("ps -o stat= -p " .. self.pid):find "^%s*[^Z%s]" end)
  os.execute("rm -rf " .. self.directory)
end

--- The window at hand, to come back to.
function browser:window() return act(self, "GET", "/window") end

--- Opens another tab, which is at hand then, and returns it. It shares the cookies.
function browser:new_window()
  local handle = act(self, "POST", "/window/new", { type = "tab" }).handle
  self:switch_to(handle)
  return handle
end

function browser:switch_to(handle) act(self, "POST", "/window", { handle = handle }) end

--- Opens an address and waits until the page's script is ready.
function browser:open(url)
  act(self, "POST", "/url", { url = url })
  self:until_true("the page", "return document.documentElement.dataset.ready === 'true'")
end

--- Runs JavaScript in the page.
function browser:script(text, ...)
  local value = act(self, "POST", "/execute/sync", { script = text, args = { ... } })
  return value
end

--- Waits until a script returns something true.
function browser:until_true(what, text, ...)
  local given = { ... }
  return wait(PATIENCE, what, function()
    local value = self:script(text, (table.unpack or unpack)(given)) -- luacheck: globals unpack
    return value ~= false and value
  end)
end

function browser:find(css)
  return act(self, "POST", "/element", { using = "css selector", value = css })[ELEMENT]
end

--- The elements that can be seen.
function browser:visible(css)
  local ids = {}
  local list = self:script("return [...document.querySelectorAll(arguments[0])].filter((each) => each.checkVisibility())", css)
  for i, each in ipairs(list) do ids[i] = each[ELEMENT] end
  return ids
end

--- What a screen reader calls an element, and what it takes it for.
function browser:label(element) return act(self, "GET", "/element/" .. element .. "/computedlabel") end
function browser:role(element) return act(self, "GET", "/element/" .. element .. "/computedrole") end

--- The id of the element that has the focus.
function browser:focus() return self:script "return document.activeElement.id" end

function browser:click(css) act(self, "POST", "/element/" .. self:find(css) .. "/click", {}) end

--- Clears a field and types into it.
function browser:fill(id, text)
  local element = self:find("#" .. id)
  act(self, "POST", "/element/" .. element .. "/clear", {})
  act(self, "POST", "/element/" .. element .. "/value", { text = text })
end

--- Types on the keyboard, wherever the focus is.
function browser:press(text)
  local actions = {}
  for key in text:gmatch "[%z\1-\127\194-\244][\128-\191]*" do
    actions[#actions + 1] = { type = "keyDown", value = key }
    actions[#actions + 1] = { type = "keyUp", value = key }
  end
  act(self, "POST", "/actions", { actions = { { type = "key", id = "keyboard", actions = actions } } })
end

--- Moves the focus to an element as a keyboard user does.
function browser:tab_to(id)
  for _ = 1, 40 do
    if self:focus() == id then return end
    self:press(web.keys.tab)
  end
  error("the keyboard does not reach " .. id, 2)
end

--- What the browser's console said since the last look.
function browser:log() return act(self, "POST", "/se/log", { type = "browser" }) end

--- Saves a picture of the window, or of the whole page.
function browser:picture(path, whole)
  os.execute("mkdir -p " .. path:match "^(.*)/")
  local data
  if whole then
    data = act(self, "POST", "/goog/cdp/execute", { cmd = "Page.captureScreenshot", params = { captureBeyondViewport = true } }).data
  else
    data = act(self, "GET", "/screenshot")
  end
  shell.write_file(path, require("eko.core").text.base64_decode((data:gsub("%s", ""))))
end

return web
