--- A platform for spec/call/debit_spec.lua, a process of its own: it answers each debit, and each inquiry of it, as its row says, byte
-- for byte, and counts what arrives. A client of row 17 has the base URL <url>/<run>/17; a run is one carrier's way through the table.
--
-- An answer: `status`, `body`, `headers` (lines), and where wanted
--
-- | field | |
-- |---|---|
-- | `date` | seconds by which the Date is ahead of now, a text, a list of either (a header each), or false for none |
-- | `date_form` | "rfc850" or "asctime" |
-- | `raw` | all bytes of the answer, in place of what would be made of the others |
-- | `before` | bytes in front of the answer, such as an interim one |
-- | `length` | false: no Content-Length, the answer ends with the connection; a text: that one |
-- | `chunked` | the body goes out in two chunks; "open": without the last one |
-- | `cut` | only so many bytes go out; negative: all but so many; "head": all of the head |
-- | `ends` | "close", "reset" or "hang" (silence, then closed); a whole answer keeps the connection |
-- | `unread` | of the request only its first line is read |
--
-- Run as a program it is that server: debit_server.lua <directory>.

local shell = require "spec.support.shell"

local debit_server = {}

local HANG_SECONDS = 1.5 -- longer than the rows' timeouts

--- Starts the server.
-- @return { url =, counts = function(run, number) -> { posts =, gets =, others = }, stop = function() }
function debit_server.start()
  local socket = require "socket"
  local directory = shell.directory()
  local pid = shell.start(("%s spec/support/debit_server.lua %s"):format(require("spec.support.interpreter").program, directory),
    directory .. "/out")
  local port
  for _ = 1, 1000 do
    port = shell.content(directory .. "/port")
    if port then break end
    socket.sleep(0.01)
  end
  assert(port, "the server did not start: " .. tostring(shell.content(directory .. "/out")))
  local function counts(run, number)
    local client = assert(socket.connect("127.0.0.1", tonumber(port)))
    client:settimeout(10)
    client:send(("GET /counts/%s/%d HTTP/1.1\r\n\r\n"):format(run, number))
    local posts, gets, others = assert(client:receive "*l"):match "^(%d+) (%d+) (%d+)$"
    client:close()
    return { posts = tonumber(posts), gets = tonumber(gets), others = tonumber(others) }
  end
  return {
    url = "http://127.0.0.1:" .. port,
    counts = counts,
    stop = function()
      os.execute("kill " .. pid .. " 2>/dev/null")
      local said = shell.content(directory .. "/out")
      os.execute("rm -rf " .. directory)
      if said ~= "" then error("the server said: " .. said, 2) end
    end,
  }
end

local DATE_FORMS = { rfc850 = "!%A, %d-%b-%y %H:%M:%S GMT", asctime = "!%a %b %e %H:%M:%S %Y" }

local function date_of(value, form)
  if type(value) == "string" then return value end
  return os.date(DATE_FORMS[form] or "!%a, %d %b %Y %H:%M:%S GMT", os.time() + (value or 0))
end

