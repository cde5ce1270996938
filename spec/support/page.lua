--- The example's page as a person uses it, and what must hold on each of its screens.

local assert = require "luassert"
local journey = require "spec.support.journey"
local nginx = require "spec.support.nginx"
local shell = require "spec.support.shell"
local socket = require "socket"
local web = require "spec.support.web"

local person = journey.person

local page = {}

-- The shop, started as its users start it.
function page.open_shop(store, redis_socket)
  local shop = { port = nginx.free_port(), directory = shell.directory() }
  shop.pid = shell.start(("env -u LD_PRELOAD EKO_STORE=%s EKO_REDIS_SOCKET=%s PORT=%d examples/openresty/run"):format(store, redis_socket,
    shop.port), shop.directory .. "/out")
  shop.url = ("http://127.0.0.1:%d/"):format(shop.port)
  local deadline = socket.gettime() + 15
  while not shell.read_file(shop.directory .. "/out"):find("The shop is open", 1, true) do
    if socket.gettime() > deadline then
      os.execute("kill -TERM " .. shop.pid)
      error("the shop does not open: " .. shell.read_file(shop.directory .. "/out"))
    end
    socket.sleep(0.05)
  end
  function shop.close()
    os.execute("kill -TERM " .. shop.pid)
    deadline = socket.gettime() + 15
    while socket.connect("127.0.0.1", shop.port) do
      assert(socket.gettime() < deadline, "the shop does not close")
      socket.sleep(0.05)
    end
    os.execute("rm -rf " .. shop.directory)
  end
  return shop
end

-- Two ways to use the page. Both fill fields by their ids.
function page.pointer(browser)
  local hand = {}
  function hand.fill(id, text) browser:fill(id, text) end
  function hand.check(id) browser:click("#" .. id) end
  function hand.choose(name, value) browser:click(("label:has(#%s-%s)"):format(name, value)) end
  function hand.select(id, value) browser:click(("#%s option[value='%s']"):format(id, value)) end
  function hand.push(id) browser:click("#" .. id) end
  function hand.capture() browser:click "#form button[type=button].quiet" end
  return hand
end

function page.keyboard(browser)
  local hand, keys = {}, web.keys
  function hand.fill(id, text)
    browser:tab_to(id)
    browser:script "document.activeElement.select?.()"
    browser:press(text)
  end
  function hand.check(id)
    browser:tab_to(id)
    browser:press(keys.space)
  end
  function hand.choose(name, value)
    -- Tab reaches the radio that is chosen, arrows choose another one.
    for _ = 1, 40 do
      if browser:focus():find("^" .. name .. "%-") then break end
      browser:press(keys.tab)
    end
    for _ = 1, 10 do
      if browser:focus() == name .. "-" .. value then return end
      browser:press(keys.down)
    end
    error("no arrow leads to " .. value)
  end
  function hand.select(id, value)
    browser:tab_to(id)
    for _ = 1, 20 do
      if browser:script("return document.activeElement.value") == value then return end
      browser:press(keys.down)
    end
    error("no arrow leads to " .. value)
  end
  function hand.push(id)
    browser:tab_to(id)
    browser:press(keys.enter)
  end
  function hand.capture()
    browser:tab_to "piddata"
    browser:press(keys.tab .. keys.space)
  end
  return hand
end

function page.title_of(browser) return browser:script "return document.getElementById('title').textContent" end

-- What must hold on every screen.
function page.inspect(browser, where)
  for _, element in ipairs(browser:visible "input, select, textarea, button, a") do
    assert.truthy(browser:label(element):find "%S", "a control without a name on " .. where)
  end
  assert.equal("main", browser:role(browser:find "main"))
  assert.is_true(browser:script "return document.documentElement.scrollWidth <= innerWidth", "it scrolls sideways on " .. where)
  assert.same({}, browser:script(shell.read_file "spec/support/contrast.js"), "poor contrast on " .. where)
  local small = browser:script [[return [...document.querySelectorAll("#form input:not([type=radio],[type=checkbox]), select, button")]
    .filter((each) => each.checkVisibility() && each.getBoundingClientRect().height < 44).map((each) => each.id || each.textContent)]]
  assert.same({}, small, "too small for a finger on " .. where)
end

page.TITLES = {
  details = "Customer’s details", otp = "Verify the mobile", consent_language = "Language of the consent", aadhaar = "Aadhaar",
  aadhaar_otp = "Verify Aadhaar", pan = "PAN", ekyc = "Aadhaar and fingerprint", ekyc_otp = "Verify eKYC", choice = "Choose a wallet",
  done = "The customer is ready",
}

function page.newest_otp(browser)
  return browser:script "return document.querySelector('#messages li b').textContent"
end

function page.wait_for_title(browser, title)
  browser:until_true("the step " .. title,
    "return document.getElementById('title').textContent === arguments[0] && !document.querySelector('[aria-disabled]')", title)
end

local fill_step = {}
page.fill_step = fill_step
function fill_step.details(hand)
  hand.fill("name", person.name)
  hand.fill("dob-day", "17")
  hand.fill("dob-month", "5")
  hand.fill("dob-year", "1990")
  hand.fill("address-line", "1 Test Street")
  hand.fill("address-city", "Pune")
  hand.fill("address-state", "mh")
  hand.fill("address-pincode", "411001")
end
function fill_step.consent_language(hand) hand.select("consent_language", "4") end
function fill_step.aadhaar(hand)
  hand.check "consent"
  hand.fill("aadhar", "2345 6789 0124")
end
function fill_step.ekyc(hand)
  fill_step.aadhaar(hand)
  hand.capture()
end
function fill_step.pan(hand) hand.fill("pan_number", "abcpe1234f") end
function fill_step.choice(hand) hand.choose("continue_with", "levin") end

return page
