-- .ci/install as it runs on a machine: with an apt-get, a dpkg and a sudo of the spec's own, in a directory in place of the system's.
local shell = require "spec.support.shell"

local quote, read_file, write_file = shell.quote, shell.read_file, shell.write_file

local PACKAGES = [[
# a comment
gcc           cc            build
libssl-dev    openssl.pc    build

lua-http      -             run
redis-server  redis-server  run test
]]

local TOOLS = { "sh", "env", "dirname", "grep", "cmp", "rm", "mv", "install", "flock", "touch", "sleep", "cat", "chmod" }

-- Each fake finds the machine in $MACHINE: installed/ holds a file for each package, log what was called.
local FAKES = {
  ["id"] = [[echo "${USER_ID:-0}"]],
  ["sudo"] = [[echo "sudo $*" >>"$MACHINE/log"; exec "$@"]],
  ["dpkg-query"] = [[for last; do :; done; [ -e "$MACHINE/installed/$last" ] && echo installed]],
  ["pkg-config"] = [[[ -e "$MACHINE/installed/libssl-dev" ] ]],
  -- Says what a package that starts its server would be told, before and after the signal that comes in the middle.
  ["apt-get"] = [[
echo "apt-get $*" >>"$MACHINE/log"
case "$1:$APT" in
update:*) touch "$MACHINE/updated"; exit 0 ;;
*:fails) echo 'E: no such package' >&2; exit 100 ;;
*:outdated) [ -e "$MACHINE/updated" ] || exit 100 ;;
*:HUP | *:INT | *:QUIT | *:TERM | *:KILL) kill -"$APT" $PPID; sleep 0.05 ;;
*:slow) sleep 0.3 ;;
esac
"$POLICY_RC_D" redis-server start; echo "policy $?" >>"$MACHINE/log"
for package; do
    case "$package" in
    gcc) touch "$MACHINE/bin/cc"; chmod 755 "$MACHINE/bin/cc" ;;
    redis-server) touch "$MACHINE/bin/redis-server"; chmod 755 "$MACHINE/bin/redis-server" ;;
    esac
    case "$package" in -*) ;; *) touch "$MACHINE/installed/$package" ;; esac
done]],
}
-- Bytes that a copy by way of a shell's variable would lose.
local POLICY = "#!/bin/sh\n# the machine's own \0\255\nexit 0\n\n\n"

