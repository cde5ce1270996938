-- Which spec files run where.

-- A line for each that does not simply run on Lua 5.4 and on LuaJIT in `make test`. The first pattern that fits counts; spec/ and
-- _spec.lua are left out.
--
-- check    in `make check`, not in `make test`
-- once     on Lua 5.4 alone: whatever Lua drives it, the same is judged
-- split    on Lua 5.4 in `make test`, on LuaJIT in `make check`
-- outside  what is judged runs in programs of its own: the Luas that are only checked leave it out, and ASan, which sees this one process
-- waits    most of its time passes in waiting: it runs beside the others
-- seconds  about how long it takes; the longest begin first
local files = {
  { "project/web", check = true, once = true, outside = true, seconds = 170, why = "a browser walks every journey at three sizes" },
  { "project/linear", check = true, once = true, outside = true, seconds = 130, why = "counts the instructions of 400 cases in callgrind" },
  { "nginx/load", check = true, once = true, outside = true, seconds = 98, why = "bursts and storms, over clocks that really pass" },
  { "base/locale", check = true, outside = true, seconds = 50, why = "runs 17 other spec files again in three locales" },
  { "project/mutants", check = true, once = true, outside = true, seconds = 20, why = "compiles a module for each mutant; is Lua 5.4's" },
  { "nginx/reload", once = true, outside = true, seconds = 35, why = "nginx runs LuaJIT, and is reloaded for half a minute" },
  { "nginx/journeys", once = true, outside = true, waits = true, seconds = 30, why = "nginx runs LuaJIT" },
  { "nginx/*", once = true, outside = true, waits = true, seconds = 10, why = "nginx runs LuaJIT" },
  { "store/redis", outside = true, waits = true, seconds = 5, why = "drives a Redis" },
  { "store/stores_in_nginx", outside = true, waits = true, seconds = 10, why = "drives nginx and a Redis" },
  { "cli/input", split = true, outside = true, seconds = 25, why = "300 commands, each a process" },
  { "cli/*", split = true, outside = true, waits = true, seconds = 20, why = "each command is a process" },
  { "emulator/control", outside = true, waits = true, seconds = 3, why = "each command is a process" },
  { "project/examples", outside = true, why = "each example is a process" },
  { "project/runs", once = true, outside = true, waits = true, seconds = 20, why = "runs the tool that runs the specs" },
  { "project/tree", once = true, outside = true, why = "reads the sources" },
  { "project/add_*", once = true, outside = true, seconds = 8, why = "adds to a copy of the tree, which is tried in programs of its own" },
  { "project/picture", once = true, outside = true, why = "reads the sources" },
  { "project/docs", once = true, outside = true, why = "reads the pages" },
  { "project/install", once = true, outside = true, why = "tries a shell script" },
  { "project/memory", split = true, outside = true, waits = true, seconds = 8, why = "allocations fail in a process of its own" },
  { "core/wiped", outside = true, why = "watches the allocator of a process of its own" },
  { "call/locale_requests", check = true, outside = true, seconds = 8, why = "compiles four locales, and asks all in each" },
  { "call/canary", seconds = 4, why = "each text that was shown is searched for each secret" },
  { "journey/lost_calls", waits = true, seconds = 40, why = "timeouts that pass, at each call of each journey" },
  { "journey/processes", split = true, seconds = 15, why = "each step is a process, of either Lua" },
  { "journey/random", check = true, seconds = 15, why = "walks at random, by the thousand" },
  { "core/timestamps", seconds = 10, why = "two million timestamps" },
  { "wire/carrier", waits = true, seconds = 30, why = "timeouts that pass" },
  { "wire/deadline", waits = true, seconds = 25, why = "deadlines that pass" },
  { "wire/exchange", waits = true, seconds = 10, why = "timeouts that pass" },
  { "concurrently_money", waits = true, seconds = 12, why = "answers that never come" },
  { "call/debit", waits = true, seconds = 12, why = "answers that never come" },
  { "emulator/server", waits = true, seconds = 10, why = "connections that idle" },
  { "emulator/faults", waits = true, seconds = 6, why = "answers that are late" },
  { "catalog/define", waits = true, seconds = 5, why = "timeouts that pass" },
  { "client", seconds = 5, why = "60,000 timestamps are drawn" },
  { "client_attempts", waits = true, seconds = 4, why = "timeouts that pass" },
}

-- The specs that reach into each C file: what runs under valgrind.
local c = {
  ["src/core.c"] = { "wire/exchange" },
  ["src/base/base64.c"] = { "core/text" },
  ["src/base/check_digit.c"] = { "core/text" },
  ["src/base/clock.c"] = { "core/text" },
  ["src/base/mask.c"] = { "core/text" },
  ["src/base/process.c"] = { "core/text" },
  ["src/base/scratch.c"] = { "core/text" },
  ["src/base/shown.c"] = { "core/shown" },
  ["src/base/type.c"] = { "core/text" },
  ["src/base/utf8.c"] = { "core/text" },
  ["src/base/write.c"] = { "core/draft_places" },
  ["src/cli/terminal.c"] = { "core/terminal" },
  ["src/crypto/digest.c"] = { "core/text" },
  ["src/crypto/random.c"] = { "core/text" },
  ["src/crypto/ring.c"] = { "core/timestamps" },
  ["src/crypto/seal.c"] = { "base/sealed" },
  ["src/crypto/signer.c"] = { "core/signer" },
  ["src/crypto/timestamps.c"] = { "core/timestamps" },
  ["src/draft/capture.c"] = { "core/capture" },
  ["src/draft/draft.c"] = { "core/draft_places" },
  ["src/draft/draft_lines.c"] = { "core/draft_lines" },
  ["src/draft/draft_values.c"] = { "core/draft_checks" },
  ["src/draft/draft_views.c"] = { "core/draft_views" },
  ["src/draft/format.c"] = { "core/draft_formats" },
  ["src/draft/plan.c"] = { "core/draft_places" },
  ["src/http/exchange.c"] = { "core/http1", "wire/exchange" },
  ["src/http/http1_head.c"] = { "core/http1" },
  ["src/http/http1_parser.c"] = { "core/http1" },
  ["src/http/http1_state.c"] = { "core/http1" },
  ["src/json/json.c"] = { "core/json", "call/damaged" },
  ["src/json/json_parse.c"] = { "core/json_read", "call/damaged" },
  ["src/json/json_read.c"] = { "core/json_read", "call/damaged" },
  ["src/json/json_shape.c"] = { "call/damaged" },
  ["src/json/json_view.c"] = { "call/damaged" },
  ["src/json/json_write.c"] = { "core/json" },
  ["src/net/connection.c"] = { "wire/exchange" },
  ["src/net/network.c"] = { "wire/exchange" },
}

-- What exercises the module in a worker of nginx, under sanitizers, and how many seconds it takes there.
local nginx = {
  ["nginx-asan"] = { ["nginx/calls"] = 60, ["nginx/carrier"] = 60 },
  ["nginx-valgrind"] = { ["nginx/memory"] = 200 },
}

return { files = files, c = c, nginx = nginx }
