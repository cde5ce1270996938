std = "min"
max_line_length = 140
exclude_files = { "build/", ".git/" }
files["spec/"] = { std = "max+busted", max_line_length = 160 } -- tables of cases read better in rows
files["bench/"] = { std = "max" }
