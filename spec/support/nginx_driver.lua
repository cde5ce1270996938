--- Runs inside an nginx of its own: many requests at a time against another server, each answer held against what its own
-- request must get. It shares no code with the library.

local cjson = require("cjson").new()
local now = require("eko.core").text.monotonic

local driver = {}

local function read_answer(sock)
  local line, err = sock:receive "*l"
  if not line then return nil, err end
  local status, length = tonumber(line:match "^HTTP/1%.1 (%d%d%d)"), nil
  repeat
    line, err = sock:receive "*l"
    if not line then return nil, err end
    length = tonumber(line:lower():match "^content%-length: (%d+)") or length
  until line == ""
  if not status or not length then return nil, "an answer without status or length" end
  local body = length == 0 and "" or sock:receive(length)
  return body and { status = status, body = body }, "closed in the body"
end

local function request(job, marker)
  local sock = ngx.socket.tcp()
  sock:settimeouts(5000, 5000, 30000)
  local ok, err
  if job.unix then ok, err = sock:connect("unix:" .. job.unix) else ok, err = sock:connect("127.0.0.1", job.port) end
  if not ok then return nil, "connect: " .. err end
  local path = job.path:gsub("MARKER", marker)
  ok, err = sock:send(("GET %s HTTP/1.1\r\nhost: localhost\r\n%s%s\r\n"):format(path, job.headers or "",
    job.keep and "" or "connection: close\r\n"))
  if not ok then return nil, "send: " .. err end
  local answer
  answer, err = read_answer(sock)
  if not answer then return nil, err end
  if job.keep then sock:setkeepalive(10000, 1024) else sock:close() end
  return answer
end

local function note(counts, text)
  counts[text] = (counts[text] or 0) + 1
end

local function one(job, told, marker)
  local started = now()
  local answer, err = request(job, marker)
  told.times[#told.times + 1] = now() - started
  if not answer then return note(told.lost, err) end
  if answer.status ~= 200 then return note(told.refused, answer.status .. " " .. answer.body) end
  if answer.body ~= (job.body or marker) then return note(told.wrong, marker .. " got " .. answer.body) end
  told.right = told.right + 1
end

local function percentile(times, part)
  return times[math.max(1, math.ceil(#times * part))] or 0
end

-- Markers look like mobile numbers, so that they fit wherever one is asked for.
local function marker_of(number)
  return ("9%09d"):format(number)
end

--- Makes the requests of a job: `{ unix = path or port =, path = "/x/MARKER", count = or seconds =, concurrency =, keep = bool,
-- body = what each answer must be, the marker by default, headers = more lines of the head, first = number of the first marker }`.
-- @return `{ right, wrong, refused, lost (each text -> count), p50, p99, longest, seconds, sent }`
function driver.run(job)
  local told = { right = 0, wrong = {}, refused = {}, lost = {}, times = {} }
  local started, sent, first = now(), 0, job.first or 0
  local function work()
    while sent < (job.count or math.huge) and now() - started < (job.seconds or 300) do
      sent = sent + 1
      one(job, told, marker_of(first + sent))
    end
  end
  local threads = {}
  for i = 1, job.concurrency do threads[i] = ngx.thread.spawn(work) end
  for i = 1, job.concurrency do assert(ngx.thread.wait(threads[i])) end
  local times = told.times
  table.sort(times)
  told.times = nil
  told.p50, told.p99, told.longest = percentile(times, 0.5), percentile(times, 0.99), percentile(times, 1)
  told.seconds, told.sent = now() - started, sent
  return told
end

--- The handler: a job as JSON, what came of it as JSON.
function driver.handle()
  ngx.req.read_body()
  local answer = cjson.encode(driver.run(cjson.decode(ngx.req.get_body_data())))
  ngx.header.content_length = #answer
  ngx.print(answer)
end

return driver
