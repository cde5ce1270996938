--- Drafts of made-up endpoints, for specs that look at one value or one view: what is written, or which problem is found.
local core = require "eko.core"

local assert = require "luassert"

local drafts = {}

function drafts.plan_of(fields, has_body, head)
  for _, field in ipairs(fields) do
    local place = field.place or "body"
    field.place, field.type, field.max, field.min = place, field.type or "string", field.max or 255, field.min or 0
    field.key = field.key or (place == "body" and '"' .. field.name .. '":' or field.name .. "=")
  end
  return core.plan(head or "/p", has_body ~= false, fields)
end

-- A call's draft: `given` has the rest of what it is made of, by name.
function drafts.draft_of(plan, params, given)
  given = given or {}
  return plan(params, given.initiator_id, given.user_code, given.client_ref_id, given.strict, given.extra, given.spare, given.today,
    given.timestamp)
end

-- What becomes of one value of a field { type, max, min, ... }: what is written of it; or nil, the problem and its detail.
function drafts.put(field, value, strict)
  field.name = field.name or "x"
  local place = field.place or "body"
  local draft, problems = drafts.draft_of(drafts.plan_of({ field }, place == "body"), { x = value }, { strict = strict, today = field.today })
  if not draft then
    assert.equal(1, #problems)
    assert.equal(1, problems[1][1])
    return nil, problems[1][2], problems[1][3]
  end
  if place == "body" then return (draft:body():match '^{"x":(.*)}$'), draft:value "x" end
  return draft:path():match(place == "query" and "^/p%?x=(.*)$" or "^/p(.*)$"), draft:value "x"
end

function drafts.assert_put(wanted, field, value, strict)
  local written = drafts.put(field, value, strict)
  assert.equal(wanted, written, tostring(value))
end

function drafts.assert_problem(problem, field, value, strict)
  local written, found = drafts.put(field, value, strict)
  assert.is_nil(written, tostring(value))
  assert.equal(problem, found, tostring(value))
end

function drafts.fits(format, value, strict)
  return drafts.put({ format = format }, value, strict) ~= nil
end

function drafts.assert_fits(format, good, bad)
  for _, value in ipairs(good) do assert.is_true(drafts.fits(format, value), value) end
  for _, value in ipairs(bad) do assert.is_false(drafts.fits(format, value), value) end
end

return drafts
