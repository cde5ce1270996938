-- README and docs against the tree: a file or module that they name is there.
local shell = require "spec.support.shell"

local PAGES = { "README.md", "CONTRIBUTING.md", "SECURITY.md" }
for path in shell.output_of("ls docs/*.md"):gmatch "%S+" do PAGES[#PAGES + 1] = path end

-- What is made by a program, or is an example of what could be.
local ELSEWHERE = { ["^build/"] = true, ["^lua/eko/wallets/<"] = true, ["%*"] = true }

local FOLDERS = { lua = true, src = true, spec = true, docs = true, bin = true, bench = true, examples = true, fuzz = true, [".ci"] = true }

local function is_there(path) return os.execute(("test -e '%s'"):format(path)) end

local function is_made(path)
  for pattern in pairs(ELSEWHERE) do
    if path:find(pattern) then return true end
  end
end

-- Everything that a page names and that is not there.
local function missing(page)
  local list = {}
  local text = shell.read_file(page)
  for quoted in text:gmatch "`([^`\n]+)`" do
    local path = quoted:match "^%.?[%w_]+/[%w_./<>*-]*$"
    if path and FOLDERS[path:match "^[^/]+"] and not is_made(path) then
      local found = is_there(path)
      if not (found == true or found == 0) then list[#list + 1] = path end
    end
  end
  for path in text:gmatch "%]%(([^)#:]+)[^):]*%)" do
    local from = path:find "^%.%./" and path:gsub("^%.%./", "") or (page:match "^.*/" or "") .. path
    local found = is_there(from)
    if not (found == true or found == 0) then list[#list + 1] = path end
  end
  return list
end

-- A module (`eko.wire.loop`), a field of `require "eko"`, or what one of them has (`eko.money.parse`).
local function is_known(name)
  local ok = pcall(require, name)
  local parent, field = name:match "^(.*)%.([^.]+)$"
  if ok or parent == "eko" then return ok or pcall(function() assert(require "eko"[field]) end) end
  local found, module = pcall(function() return require "eko"[parent:match "^eko%.(.*)$"] or require(parent) end)
  return found and module[field] ~= nil
end

local function unknown_modules(page)
  local list = {}
  for name in shell.read_file(page):gmatch "`(eko%.[%l_.]*[%l_])[^`\n]*`" do
    if not is_known(name) then list[#list + 1] = name end
  end
  return list
end

-- "`name` of `file`", "`name` in `file`".
local function absent(page)
  local list = {}
  for name, path in shell.read_file(page):gmatch "`([%w_.:]+)` [oi][fn] `([%w_./]+%.%l+)`" do
    local text = shell.content(path)
    if text and not text:find(name, 1, true) then list[#list + 1] = name .. " in " .. path end
  end
  return list
end

describe("what is written", function()
  for _, page in ipairs(PAGES) do
    it("names what is there: " .. page, function()
      assert.same({}, missing(page))
      assert.same({}, unknown_modules(page))
      assert.same({}, absent(page))
    end)
  end
end)
