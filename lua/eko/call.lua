--- One call, from its parameters to a native table: draft, attempts, and for money what became of it (`eko.settlement`).
-- @module eko.call

local core = require "eko.core"
local attempt = require "eko.attempt"
local catalog = require "eko.catalog"
local concurrently = require "eko.concurrently"
local errors = require "eko.errors"
local request = require "eko.request"
local settlement = require "eko.settlement"
local verdicts = require "eko.verdict"

local monotonic = core.text.monotonic

local call = {}

local function unknown_endpoint(slug, near)
  return errors.new {
    kind = "invalid_request",
    name = "unknown_endpoint",
    sent = false,
    retryable = false,
    message = ("there is no endpoint %q%s; eko.endpoints() lists them"):format(
      tostring(slug), near and (", did you mean %q?"):format(near) or ""),
  }
end

-- An endpoint is looked up once a client.
local function find_endpoint(self, slug)
  local endpoint, near = catalog.get(slug)
  if endpoint then
    self.endpoints[slug] = endpoint
    return endpoint
  end
  return nil, unknown_endpoint(slug, near)
end

-- A debit whose bytes may have left is not forgotten, whatever raises: a transport or a clock of the user's, or that memory ran out.
local function perform_money(self, endpoint, sent)
  local ok, answer, err, verdict = concurrently.protected(attempt.perform, self, endpoint, sent)
  if ok and answer then return answer end
  if not ok then
    if not sent.left then error(answer, 0) end
    err, verdict = settlement.raised(answer, "the call, once its request may have left,", attempt.secrets(self, sent)), nil
    err.slug, err.client_ref_id, err.attempts = endpoint.slug, sent.client_ref_id, 1
  end
  return settlement.settle(self, endpoint, sent, err, verdict, sent)
end

--- Makes the function that performs a call.
-- @param self { base_url =, transport = (the user's), or direct = (of `eko.exchange`), signing =,
--   timeout = seconds, retries =, inquiry_timeout = seconds, context = { initiator_id =, user_code =, strict = }, on_exchange = };
--   the made function is also stored as `self.call`
-- @return a function (slug, params, options, typing) -> answer | nil, err; options are checked already, `typing` is a
--   wallet's (see `eko.response`)
function call.new(self)
  -- `spare` holds what earlier calls sent, each with a draft that nobody asks any more.
  self.endpoints, self.ways, self.spare = {}, {}, {}
  function self.call(slug, params, options, typing)
    local endpoint, err = self.endpoints[slug], nil
    if not endpoint then endpoint, err = find_endpoint(self, slug) end
    if not endpoint then return nil, err end
    local spare = self.spare
    local last = #spare
    local sent = spare[last] or {}
    spare[last] = nil
    local draft, reference = request.draft(endpoint, params, self.context, options, sent.draft)
    if not draft then
      if endpoint.moves_money then reference.state = "not_sent" end
      return nil, reference
    end
    sent.draft, sent.client_ref_id, sent.typing = draft, reference, typing
    sent.deadline, sent.retries, sent.once = monotonic() + (options.timeout or self.timeout), options.retries or self.retries, options.once
    sent.facts, sent.left = endpoint.moves_money and verdicts.facts_of(draft) or nil, nil
    local perform = options.dry_run and attempt.request or sent.facts and perform_money or attempt.perform
    local answer
    answer, err = perform(self, endpoint, sent)
    draft:release()
    spare[#spare + 1] = sent
    if answer then return answer end
    return nil, err
  end
  return self.call
end

return call
