--- What became of all mutants of a file, by function.
local COLUMNS = { "comparison", "constant", "branch", "logic", "statement" }
local HEADINGS = { "comparisons", "constants", "branches", "and/or", "statements" }

local function row_of(rows, order, name)
  if not rows[name] then
    rows[name] = { killed = 0, survived = 0, equivalent = 0, same = 0, mutants = 0 }
    for _, column in ipairs(COLUMNS) do rows[name][column] = 0 end
    order[#order + 1] = name
  end
  return rows[name]
end

-- after -> its entry, for one function
local function listed(equivalents, name)
  local entries = {}
  for _, group in ipairs(equivalents[name] or {}) do
    for _, after in ipairs(group) do entries[after] = { why = group.why } end
  end
  return entries
end

local function print_row(name, row)
  local cells = {}
  for index, column in ipairs(COLUMNS) do cells[index] = ("%" .. #HEADINGS[index] .. "d"):format(row[column]) end
  print(("  %-34s %s %7d %6d %8d %10d %8d"):format(name, table.concat(cells, " "), row.mutants, row.killed, row.survived, row.equivalent,
    row.same))
end

local function count(site, row, entries, tell)
  local valid = 0
  for _, mutant in ipairs(site.mutants) do
    local fate, entry = mutant.fate, entries[mutant.before .. " => " .. mutant.after] or entries[mutant.after]
    if fate ~= "invalid" then valid = valid + 1 end
    if fate == "survived" and entry then
      fate, entry.is_used = "equivalent", true
    elseif fate == "survived" then
      tell.survivors[#tell.survivors + 1] = ("%d %s: %s `%s` survived: %s"):format(site.line, site.fn, site.kind, site.text, mutant.after)
    elseif entry and fate == "killed" then
      entry.was_killed = true
    end
    if fate ~= "invalid" then row.mutants, row[fate] = row.mutants + 1, row[fate] + 1 end
  end
  if #site.mutants > 0 and (valid > 0 or site.kind ~= "statement") then row[site.kind] = row[site.kind] + 1 end
  if valid == 0 and site.kind ~= "statement" and #site.mutants > 0 then
    tell.without[#tell.without + 1] = ("%d %s: %s `%s` got no mutant that compiles"):format(site.line, site.fn, site.kind, site.text)
  end
end

local function check_listed(path, equivalents, of, is_part, tell)
  for name in pairs(equivalents) do
    if not of[name] and not is_part then tell.stale[#tell.stale + 1] = ("%s: no function %s"):format(path, name) end
  end
  for name, entries in pairs(of) do
    for after, entry in pairs(entries) do
      if entry.was_killed or not entry.is_used then
        tell.stale[#tell.stale + 1] = ("%s %s: listed as equivalent, but %s: %s"):format(path, name,
          entry.was_killed and "one is killed" or "there is none", after)
      end
    end
  end
end

--- Prints it.
-- @treturn boolean whether all is well
return function(path, sites, equivalents, is_part)
  local rows, order, of, tell = {}, {}, {}, { survivors = {}, without = {}, stale = {} }
  local all = row_of({}, {}, "")
  for _, site in ipairs(sites) do
    local name = site.fn
    of[name] = of[name] or listed(equivalents, name)
    count(site, row_of(rows, order, name), of[name], tell)
  end
  check_listed(path, equivalents, of, is_part, tell)
  print(("%s\n  %-34s %s mutants killed survived equivalent compiler"):format(path, "function", table.concat(HEADINGS, " ")))
  for _, name in ipairs(order) do
    print_row(name, rows[name])
    for field, value in pairs(rows[name]) do all[field] = all[field] + value end
  end
  print_row("(all)", all)
  local is_good = true
  for _, kind in ipairs { "survivors", "without", "stale" } do
    for _, line in ipairs(tell[kind]) do
      is_good = false
      print(kind == "stale" and line or path .. ":" .. line)
    end
  end
  return is_good
end
