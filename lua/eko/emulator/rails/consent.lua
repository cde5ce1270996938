--- DigiKhata's Aadhaar consent: the languages it can be read in, its text, and the proof that it was given.
--
-- @module eko.emulator.rails.consent
local envelope = require "eko.emulator.envelope"
local json = require "eko.emulator.json"

local consent = {}

local LANGUAGES = {
  "English", "Bengali", "Gujarati", "Hindi", "Kannada", "Malayalam", "Marathi", "Odia", "Tamil", "Telugu", "Urdu",
  "Assamese", "Punjabi",
}

local FIRST_CONSENT_ID = 100

local function wrong_organisation(call)
  if call:text "org_id" ~= "1" then
    return envelope.refused(461, "Validation failed", { org_id = "org_id must be 1" })
  end
end

function consent.languages(call)
  local refusal = wrong_organisation(call)
  if refusal then return refusal end
  local list = json.list()
  for index, language in ipairs(LANGUAGES) do
    list[index] = { pkid = ("%d"):format(index), [call.options.digikhata.consent_key] = language }
  end
  return envelope.go_on(2444, "Consent languages fetched successfully", { consent_language_list = list })
end

function consent.details(call)
  local refusal = wrong_organisation(call)
  if refusal then return refusal end
  local index = tonumber(call:text "consent_language")
  local language = LANGUAGES[index]
  if not language then
    return envelope.refused(461, "Validation failed", { consent_language = "consent_language must be a listed pkid" })
  end
  local shown = call.platform.customers:open(call.mobile).rails.digikhata
  shown.consent_shown = FIRST_CONSENT_ID + index
  return envelope.go_on(2446, "Consent languages fetched successfully", { consent_detail = {
    consentId = shown.consent_shown, consentLanguage = language,
    consent = "I agree to the use of my Aadhaar number for opening this wallet.",
    consentContent = "I agree to the use of my Aadhaar number for opening this wallet.\r\n"
      .. "It will be used for this purpose only.\r\n(" .. language .. ", test data)",
    audioUrl = "https://consent.invalid/audio/Consent_" .. language .. ".mp3",
  } })
end

--- Refuses an Aadhaar step without the consent that was shown, where the platform insists on it.
-- @tparam table call
-- @treturn ?table the answer that refuses
function consent.missing(call)
  local shown = call.rail.consent_shown
  if call.options.digikhata.require_consent
    and (not shown or call:text "consent_id" ~= ("%d"):format(shown)) then
    return envelope.refused(461, "Validation failed", { consent_id = "consent_id of the consent that was shown" })
  end
end

--- Keeps which consent was given.
-- @tparam table call
function consent.record(call)
  call.rail.consent_id = tonumber(call:text "consent_id")
end

return consent
