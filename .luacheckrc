std = "min"
max_line_length = 140
exclude_files = { "build/", ".git/" }
files["spec/"] = { std = "max+busted", max_line_length = 160 } -- tables of cases read better in rows
files["bench/"] = { std = "max" }

-- What runs inside nginx.
for _, path in ipairs {
  "lua/eko/wire/carrier/", "lua/eko/nginx.lua", "lua/eko/nginx/", "lua/eko/store/", "lua/eko/emulator/nginx.lua", "examples/openresty/",
} do
  files[path] = { read_globals = { "ngx" } }
end
files["spec/support/nginx_*.lua"] = { std = "ngx_lua+busted", max_line_length = 160 }
files["bench/nginx_handlers.lua"] = { std = "ngx_lua" }
