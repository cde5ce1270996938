--- Pictures of journeys: the states of a flow, which are data, as Graphviz or Mermaid text.
--
-- The same data always gives the same text, so a picture that is stored can be held against the flow it shows.
-- @module eko.journey.graph
local ascii = require "eko.base.ascii"
local core = require "eko.core"
local engine = require "eko.journey.engine"
local wallets = require "eko.wallets"

local graph = {}

-- What a new customer's journey is answered with, in the order in which it usually happens. Where a state offers
-- several ways, the first of these that leads somewhere new is the usual one.
local USUAL = {
  "not_enrolled", "ekyc_required", "otp_sent", "aadhaar_required", "consent_languages", "consent_details", "pan_required",
  "aadhaar_verified", "verified", "active",
}

local function target_name(target)
  return type(target) == "table" and target.to or target
end

local function usual_next(state, seen)
  if state.next and not seen[state.next] then return state.next end
  for _, outcome in ipairs(USUAL) do
    local name = target_name(state.on and state.on[outcome])
    if name and not seen[name] then return name end
  end
end

--- The usual way of a new customer through a journey.
-- @tparam table definition what `eko.journey.definition` gives
-- @treturn {string,...} names of states, from the first to the last
function graph.path(definition)
  local path, seen, name = {}, {}, definition.start
  while name do
    path[#path + 1], seen[name] = name, true
    name = usual_next(definition.states[name], seen)
  end
  return path
end

local function sorted_keys(map)
  local keys = {}
  for key in pairs(map or {}) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b)
    if type(a) == "string" and type(b) == "string" then return ascii.less(a, b) end
    return a < b
  end)
  return keys
end

-- Whether a refusal of what a person gave leads back to the same state, which the engine does so often and no more.
local function asks_again(definition, name, state)
  for _, target in pairs(state.errors or {}) do
    if target == name or definition.states[target].holds then return true end
  end
  return state.refused == name
end

