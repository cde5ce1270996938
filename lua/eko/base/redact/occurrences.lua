--- Where any of many texts stands in another, found in one pass (Aho and Corasick, 1975): the work grows with the length of
-- what is searched plus that of what is looked for, never with their product.
--
-- What is looked for counts as a whole word: not within a longer run of letters and digits; a number not within one of digits; and what
-- says so anywhere.
--
-- Both are read through a `fold`: which byte each byte counts as, or false for one that counts as nothing. So case and separators
-- need no copies of a text.
--
-- A node is a number; 0 is the root. Nodes are numbered as they are made, so that the first child of most of them is the next
-- one: only further children need a table (`branches`).
-- @module eko.base.redact.occurrences
local byte, find = string.byte, string.find

local occurrences = {}

-- Of a longer text only the beginning is looked for; as many bytes as it has are taken to be the rest.
local ANCHOR = 96

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
    local code = byte(wanted.folded, i)
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
  if not other or #other.folded < #wanted.folded then
    self.ends[node] = wanted
  end
end

-- Level by level: where to go on when a text does not go on as hoped, at which node a shorter text ends besides (`others`), and at
-- which one the longest that may stand within a word (`anywhere`), or there or beside letters (`loose`).
local function link(self, sorted)
  local at, ends, others, anywhere, loose = {}, self.ends, self.others, self.anywhere, self.loose
  for depth = 1, sorted[1] and sorted[1].anchor or 0 do
    for i, wanted in ipairs(sorted) do
      if wanted.anchor < depth then break end
      local parent, code = at[i] or 0, byte(wanted.folded, depth)
      local node = child(self, parent, code)
      local fail = parent == 0 and 0 or follow(self, self.fails[parent], code)
      self.fails[node], at[i] = fail, node
      others[node] = ends[fail] and fail or others[fail]
      anywhere[node] = ends[node] and ends[node].is_anywhere and node or anywhere[fail]
      loose[node] = ends[node] and (ends[node].is_anywhere or ends[node].is_number) and node or loose[fail]
    end
  end
end

-- A pattern for the bytes that the first byte of one of them may be.
local function first_of(sorted, fold)
  local wanted, bytes = {}, {}
  for _, each in ipairs(sorted) do wanted[byte(each.folded)] = true end
  for code = 0, 255 do
    if fold[code] and wanted[fold[code]] then
      local char = string.char(code)
      bytes[#bytes + 1] = find(char, "[0-9A-Za-z]") and char or code == 0 and "%z" or "%" .. char
    end
  end
  return "[" .. table.concat(bytes) .. "]"
end

--- Prepares a search.
-- @tparam {table,...} list of tables with `folded`, a text of what the fold gives, not empty, `is_anywhere` or
-- `is_number`, where it counts within a word or beside letters too; what else they hold is the caller's
-- @tparam table fold byte -> byte or false
-- @treturn table for `occurrences.search`
function occurrences.new(list, fold)
  local self = { chain = { [0] = false }, branches = {}, fails = {}, depths = {}, ends = {}, others = {}, anywhere = {}, loose = {},
    fold = fold, is_empty = #list == 0 }
  local sorted = {}
  for i, wanted in ipairs(list) do
    wanted.anchor = math.min(#wanted.folded, ANCHOR)
    sorted[i] = wanted
  end
  table.sort(sorted, function(a, b) return a.anchor > b.anchor end)
  for _, wanted in ipairs(sorted) do
    insert(self, wanted)
  end
  link(self, sorted)
  self.first = first_of(sorted, fold)
  return self
end

-- Letters and digits; beyond a text there is none.
local IS_PART, IS_DIGIT = {}, {}
for code = 0, 255 do
  IS_PART[code], IS_DIGIT[code] = find(string.char(code), "[0-9A-Za-z]") ~= nil, code >= 48 and code <= 57
end

local function is_within(parts, text, at, neighbour)
  return parts[byte(text, at)] and parts[byte(text, neighbour)]
end

-- Of one that goes on, the rest is still to come (`open`, until so many bytes that count); where it begins anew meanwhile, it is longer.
local function begin(job, from, i, wanted, rest)
  local open, spans = job.open, job.spans
  if rest > 0 and open and open.wanted == wanted then
    job.last = job.count + rest
    return
  end
  local span = { from = from, to = i, wanted = wanted }
  spans[#spans + 1] = span
  if rest > 0 and job.count + rest > job.last then
    if open then open.to = i end -- the new one goes on from here, and further
    job.open, job.last = span, job.count + rest
  end
end

local function begins(wanted, text, from, follows)
  if wanted.is_anywhere then return true end
  return not is_within(wanted.is_number and IS_DIGIT or IS_PART, text, from, from - 1) or follows(wanted, text, from)
end

-- The texts that end at a node, the longest first: the first one that is taken stands in `job.spans` from then on.
local function note(self, node, i, job)
  local ends, text, own = self.ends, job.text, self.ends[node]
  local is_end = not is_within(IS_PART, text, i, i + 1)
  local may_be_number = is_end or not is_within(IS_DIGIT, text, i, i + 1)
  local at
  if own and (is_end or own.anchor < #own.folded) then
    at = node
  else
    at = (is_end and self.others or may_be_number and self.loose or self.anywhere)[node]
  end
  while at do
    local wanted = ends[at]
    local from = job.places[(job.count - wanted.anchor + 1) % ANCHOR]
    local rest = #wanted.folded - wanted.anchor
    if begins(wanted, text, from, job.follows) and (rest > 0 or job.takes(wanted, text, from, i)) then
      return begin(job, from, i, wanted, rest)
    end
    at = is_end and self.others[at] or not is_end and may_be_number and self.loose[self.fails[at]] or nil
  end
end

--- Finds what was looked for.
-- @tparam table self of `occurrences.new`
-- @tparam string text
-- @tparam function takes `(wanted, text, from, to)` -> whether what was skipped in this occurrence may have been
-- @tparam function follows `(wanted, text, from)` -> whether it counts although letters or digits stand before it
-- @tparam table spans `{ from, to, wanted }` are added to it; they may overlap
-- @treturn int the byte at which one begins that the end of the text may have cut off; one more than the text has where none does
function occurrences.search(self, text, takes, follows, spans)
  if self.is_empty then return #text + 1 end
  local chain, fold, ends, others, node, i = self.chain, self.fold, self.ends, self.others, 0, 1
  local places = {} -- where the last bytes that count stand
  local job = { text = text, takes = takes, follows = follows, spans = spans, places = places, count = 0, last = 0, open = nil }
  while i <= #text do
    if node == 0 and not job.open then
      i = find(text, self.first, i)
      if not i then break end
    end
    local code = fold[byte(text, i)]
    if code then
      local count = job.count + 1
      job.count, places[count % ANCHOR] = count, i
      node = chain[node] == code and node + 1 or follow(self, node, code)
      if ends[node] or others[node] then note(self, node, i, job) end
      if job.open and count >= job.last then
        job.open.to = i
        job.open = nil
      end
    end
    i = i + 1
  end
  if job.open then job.open.to = #text end
  return node > 0 and places[(job.count - self.depths[node] + 1) % ANCHOR] or #text + 1
end

return occurrences