describe("installing", function()
  local machine

  local function in_shell(text)
    local output, status = shell.output_of(text .. "; echo \"status $?\""):match "^(.*)status (%d+)\n$"
    return tonumber(status), output
  end

  local function log()
    local file = io.open(machine .. "/log")
    if not file then return {} end
    local lines = {}
    for line in file:lines() do lines[#lines + 1] = line end
    file:close()
    return lines
  end

  --- @tparam[opt] string options what stands before the program: variables of the fakes
  local function line(arguments, options)
    return ("env -i PATH=%s/bin MACHINE=%s POLICY_RC_D=%s/sbin/policy-rc.d %s %s/.ci/install %s"):format(machine, machine, machine,
      options or "", machine, arguments)
  end

  local function run(arguments, options) return in_shell(("(%s; exit $?) 2>&1"):format(line(arguments, options))) end

  local function in_sbin()
    local _, names = in_shell("ls -A " .. machine .. "/sbin")
    return names
  end

  local fresh = shell.directory()

  setup(function()
    assert.equal(0, (in_shell(("cd %s && mkdir bin sbin installed .ci"):format(fresh))))
    assert.equal(0, (in_shell(("for tool in %s; do ln -s \"$(command -v $tool)\" %s/bin/; done"):format(table.concat(TOOLS, " "), fresh))))
    for name, text in pairs(FAKES) do write_file(fresh .. "/bin/" .. name, "#!/bin/sh\n" .. text .. "\n") end
    assert.equal(0, (in_shell(("cp .ci/install .ci/no-servers %s/.ci/ && cd %s/bin && chmod 755 %s"):format(fresh, fresh,
      "id sudo dpkg-query pkg-config apt-get"))))
    write_file(fresh .. "/.ci/packages", PACKAGES)
  end)
  teardown(function() os.execute("rm -rf " .. quote(fresh)) end)
  before_each(function()
    machine = shell.directory()
    assert.equal(0, (in_shell(("cp -a %s/. %s"):format(fresh, machine))))
  end)
  after_each(function() os.execute("rm -rf " .. quote(machine)) end)

  local WHOLE = { "apt-get install -y -qq --no-install-recommends gcc libssl-dev lua-http redis-server", "policy 101" }

  it("says what is missing, installs just that, and lets no server start meanwhile", function()
    local status, output = run ""
    assert.equal("lua-eko: installing gcc libssl-dev lua-http redis-server\n", output)
    assert.equal(0, status)
    assert.same(WHOLE, log())
    assert.equal("", in_sbin())
    status, output = run ""
    assert.same({ 0, "" }, { status, output })
    assert.same(WHOLE, log())
  end)

  it("installs the groups that are asked for, and of them what is missing", function()
    in_shell(("touch %s/installed/lua-http"):format(machine))
    assert.same({ 0, "lua-eko: installing redis-server\n" }, { run "test run" })
    assert.same({ 0, "" }, { run "run" })
    assert.equal(2, #log())
  end)

  it("takes a command for its package", function()
    write_file(machine .. "/bin/cc", "", "755")
    assert.same({ 0, "lua-eko: installing libssl-dev\n" }, { run "build" })
  end)

  it("knows no other groups", function()
    assert.equal(2, (run "build bulid"))
    assert.equal(2, (run "a"))
    assert.same({}, log())
  end)

  it("reads the lists of packages anew when they are old", function()
    assert.equal(0, (run("run", "APT=outdated")))
    assert.same({ "apt-get install -y -qq --no-install-recommends lua-http redis-server", "apt-get update -qq",
      "apt-get install -y -qq --no-install-recommends lua-http redis-server", "policy 101" }, log())
    assert.equal("", in_sbin())
  end)

  it("happens once when two ask for it", function()
    local status = in_shell(("(%s & %s; wait) >/dev/null 2>&1"):format(line("", "APT=slow"), line("", "APT=slow")))
    assert.equal(0, status)
    assert.same(WHOLE, log())
  end)

  it("is asked of sudo by everybody but root", function()
    assert.equal(0, (run("run", "USER_ID=1000")))
    local calls = table.concat(log(), "\n")
    assert.equal(3, select(2, calls:gsub("sudo ", "")), calls) -- the policy, apt-get, the policy's end
    assert.equal("", in_sbin())
    os.remove(machine .. "/bin/sudo")
    local status, output = run("build", "USER_ID=1000")
    assert.equal("lua-eko: run this as root, or install sudo: apt-get install gcc libssl-dev\n", output)
    assert.equal(1, status)
  end)

  it("is not done elsewhere than on Debian, where what is missing is told", function()
    os.remove(machine .. "/bin/apt-get")
    local status, output = run ""
    assert.equal("lua-eko: cc, libssl-dev, redis-server are missing (Debian's packages: gcc libssl-dev redis-server)\n", output)
    assert.equal(1, status)
    for _, name in ipairs { "cc", "redis-server" } do write_file(machine .. "/bin/" .. name, "", "755") end
    in_shell(("touch %s/installed/libssl-dev"):format(machine))
    assert.same({ 0, "" }, { run "" })
  end)

  describe("leaves the machine's policy-rc.d as it was", function()
    local ENDS = { { "success", 0 }, { "fails", 100 }, { "HUP", 129 }, { "INT", 130 }, { "QUIT", 131 }, { "TERM", 143 } }
    local path, kind

    before_each(function() path = machine .. "/sbin/policy-rc.d" end)

    local function make_policy()
      write_file(path, POLICY, "751")
      kind = select(2, in_shell("stat -c '%i %A %U %G %y' " .. path))
    end

    local function assert_kept()
      assert.equal("policy-rc.d\n", in_sbin())
      assert.equal(POLICY, read_file(path))
      assert.equal(kind, select(2, in_shell("stat -c '%i %A %U %G %y' " .. path)))
    end

    for _, case in ipairs(ENDS) do
      it("there was none: " .. case[1], function()
        local status, output = run("", "APT=" .. case[1])
        assert.equal(case[2], status, output)
        assert.equal("", in_sbin())
        if case[1] == "fails" then assert.truthy(output:find("E: no such package", 1, true)) end
        if case[1] ~= "fails" then assert.same(WHOLE, log()) end
      end)

      it("there was one: " .. case[1], function()
        make_policy()
        assert.equal(case[2], (run("", "APT=" .. case[1])))
        assert_kept()
        if case[1] ~= "fails" then assert.same(WHOLE, log()) end
      end)
    end

    it("it was a link", function()
      write_file(machine .. "/elsewhere", "#!/bin/sh\nexit 0\n", "755")
      in_shell(("ln -s ../elsewhere %s"):format(path))
      assert.equal(0, (run ""))
      assert.same(WHOLE, log())
      assert.same({ 0, "../elsewhere\n" }, { in_shell("readlink " .. path) })
    end)

    it("nothing was missing", function()
      make_policy()
      for _, name in ipairs { "cc", "redis-server" } do write_file(machine .. "/bin/" .. name, "", "755") end
      in_shell(("touch %s/installed/libssl-dev %s/installed/lua-http"):format(machine, machine))
      assert.same({ 0, "" }, { run "" })
      assert.same({}, log())
      assert_kept()
    end)

    it("after an end that could not be heard, the next time", function()
      make_policy()
      assert.equal(137, (run("run", "APT=KILL")))
      assert.truthy(in_sbin():find("kept-by-lua-eko", 1, true))
      assert.equal(0, (run "build"))
      assert_kept()
      os.remove(path)
      os.execute(("rm -r %s/installed/*"):format(machine))
      assert.equal(137, (run("build", "APT=KILL")))
      assert.equal("policy-rc.d\n", in_sbin())
      assert.equal(0, (run "run"))
      assert.equal("", in_sbin())
    end)

    it("where it cannot be put aside", function()
      make_policy()
      os.remove(machine .. "/bin/mv") -- a link
      write_file(machine .. "/bin/mv", "#!/bin/sh\nexit 1\n", "755")
      assert.equal(1, (run ""))
      assert.same({}, log())
      assert_kept()
    end)
  end)

  describe("is only checked", function()
    it("where something is missing: named, with the command for it", function()
      assert.same({ 1, "lua-eko: cc, libssl-dev, lua-http, redis-server are missing: make deps\n" }, { run "--check" })
      in_shell(("touch %s/installed/lua-http"):format(machine))
      assert.same({ 1, "lua-eko: redis-server is missing: make deps\n" }, { run "--check run" })
      assert.same({}, log())
      assert.equal("", in_sbin())
    end)

    it("where nothing is: silently", function()
      in_shell(("touch %s/installed/lua-http"):format(machine))
      write_file(machine .. "/bin/redis-server", "", "755")
      assert.same({ 0, "" }, { run "--check run" })
    end)
  end)
end)