-- All that leads from one state to another is one edge: four ways of getting there are four words on it, not four lines.
local function edges_of(definition, name)
  local state = definition.states[name]
  local by_target = {}
  local function add(target, kind, label)
    local edge = by_target[target]
    if not edge then
      edge = { from = name, to = target, labels = {} }
      by_target[target] = edge
    end
    edge.labels[#edge.labels + 1] = { kind = kind, text = label }
  end
  for _, outcome in ipairs(sorted_keys(state.on)) do
    local target = state.on[outcome]
    if type(target) == "string" then
      add(target, "outcome", outcome)
    else
      add(target.to, "outcome", outcome)
      if target.without then
        local lacking = target.with and ("%s without %s"):format(outcome, table.concat(target.with, ", "))
        add(target.without, "outcome", lacking or outcome .. " by other signs")
      end
    end
  end
  if state.next then add(state.next, "outcome", "given") end
  for _, choice in ipairs(state.switch and state.choices or {}) do
    add("wallet " .. choice.value, "outcome", choice.value)
  end
  for _, err in ipairs(sorted_keys(state.errors)) do add(state.errors[err], "error", err) end
  if state.refused then add(state.refused, "error", "input refused") end
  if state.stale then add(state.stale, "error", "reference refused") end
  if state.resend then add(state.resend, "resend", "resend") end
  if asks_again(definition, name, state) then
    add(state.resend or definition.start, "error", ("%d refusals in a row"):format(engine.MOST_WRONG))
  end
  if state.lost then add(state.lost, "lost", "answer lost") end
  return by_target
end

-- Off the usual way a state stands beside the first state that leads to it; an end stands at the end.
local function place_others(definition, names, position)
  local count = #names
  for _, name in ipairs(sorted_keys(definition.states)) do
    if not position[name] then
      position[name] = count + 0.5
      for index = definition.states[name].final and 0 or count, 1, -1 do
        if edges_of(definition, names[index])[name] then position[name] = index + 0.5 end
      end
      names[#names + 1] = name
    end
  end
end

--- The states in the order in which they are drawn: the usual way first, the others by name; and where each stands.
local function ordered_states(definition)
  local names, position = graph.path(definition), {}
  for index, name in ipairs(names) do position[name] = index end
  place_others(definition, names, position)
  return names, position
end

local function kind_of(state)
  if state.final then return "final" end
  return state.needs and "asks" or "automatic"
end

local function node_of(definition, name, usual)
  local state = definition.states[name]
  return {
    name = name, kind = kind_of(state), usual = usual, about = state.about, needs = state.needs or {},
    slug = state.call and wallets.verbs(state.of or definition.wallet)[state.call],
  }
end

--- A journey as nodes and edges, in a fixed order.
-- @tparam table definition what `eko.journey.definition` gives
-- @treturn table `{ title, wallet, nodes, edges, others }`: a node is `{ name, kind = "asks" | "automatic" | "final",
-- about, needs, slug }`; an edge `{ from, to, usual, back, labels }` with labels `{ kind = "outcome" | "error" | "resend" |
-- "lost", text }`; `others` are the wallets along which a journey goes on elsewhere
function graph.model(definition)
  local names, position = ordered_states(definition)
  local path = graph.path(definition)
  local model = { title = definition.title, wallet = definition.wallet, nodes = {}, edges = {}, others = {} }
  for index, name in ipairs(names) do
    model.nodes[#model.nodes + 1] = node_of(definition, name, path[index] == name)
    local state = definition.states[name]
    for _, choice in ipairs(state.switch and state.choices or {}) do
      model.others[#model.others + 1] = { name = "wallet " .. choice.value, label = choice.label }
      position["wallet " .. choice.value] = #names + #model.others
    end
  end
  for index, name in ipairs(names) do
    local by_target = edges_of(definition, name)
    local targets = sorted_keys(by_target)
    table.sort(targets, function(a, b)
      if position[a] ~= position[b] then return position[a] < position[b] end
      return ascii.less(a, b)
    end)
    for _, target in ipairs(targets) do
      local edge = by_target[target]
      edge.usual = path[index] == name and path[index + 1] == target
      edge.back = position[target] <= position[name]
      model.edges[#model.edges + 1] = edge
    end
  end
  return model
end

local function escape(text)
  return (text:gsub("[&<>\"]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }))
end

local COLOURS = { outcome = "#1a1a1a", error = "#b3261e", resend = "#1558b0", lost = "#707070" }

local LINES = { outcome = "#777777", error = "#d48a85", resend = "#7fa5d6", lost = "#aaaaaa" }

local FILLS = { asks = "#fff3cd", automatic = "#e8eef7", final = "#d9f2dd" }

local NODE_STYLES = {
  asks = 'shape=box style="filled,rounded"', automatic = "shape=box style=filled", final = "shape=doubleoctagon style=filled",
}

local function dot_node(node)
  local rows = { ("<b>%s</b>"):format(escape(node.name)), ('<font point-size="10">%s</font>'):format(escape(node.about)) }
  if #node.needs > 0 then
    rows[#rows + 1] = ('<font point-size="11">a person gives: <b>%s</b></font>'):format(escape(table.concat(node.needs, ", ")))
  end
  if node.slug then rows[#rows + 1] = ('<font point-size="9" color="#555555">%s</font>'):format(escape(node.slug)) end
  return ('  "%s" [%s%s fillcolor="%s" label=<%s>];'):format(node.name, NODE_STYLES[node.kind],
    node.usual and ' group="usual"' or "", FILLS[node.kind], table.concat(rows, "<br/>"))
end

-- An edge looks like the best of what it is for.
local function edge_kind(edge)
  local found = {}
  for _, label in ipairs(edge.labels) do found[label.kind] = true end
  for _, kind in ipairs { "outcome", "resend", "error", "lost" } do
    if found[kind] then return kind end
  end
end

local EDGE_STYLES = { outcome = "solid", resend = "dashed", error = "dashed", lost = "dotted" }

-- A way back is given to Graphviz turned round (and drawn from its end), so that it does not change the order of the states.
local function dot_edge(edge)
  local rows = {}
  for index, label in ipairs(edge.labels) do
    rows[index] = ('<font color="%s">&#160;%s&#160;</font>'):format(COLOURS[label.kind], escape(label.text))
  end
  local kind = edge_kind(edge)
  local attributes = ('style=%s color="%s"'):format(EDGE_STYLES[kind], LINES[kind])
  if edge.usual then attributes = 'style=bold penwidth=2.6 weight=50 color="#1a1a1a"' end
  local first, second = edge.from, edge.to
  if edge.back and first ~= second then
    first, second = second, first
    attributes = attributes .. " dir=back"
  end
  return ('  "%s" -> "%s" [%s label=<%s>];'):format(first, second, attributes, table.concat(rows, "<br/>"))
end

local LEGEND = table.concat({
  "rounded: a person is asked", "square: goes on by itself", "heavy line: the usual way of a new customer",
  '<font color="%s">red: an error that is reported on the next step</font>',
  '<font color="%s">blue: resend</font>', '<font color="%s">grey: the answer was lost</font>',
}, " &#183; "):format(COLOURS.error, COLOURS.resend, COLOURS.lost)

--- The journey in Graphviz's language.
-- @tparam table definition what `eko.journey.definition` gives
-- @treturn string
function graph.dot(definition)
  local model = graph.model(definition)
  local lines = {
    ('digraph "%s" {'):format(model.wallet),
    ('  graph [rankdir=TB ranksep=0.45 nodesep=0.3 fontname="Helvetica" fontsize=11 labelloc=t label=<<font point-size="18">'
      .. '<b>Onboarding: %s</b></font><br/>%s<br/> >];'):format(escape(model.title), LEGEND),
    '  node [fontname="Helvetica" fontsize=14 margin="0.18,0.10"];',
    '  edge [fontname="Helvetica" fontsize=10 arrowsize=0.8];',
    '  "begin" [shape=point width=0.18 label=""];',
    ('  "begin" -> "%s" [weight=20];'):format(definition.start),
  }
  for _, node in ipairs(model.nodes) do lines[#lines + 1] = dot_node(node) end
  for _, other in ipairs(model.others) do
    lines[#lines + 1] = ('  "%s" [shape=cds style=filled fillcolor="#eeeeee" label=<goes on as <b>%s</b>>];'):format(
      other.name, escape(other.label))
  end
  -- The usual way comes first: Graphviz lays out what it reads first from top to bottom.
  for _, usual in ipairs { true, false } do
    for _, edge in ipairs(model.edges) do
      if edge.usual == usual then lines[#lines + 1] = dot_edge(edge) end
    end
  end
  lines[#lines + 1] = "}"
  return table.concat(lines, "\n") .. "\n"
end

local MERMAID_SHAPES = { asks = '%s(["%s"])', automatic = '%s["%s"]', final = '%s((("%s")))' }

local function mermaid_id(name) return (name:gsub("[^A-Za-z0-9_]", "_")) .. "_" end

local function mermaid_node(node)
  local rows = { ("<b>%s</b>"):format(escape(node.name)), escape(node.about) }
  if #node.needs > 0 then rows[#rows + 1] = "a person gives: " .. escape(table.concat(node.needs, ", ")) end
  return "  " .. MERMAID_SHAPES[node.kind]:format(mermaid_id(node.name), table.concat(rows, "<br/>"))
end

local MERMAID_ARROWS = { outcome = "-->", resend = "-.->", error = "-.->", lost = "-.->" }

local function mermaid_edge(edge)
  local rows = {}
  for index, label in ipairs(edge.labels) do
    rows[index] = label.kind == "error" and "error " .. escape(label.text) or escape(label.text)
  end
  return ('  %s %s|"%s"| %s'):format(mermaid_id(edge.from), edge.usual and "==>" or MERMAID_ARROWS[edge_kind(edge)],
    table.concat(rows, "<br/>"), mermaid_id(edge.to))
end

--- The journey in Mermaid's language (a flowchart; hosting sites draw it inside Markdown).
-- @tparam table definition what `eko.journey.definition` gives
-- @treturn string
function graph.mermaid(definition)
  local model = graph.model(definition)
  local lines = { "flowchart TD", "  begin_((\" \")) --> " .. mermaid_id(definition.start) }
  for _, node in ipairs(model.nodes) do lines[#lines + 1] = mermaid_node(node) end
  for _, other in ipairs(model.others) do
    lines[#lines + 1] = ('  %s>"goes on as %s"]'):format(mermaid_id(other.name), escape(other.label))
  end
  for _, edge in ipairs(model.edges) do lines[#lines + 1] = mermaid_edge(edge) end
  return table.concat(lines, "\n") .. "\n"
end

--- The line inside an SVG that names the text it was drawn from.
-- @tparam string dot Graphviz text
-- @treturn string
function graph.mark(dot)
  return ("<!-- drawn from dot text with sha256 %s -->"):format(core.text.sha256_hex(dot))
end

local function read_all(path)
  local file = io.open(path, "rb")
  if not file then return "" end
  local text = file:read "*a"
  file:close()
  return text
end

local function run_dot(dot, input, output)
  local file, problem = io.open(input, "wb")
  if not file then return nil, problem end
  file:write(dot)
  file:close()
  local status = os.execute(("dot -Tsvg -o '%s' '%s' 2>/dev/null"):format(output, input))
  if status ~= true and status ~= 0 then
    return nil, "Graphviz is needed for svg: install the package graphviz (the command dot), or take --format dot or mermaid"
  end
  return read_all(output)
end

--- The journey as SVG, drawn by the program `dot` of Graphviz.
-- @tparam table definition what `eko.journey.definition` gives
-- @treturn[1] string
-- @treturn[2] nil
-- @treturn[2] string what to do, where `dot` is not there
function graph.svg(definition)
  local dot = graph.dot(definition)
  local base = os.tmpname()
  local svg, problem = run_dot(dot, base, base .. ".svg")
  os.remove(base)
  os.remove(base .. ".svg")
  if not svg then return nil, problem end
  return (svg:gsub("(<svg )", function(tag) return graph.mark(dot) .. "\n" .. tag end, 1))
end

return graph
