--- Run by LuaJIT, whose ffi can fork: children of a process that signs.
--
--     luajit spec/support/forks.lua draw DIRECTORY        children and their parent draw timestamps, each into a file there
--     luajit spec/support/forks.lua late DIRECTORY        the same, but only the children make a client
--     luajit spec/support/forks.lua call BASE_URL         a burst, then a fork, then calls; says how many failed, by name

local ffi = require "ffi"
local eko = require "eko"

ffi.cdef [[ int fork(void); int waitpid(int, int *, int); void _exit(int); ]]

local CHILDREN = 4
local KEYS = { developer_key = "spec-developer-key", access_key = "spec-access-key-0123456789" }

local function client_of(base_url)
  return eko.client {
    base_url = base_url, developer_key = KEYS.developer_key, access_key = KEYS.access_key, initiator_id = "9962981729",
    user_code = "20810200", timeout = 20,
  }
end

-- Runs a function in so many children at a time.
local function in_children(count, run)
  local pids = {}
  for i = 1, count do
    local pid = ffi.C.fork()
    assert(pid >= 0, "fork")
    if pid == 0 then
      local ok, problem = pcall(run, i)
      if not ok then io.stderr:write(tostring(problem), "\n") end
      ffi.C._exit(ok and 0 or 1)
    end
    pids[i] = pid
  end
  return function()
    local status = ffi.new "int[1]"
    for _, pid in ipairs(pids) do
      ffi.C.waitpid(pid, status, 0)
      assert(status[0] == 0, "a child failed")
    end
  end
end

local function draw(client, count)
  local list = {}
  for i = 1, count do
    local request = assert(client.levin:get({ customer_id = "9444444444" }, { dry_run = true }))
    list[i] = request.headers["secret-key-timestamp"]
  end
  return list
end

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text, "\n")
  file:close()
end

local function draw_to(directory, name, client, count)
  write(directory .. "/" .. name, table.concat(draw(client, count), "\n"))
end

local tasks = {}

function tasks.draw(directory)
  local client = client_of "http://127.0.0.1:1/x"
  draw_to(directory, "before", client, 3000)
  local wait = in_children(CHILDREN, function(i)
    draw_to(directory, i, client, 1000)
    -- Children of children, and a client that is made only here.
    in_children(2, function(j) draw_to(directory, i .. "." .. j, client_of "http://127.0.0.1:1/y", 1000) end)()
    draw_to(directory, i .. ".after", client, 1000)
  end)
  draw_to(directory, "parent", client, 3000)
  wait()
end

function tasks.late(directory)
  in_children(CHILDREN, function(i) draw_to(directory, i, client_of "http://127.0.0.1:1/x", 3000) end)()
  draw_to(directory, "parent", client_of "http://127.0.0.1:1/x", 3000)
end

function tasks.call(base_url)
  local client = client_of(base_url)
  draw(client, 40000) -- 40 s ahead of the clock
  local results = os.tmpname()
  in_children(2, function(i)
    local failed = 0
    for _ = 1, 100 do
      local found, err = client.levin:get { customer_id = "9444444444" }
      if not found then
        failed = failed + 1
        io.stderr:write(tostring(err), "\n")
      end
    end
    write(results .. i, tostring(failed))
  end)()
  local total = 0
  for i = 1, 2 do
    local file = assert(io.open(results .. i))
    total = total + file:read "*n"
    file:close()
    os.remove(results .. i)
  end
  os.remove(results)
  print("failed " .. total)
end

tasks[arg[1]](arg[2])
