--- Where any of many texts stands in another, found in one pass (Aho and Corasick, 1975): the work grows with the length of
-- what is searched plus that of what is looked for, never with their product.
--
-- A node is a number; 0 is the root. Nodes are numbered as they are made, so that the first child of most of them is the next
-- one: only further children need a table (`branches`).
-- @module eko.occurrences
local byte, find = string.byte, string.find

local occurrences = {}

-- Of a longer text only the beginning is looked for; what follows it is taken to be the rest.
local ANCHOR = 512

local function child(self, node, code)
  return self.chain[node] == code and node + 1 or self.branches[node * 256 + code]
end

local function follow(self, node, code)
  local chain, branches, fails = self.chain, self.branches, self.fails
  while true do
    local next_node = chain[node] == code and node + 1 or branches[node * 256 + code]
    if next_node then
      return next_node
    elseif node == 0 then
      return 0
    end
    node = fails[node]
  end
end

local function insert(self, wanted)
  local node = 0
  for i = 1, wanted.anchor do
    local code = byte(wanted.text, i)
    local next_node = child(self, node, code)
    if not next_node then
      next_node = #self.depths + 1
      if next_node == node + 1 and not self.chain[node] then
        self.chain[node] = code
      else
        self.branches[node * 256 + code] = next_node
      end
      self.chain[next_node], self.fails[next_node], self.depths[next_node] = false, 0, i
    end
    node = next_node
  end
  local other = self.ends[node]
  if not other or #other.text < #wanted.text then
    self.ends[node] = wanted
  end
end

-- Level by level: where to go on when a text does not go on as hoped, and which text ends here besides.
local function link(self, list)
  local at = {}
  for depth = 1, list[1] and list[1].anchor or 0 do
    for i, wanted in ipairs(list) do
      if wanted.anchor < depth then
        break
      end
      local parent, code = at[i] or 0, byte(wanted.text, depth)
      local node = child(self, parent, code)
      local fail = parent == 0 and 0 or follow(self, self.fails[parent], code)
      self.fails[node], self.ends[node], at[i] = fail, self.ends[node] or self.ends[fail], node
    end
  end
end

-- A pattern for the bytes that one of them begins with.
local function first_of(list)
  local seen, bytes = {}, {}
  for _, wanted in ipairs(list) do
    local first = wanted.text:sub(1, 1)
    if not seen[first] then
      seen[first] = true
      bytes[#bytes + 1] = first:find "%w" and first or first == "\0" and "%z" or "%" .. first
    end
  end
  return "[" .. table.concat(bytes) .. "]"
end

--- Prepares a search.
-- @tparam {table,...} list of `{ text = string that is not empty, shown = what stands in its place }`
-- @tparam string covered what stands where two of them overlap
-- @treturn table for `occurrences.replace`
function occurrences.new(list, covered)
  local self = { chain = { [0] = false }, branches = {}, fails = {}, depths = {}, ends = {}, covered = covered, count = #list }
  local sorted = {}
  for i, wanted in ipairs(list) do
    sorted[i] = { text = wanted.text, shown = wanted.shown, anchor = math.min(#wanted.text, ANCHOR) }
  end
  table.sort(sorted, function(a, b)
    return a.anchor > b.anchor
  end)
  for _, wanted in ipairs(sorted) do
    insert(self, wanted)
  end
  link(self, sorted)
  self.first = first_of(sorted)
  return self
end

-- Adds a span to those before it; spans that overlap become one.
local function add(self, spans, from, to, shown)
  local count = #spans
  local last = spans[count]
  if not last or from > last.to then
    spans[count + 1] = { from = from, to = to, shown = shown }
  elseif from > last.from then
    if to > last.to then
      last.to, last.shown = to, self.covered
    end
  else -- it covers the last one, and perhaps some before it
    spans[count] = nil
    add(self, spans, from, math.max(to, last.to), to < last.to and self.covered or shown)
  end
end

local function search(self, text)
  local spans, chain, ends, node, i = {}, self.chain, self.ends, 0, 1
  while i <= #text do
    if node == 0 then
      i = find(text, self.first, i)
      if not i then
        break
      end
    end
    local code = byte(text, i)
    node = chain[node] == code and node + 1 or follow(self, node, code)
    local found = ends[node]
    if found then
      local from = i - found.anchor + 1
      add(self, spans, from, math.min(from + #found.text - 1, #text), found.shown)
    end
    i = i + 1
  end
  return spans, self.depths[node] or 0
end

--- Puts what is to be shown in the place of every text that was looked for. Where they overlap, all their bytes go.
-- @tparam table self of `occurrences.new`
-- @tparam string text
-- @tparam[opt] boolean is_cut the text goes on elsewhere: what may be the beginning of one of them goes too
-- @treturn string
function occurrences.replace(self, text, is_cut)
  if self.count == 0 then
    return text
  end
  local spans, begun = search(self, text)
  local last = is_cut and #text - begun or #text
  local parts, from = {}, 1
  for _, span in ipairs(spans) do
    parts[#parts + 1] = text:sub(from, math.min(span.from - 1, last))
    parts[#parts + 1] = span.shown
    from = span.to + 1
  end
  parts[#parts + 1] = text:sub(from, last)
  return table.concat(parts)
end

return occurrences
