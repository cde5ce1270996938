-- Every way of spec/fixtures/debit_answers.lua to answer a debit, over cosockets in a real nginx.
local cjson = require("cjson").new()
local debit_server = require "spec.support.debit_server"
local debit_table = require "spec.support.debit_table"
local nginx = require "spec.support.nginx"

local HTTP = [[
  underscores_in_headers on;
  init_by_lua_block { debit_calls = require "spec.support.debit_calls" }
  server {
    listen unix:{{prefix}}/app.sock;
    location / {
      content_by_lua_block {
        local job = { url = ngx.var.arg_url, run = ngx.var.arg_run, number = tonumber(ngx.var.arg_number) }
        ngx.print(require("cjson").encode(debit_calls.perform(job)))
      }
    }
  }
]]

local HARMS = { " #harm01", " #harm02", " #harm03" }

local server, nginx_server

setup(function()
  server = debit_server.start()
  nginx_server = nginx.start { http = HTTP, package_path = nginx.root .. "/?.lua" }
end)
teardown(function()
  if nginx_server then nginx_server:stop() end
  if server then server.stop() end
end)

local function perform(job)
  local path = ("/?url=%s&run=%s&number=%d"):format(job.url, job.run, job.number)
  local answer = nginx_server:request { unix = "app.sock", path = path, timeout = 20 }
  assert(answer.status == 200, ("status %d\n%s"):format(answer.status, nginx_server:error_log()))
  return cjson.decode(answer.body)
end

describe("a debit in nginx", function()
  local way = { run = "nginx", perform = perform, server = function() return server end }
  for name, harm, check in debit_table.each(way) do it(name .. HARMS[harm], check) end
end)
