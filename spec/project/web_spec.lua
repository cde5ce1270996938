local journey = require "spec.support.journey"
local json = require "eko.base.json"
local page = require "spec.support.page"
local redis = require "spec.support.redis"
local shell = require "spec.support.shell"
local web = require "spec.support.web"

local fill_step, inspect, keyboard, newest_otp, pointer = page.fill_step, page.inspect, page.keyboard, page.newest_otp, page.pointer
local title_of, wait_for_title, TITLES = page.title_of, page.wait_for_title, page.TITLES

local person = journey.person
local PICTURES = "build/screenshots/"

describe("the web page of the example", function()
  local database
  setup(function()
    assert(web.available(), "chromium and chromedriver are missing (Debian: chromium chromium-driver)")
    redis.nginx_path()
    database = redis.start()
  end)
  teardown(function()
    if database then database:stop() end
  end)

  local function open_shop(store) return page.open_shop(store, database.path) end

  local FIRST_FIELD = {
    details = "name", otp = "otp", consent_language = "consent_language", aadhaar = "consent", aadhaar_otp = "otp", pan = "pan_number",
    ekyc = "consent", ekyc_otp = "otp", choice = "continue_with-digikhata",
  }

  local PATHS = {
    levin = { "details", "otp", "aadhaar", "aadhaar_otp", "pan" },
    digikhata = { "details", "otp", "consent_language", "aadhaar", "aadhaar_otp", "pan" },
    fino = { "details", "ekyc", "ekyc_otp" },
    customer = { "details", "otp", "choice", "otp", "aadhaar", "aadhaar_otp", "pan" },
  }

  local function fill_otp(browser, hand)
    -- A wrong one first: the page says so at the field, and puts the focus there.
    hand.fill("otp", journey.wrong(newest_otp(browser)))
    hand.push "next"
    browser:until_true("what is wrong", "return document.querySelector('#otp-wrong') && !document.querySelector('[aria-disabled]')")
    assert.equal("otp", browser:focus())
    assert.equal("true", browser:script "return document.getElementById('otp').getAttribute('aria-invalid')")
    assert.truthy(browser:script("return document.getElementById('otp').getAttribute('aria-describedby')"):find("otp-wrong", 1, true))
    local spoken = browser:script "return document.getElementById('status').textContent"
    assert.truthy(spoken:find("This OTP", 1, true), spoken)
    inspect(browser, "a wrong OTP")
    hand.fill("otp", newest_otp(browser))
  end

  local CUSTOMERS = { levin = "94444 12341", digikhata = "94444 12342", fino = "94444 12343", customer = "94444 12344" }

  local function carry(browser, hand, shop, rail, label)
    local count = 0
    local function picture(name, whole)
      count = count + 1
      browser:picture(("%s%s-%s-%02d-%s.png"):format(PICTURES, rail, label, count, name), whole)
    end
    browser:open(shop.url)
    inspect(browser, "the start")
    hand.choose("wallet", rail)
    hand.fill("customer_id", CUSTOMERS[rail])
    picture "start"
    hand.push "next"
    for _, state in ipairs(PATHS[rail]) do
      wait_for_title(browser, TITLES[state])
      assert.equal(FIRST_FIELD[state], browser:focus(), "the focus in " .. state)
      inspect(browser, state)
      local fill = fill_step[state]
      if fill then fill(hand) else fill_otp(browser, hand) end
      picture(state, true)
      hand.push "next"
    end
    wait_for_title(browser, TITLES.done)
    inspect(browser, "done")
    picture("done", true)
    if rail ~= "fino" then
      local legend = browser:script "return document.querySelector('.legend').innerText.replace(/\\s+/g, ' ')"
      assert.truthy(legend:find "Used ₹.* Remaining ₹.* Unavailable ₹")
      assert.is_true(browser:script "return document.querySelectorAll('.meter i').length > 0")
    end
    for _, entry in ipairs(browser:log()) do
      -- Asking for a journey where there is none yet is answered with 401, which Chromium notes.
      assert.truthy(entry.message:find "/onboarding/resume .* 401", entry.message)
    end
  end

  local RUNS = {
    { "phone", { phone = true }, "cookie", pointer },
    { "desktop", {}, "redis", pointer },
    { "keyboard", { dark = true }, "shared_dict", keyboard },
  }
  for _, run in ipairs(RUNS) do
    local label, options, store, hand_of = run[1], run[2], run[3], run[4]
    describe("(" .. label .. ", journeys in " .. store .. ")", function()
      local shop, browser
      setup(function()
        shop = open_shop(store)
        browser = web.browser(options)
      end)
      teardown(function()
        if browser then browser:quit() end
        if shop then shop.close() end
      end)
      for rail in pairs(PATHS) do
        it("onboards a customer on " .. rail, function() carry(browser, hand_of(browser), shop, rail, label) end)
      end
    end)
  end

  describe("(on the way)", function()
    local shop, browser
    setup(function()
      shop = open_shop "shared_dict"
      browser = web.browser { phone = true }
    end)
    teardown(function()
      if browser then browser:quit() end
      if shop then shop.close() end
    end)

    it("goes on where it was when the page is loaded again, sends another OTP, and starts over", function()
      local hand = pointer(browser)
      browser:open(shop.url)
      hand.push "next"
      assert.equal("customer_id", browser:focus())
      assert.equal("Type the mobile number.", browser:script "return document.getElementById('customer_id-wrong').textContent")
      hand.fill("customer_id", "12345")
      hand.push "next"
      browser:until_true("what is wrong", "return /not a mobile number/.test(document.getElementById('customer_id-wrong')?.textContent)")
      hand.choose("wallet", "levin")
      hand.fill("customer_id", "9444412346")
      hand.push "next"
      wait_for_title(browser, TITLES.details)
      fill_step.details(hand)
      hand.fill("dob-day", "31")
      hand.fill("dob-month", "2")
      hand.push "next"
      browser:until_true("the wrong date", "return document.getElementById('dob-day-wrong')")
      assert.equal("dob-day", browser:focus())
      assert.equal("31", browser:script "return document.getElementById('dob-day').value")
      assert.is_nil(browser:script("return document.getElementById('name')?.id"), "what was right is not asked for again")
      browser:picture(PICTURES .. "wrong-date.png")
      hand.fill("dob-day", "17")
      hand.fill("dob-month", "5")
      hand.fill("dob-year", "1990")
      hand.push "next"
      wait_for_title(browser, TITLES.otp)
      browser:open(shop.url)
      assert.equal(TITLES.otp, title_of(browser))
      local before = newest_otp(browser)
      hand.push "resend"
      browser:until_true("another OTP", "return document.querySelector('#messages li b').textContent !== arguments[0]", before)
      hand.push "over"
      wait_for_title(browser, "Onboard a customer")
      browser:open(shop.url)
      assert.equal("Onboard a customer", title_of(browser))
    end)

    it("shows a customer who came back how much of the limit is used", function()
      local desktop = web.browser()
      finally(function() desktop:quit() end)
      local hand = pointer(desktop)
      desktop:open(shop.url)
      hand.choose("wallet", "levin")
      hand.fill("customer_id", "9876543210")
      hand.push "next"
      wait_for_title(desktop, TITLES.otp)
      hand.fill("otp", newest_otp(desktop))
      hand.push "next"
      wait_for_title(desktop, TITLES.pan)
      hand.fill("pan_number", person.pan_number)
      hand.push "next"
      wait_for_title(desktop, TITLES.done)
      local text = desktop:script "return document.querySelector('.outcome').innerText.replace(/\\s+/g, ' ')"
      assert.truthy(text:find("Balance: ₹1,250.50", 1, true), text)
      assert.truthy(text:find("Used ₹18,500 Remaining ₹31,500 Unavailable ₹0", 1, true), text)
      local share = desktop:script [[const width = (name) => document.querySelector(`.meter .${name}`).getBoundingClientRect().width;
        return width("used") / (width("used") + width("remaining"))]]
      assert.is_true(math.abs(share - 0.37) < 0.01)
      desktop:picture(PICTURES .. "limits.png")
    end)

    local function begin(hand, rail, mobile)
      hand.choose("wallet", rail)
      hand.fill("customer_id", mobile)
      hand.push "next"
    end

    for index, size in ipairs { { "1280", "1280,900" }, { "360", "500,800", 360 } } do
      it("says in words that another tab has begun with another customer, and offers what a person needs, at " .. size[1], function()
        local wide = web.browser { size = size[2], width = size[3] }
        finally(function() wide:quit() end)
        local hand = pointer(wide)
        -- Both pages are opened before one begins: each shows the first form.
        wide:open(shop.url)
        local first = wide:window()
        local second = wide:new_window()
        wide:open(shop.url)
        wide:switch_to(first)
        begin(hand, "levin", ("94444 1236%d"):format(index))
        wait_for_title(wide, TITLES.details)
        wide:switch_to(second)
        begin(hand, "levin", ("94444 1237%d"):format(index))
        wait_for_title(wide, TITLES.details)
        wide:switch_to(first)
        fill_step.details(hand)
        hand.push "next"
        wait_for_title(wide, "Another customer is being onboarded")
        assert.equal("problem", wide:focus())
        local text = wide:script "return document.getElementById('problem').textContent"
        assert.truthy(text:find("••••••237" .. index, 1, true), text)
        assert.truthy(text:find("was not sent", 1, true), text)
        inspect(wide, "another customer")
        wide:picture(PICTURES .. "replaced-" .. size[1] .. ".png", true)
        hand.push "notice-1"
        wait_for_title(wide, TITLES.details)
        assert.equal("", wide:script "return document.getElementById('name').value", "what was typed for the other one")
        fill_step.details(hand)
        hand.push "next"
        wait_for_title(wide, TITLES.otp)
        assert.truthy(wide:script("return document.getElementById('prompt').textContent"):find("237" .. index, 1, true))
        -- The other one begins again with the first customer.
        wide:switch_to(second)
        hand.push "over"
        wait_for_title(wide, "Onboard a customer")
        begin(hand, "levin", ("94444 1236%d"):format(index))
        wait_for_title(wide, TITLES.details)
        wide:switch_to(first)
        hand.fill("otp", "123456")
        hand.push "next"
        wait_for_title(wide, "Another customer is being onboarded")
        hand.push "notice-2"
        wait_for_title(wide, "Onboard a customer")
        assert.equal("customer_id", wide:focus())
      end)
    end

    it("tells of a customer who is active and has proved nothing only that", function()
      local hand = pointer(browser)
      browser:open(shop.url)
      begin(hand, "fino", "9876543211")
      wait_for_title(browser, TITLES.done)
      local text = browser:script "return document.querySelector('.outcome').innerText"
      assert.truthy(text:find("active already", 1, true), text)
      for _, never in ipairs { "Meena", "777", "Balance", "Limits", "₹" } do assert.is_nil(text:find(never, 1, true), never) end
      inspect(browser, "an active customer")
      browser:picture(PICTURES .. "active.png", true)
      hand.push "again"
      wait_for_title(browser, "Onboard a customer")
    end)

    it("says that another OTP must wait, and when an onboarding has ended", function()
      local hand = pointer(browser)
      browser:open(shop.url)
      begin(hand, "levin", "9444412349")
      wait_for_title(browser, TITLES.details)
      fill_step.details(hand)
      hand.push "next"
      wait_for_title(browser, TITLES.otp)
      local before = newest_otp(browser)
      hand.push "resend"
      browser:until_true("another OTP", "return document.querySelector('#messages li b').textContent !== arguments[0]", before)
      wait_for_title(browser, TITLES.otp)
      hand.push "resend"
      browser:until_true("the wait", "return /in \\d+ seconds/.test(document.getElementById('otp-wrong')?.textContent)")
      inspect(browser, "too soon")
      browser:picture(PICTURES .. "too-soon.png", true)
      for _ = 1, 30 do
        if title_of(browser) == "This onboarding has ended" then break end
        hand.fill("otp", "x" .. "y")
        hand.push "next"
        browser:until_true("the answer", "return !document.querySelector('[aria-disabled]')")
      end
      assert.equal("This onboarding has ended", title_of(browser))
      assert.equal("problem", browser:focus())
      inspect(browser, "ended")
      browser:picture(PICTURES .. "ended.png", true)
      browser:open(shop.url)
      assert.equal("This onboarding has ended", title_of(browser))
      hand.push "notice-1"
      wait_for_title(browser, "Onboard a customer")
    end)

    it("turns away who asks for another name than the shop's #harm14", function()
      local function status_for(host, path)
        return shell.output_of(("curl -s -o /dev/null -w '%%{http_code}' -H 'Host: %s' -H 'X-Requested-With: x' %s%s"):format(host, shop.url, path))
      end
      for _, path in ipairs { "", "example/sms", "onboarding/resume", "ekoapi/v3/x" } do
        for _, host in ipairs { "evil.example:" .. shop.port, "evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "127.0.0.2", "[::1]" } do
          assert.equal("421", status_for(host, path), host .. " " .. path)
        end
      end
      for _, host in ipairs { "127.0.0.1:" .. shop.port, "localhost:" .. shop.port, "LOCALHOST", "127.0.0.1" } do
        assert.equal("200", status_for(host, "example/sms"), host)
        assert.equal("401", status_for(host, "onboarding/resume"), host)
      end
    end)

    it("says so when the server is gone, and goes on when it is back", function()
      local hand = pointer(browser)
      browser:open(shop.url)
      hand.fill("customer_id", "9444412347")
      browser:script "window.realFetch = fetch; window.fetch = () => Promise.reject(new TypeError('gone'))"
      hand.push "next"
      browser:until_true("the problem", "return /Nothing is lost/.test(document.getElementById('problem').textContent)")
      assert.equal("problem", browser:focus())
      inspect(browser, "no connection")
      browser:script "window.fetch = window.realFetch"
      hand.push "next"
      wait_for_title(browser, TITLES.details)
    end)

    it("lets nothing run that is not the site's own", function()
      local answer = shell.output_of("curl -si " .. shop.url)
      assert.truthy(answer:find("Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self';", 1, true))
      for _, name in ipairs { "index.html", "style.css", "app.js", "fields.js", "api.js", "result.js" } do
        local text = shell.read_file("examples/openresty/web/" .. name)
        for _, pattern in ipairs { "%son%a+%s*=%s*[\"']", "innerHTML", "https?://%w", "eval%(" } do
          assert.is_nil(text:find(pattern), name .. " has " .. pattern)
        end
      end
      assert.is_nil(json.encode(browser:script "return document.cookie"):find "eko", "the cookie is HttpOnly")
    end)
  end)
end)