local function head_of(answer, length)
  local lines = { ("HTTP/1.1 %d %s"):format(answer.status, answer.reason or "A Reason") }
  local date = answer.date
  if date ~= false then
    for _, value in ipairs(type(date) == "table" and date or { date or 0 }) do
      lines[#lines + 1] = "Date: " .. date_of(value, answer.date_form)
    end
  end
  for _, line in ipairs(answer.headers or { "content-type: application/json" }) do lines[#lines + 1] = line end
  if answer.chunked then
    lines[#lines + 1] = "transfer-encoding: chunked"
  elseif answer.length ~= false and length then
    lines[#lines + 1] = "content-length: " .. (answer.length or length)
  end
  if answer.length == false then lines[#lines + 1] = "connection: close" end
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

local function chunks_of(body, kind)
  local half = math.floor(#body / 2)
  local text = ("%x\r\n%s\r\n%x\r\n%s\r\n"):format(half, body:sub(1, half), #body - half, body:sub(half + 1))
  return kind == "open" and text or text .. "0\r\n\r\n"
end

-- All bytes of an answer, and how many of them are its head.
local function bytes_of(answer, fill)
  local body = fill(answer.body or "")
  if answer.raw then return fill(answer.raw), 0 end
  local bodiless = answer.status == 204 or answer.status == 304
  local head = (answer.before or "") .. head_of(answer, not bodiless and #body)
  return head .. (answer.chunked and chunks_of(body, answer.chunked) or bodiless and "" or body), #head
end

local function cut(bytes, head, how)
  if how == nil then return bytes end
  if how == "head" then return bytes:sub(1, head) end
  return how < 0 and bytes:sub(1, how - 1) or bytes:sub(1, how)
end

-- The running server: table_of_answers, tasks (client -> { co =, wake = }), counts ("run/number" -> counts).
local running = {}

local function counts_of(run, number)
  local name = run .. "/" .. number
  running.counts[name] = running.counts[name] or { posts = 0, gets = 0, others = 0 }
  return running.counts[name]
end

-- Waits until `find(text)` says where what is wanted ends; `buffered.text` are the bytes that were read already.
local function read(client, buffered, find)
  while true do
    local last = find(buffered.text)
    if last then
      local taken = buffered.text:sub(1, last)
      buffered.text = buffered.text:sub(last + 1)
      return taken
    end
    local got, err, partial = client:receive(65536)
    got = got or partial
    if got ~= "" then
      buffered.text = buffered.text .. got
    elseif err == "closed" then
      return nil
    else
      coroutine.yield()
    end
  end
end

local function pause(client, seconds)
  local task = running.tasks[client]
  task.wake = running.now() + seconds
  coroutine.yield()
  task.wake = nil
end

-- The answer to a request, and what fills it in.
local function answer_for(method, path)
  local known = running.table_of_answers
  local run, number, rest = path:match "^/(%w+)/(%d+)(/.*)$"
  local row = number and known.rows[tonumber(number)]
  if not row then return { status = 599, body = "no such row" } end
  local reference, tid = known.reference(run, number), known.tid(run, number)
  local function fill(text) return known.fill(text, run, number) end
  rest = rest:gsub("%%3[Aa]", ":"):gsub("%?.*$", "")
  local seen = counts_of(run, number)
  if method == "POST" and rest == known.path(row, tid) then
    seen.posts = seen.posts + 1
    return seen.posts == 1 and row.answer or known.second_debit, fill
  elseif method == "GET" and rest == known.inquiry_path(row, reference, tid) then
    seen.gets = seen.gets + 1
    local list = row.inquiry and row.inquiry[1] and row.inquiry or { row.inquiry }
    return list[math.min(seen.gets, #list)] or { status = 500, body = "no inquiry was expected" }, fill
  elseif method == "GET" and rest:find("/sender/", 1, true) and row.before then
    return known.before[row.before], fill
  end
  seen.others = seen.others + 1
  return { status = 599, body = "nobody should ask for this" }, fill
end

-- Returns whether the connection is kept.
local function play(client, answer, fill)
  local bytes, head = bytes_of(answer, fill or function(text) return text end)
  local part = cut(bytes, head, answer.cut)
  if part ~= "" then
    client:settimeout(5)
    client:send(part)
    client:settimeout(0)
  end
  if answer.ends == "hang" then
    pause(client, HANG_SECONDS)
  elseif answer.ends == "reset" then
    if part ~= "" then pause(client, 0.03) end -- so that what was sent arrives before the reset
    client:setoption("linger", { on = true, timeout = 0 })
  end
  return answer.ends == nil and answer.cut == nil and answer.length ~= false and answer.raw == nil
end

local function end_of_line(text) return text:find("\n", 1, true) end
local function end_of_head(text) return (select(2, text:find("\r\n\r\n", 1, true))) end

-- Reads what is left of a request; false when the client went away.
local function read_rest(client, buffered)
  local head = read(client, buffered, end_of_head)
  if not head then return false end
  local length = tonumber(head:lower():match "content%-length: (%d+)" or 0)
  return length == 0 or read(client, buffered, function(text) return #text >= length and length or nil end) ~= nil
end

local function converse(client)
  local buffered = { text = "" }
  while true do
    local line = read(client, buffered, end_of_line)
    if not line then return end
    local method, path = line:match "^(%S+) (%S+)"
    local run, number = path:match "^/counts/(%w+)/(%d+)$"
    if run then
      local seen = counts_of(run, number)
      client:send(("%d %d %d\n"):format(seen.posts, seen.gets, seen.others))
      return
    end
    local answer, fill = answer_for(method, path)
    if not answer.unread and not read_rest(client, buffered) then return end
    if not play(client, answer, fill) then return end
  end
end

local function resume(client, task)
  local ok, err = coroutine.resume(task.co)
  if not ok then print(err) end
  if coroutine.status(task.co) == "dead" then
    client:close()
    running.tasks[client] = nil
  end
end

local function accept(server)
  local client = server:accept()
  if not client then return end
  client:settimeout(0)
  client:setoption("tcp-nodelay", true)
  running.tasks[client] = { co = coroutine.create(function() converse(client) end) }
  resume(client, running.tasks[client])
end

-- One round: until something can be read, or somebody's pause is over. Returns whether anybody came.
local function turn(server, select)
  local reading, wait = { server }, 10
  for client, task in pairs(running.tasks) do
    if task.wake then wait = math.min(wait, math.max(0, task.wake - running.now())) else reading[#reading + 1] = client end
  end
  local ready = select(reading, nil, wait)
  for _, each in ipairs(ready) do
    if each == server then accept(server) else resume(each, running.tasks[each]) end
  end
  for client, task in pairs(running.tasks) do
    if task.wake and task.wake <= running.now() then resume(client, task) end
  end
  return #ready > 0
end

local IDLE_SECONDS = 120

local function serve(directory)
  package.path = "./?.lua;" .. package.path
  local socket = require "socket"
  running.table_of_answers, running.tasks, running.counts = require "spec.fixtures.debit_answers", {}, {}
  running.now = socket.gettime
  local server = assert(socket.bind("127.0.0.1", 0))
  server:settimeout(0)
  local _, port = server:getsockname()
  shell.write_file(directory .. "/port.new", tostring(port))
  os.rename(directory .. "/port.new", directory .. "/port")
  io.stdout:setvbuf "line"
  local idle_since = socket.gettime()
  while socket.gettime() - idle_since < IDLE_SECONDS do
    if turn(server, socket.select) then idle_since = socket.gettime() end
  end
end

if arg and arg[0] and arg[0]:find "debit_server%.lua$" then serve(arg[1]) end

return debit_server
