--- One call, from its parameters to a native table: draft, attempts, and for money what became of it (`eko.call.settlement`).
-- @module eko.call

local core = require "eko.core"
local attempt = require "eko.call.attempt"
local option_rules = require "eko.base.options"
local request = require "eko.call.request"

local monotonic, draft_call = core.text.monotonic, request.draft

local call = {}

local SCHEMA = {
  timeout = option_rules.seconds, retries = option_rules.whole(0, 100), dry_run = option_rules.flag, strict = option_rules.flag,
  once = option_rules.flag, client_ref_id = true, extra = true,
}
local NO_OPTIONS = {}

--- Raises for options of a call that are not in order.
-- @tparam ?table options of a call
-- @tparam int level the stack level that the error is reported at
-- @treturn table the options
-- @raise
function call.check(options, level)
  if options == nil then return NO_OPTIONS end
  return (option_rules.check("a call", options, SCHEMA, level))
end

--- Makes the function that performs a client's calls.
-- @tparam table self `{ find = function slug -> endpoint | nil, err, base_url =, transport = (the user's), or direct = (of
-- eko.wire.exchange), signing =, timeout = seconds, retries =, inquiry_timeout = seconds, context = { initiator_id =, user_code =,
-- strict = }, on_exchange = }`; the made function is also stored as `self.call`
-- @treturn function (slug, params, options, typing) -> answer | nil, err; `typing` is a wallet's (see `eko.call.response`). Options that
-- are not in order raise at the line of its caller's caller
function call.new(self)
  self.ways, self.travel = {}, attempt.way_of(self)
  -- An endpoint is looked up once a client. `spare` holds what earlier calls sent, each with a draft that nobody asks any more.
  local endpoints, context, spare, count = {}, self.context, {}, 0
  function self.call(slug, params, options, typing)
    if options ~= nil then option_rules.check("a call", options, SCHEMA, 3) end
    local endpoint = endpoints[slug]
    if not endpoint then
      local err
      endpoint, err = self.find(slug)
      if not endpoint then return nil, err end
      if endpoint.slug == slug then endpoints[slug] = endpoint end
    end
    local sent = spare[count]
    if sent then count = count - 1 else sent = { caller = self } end
    local draft, reference = draft_call(endpoint, params, context, options, sent.draft)
    if not draft then
      if endpoint.moves_money then reference.state = "not_sent" end
      return nil, reference
    end
    sent.draft, sent.client_ref_id, sent.typing, sent.options = draft, reference, typing, options or NO_OPTIONS
    sent.deadline = monotonic() + (options and options.timeout or self.timeout)
    local perform = endpoint.moves_money and attempt.perform_money or attempt.perform
    if options and options.dry_run then perform = attempt.request end
    local answer, err = perform(self, endpoint, sent)
    draft:release()
    count = count + 1
    spare[count] = sent
    if answer then return answer end
    return nil, err
  end
  return self.call
end

return call
