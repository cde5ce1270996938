--- What the name of a parameter, a member or a header says of its value.
--
-- A kind is a word: what must not be shown as it is (`SECRET`, `AADHAAR`, `MOBILE`), what is (`IDENTIFIER`, `FIGURE`, `STATUS`), and what
-- holds sentences about parameters (`PROBLEMS`). Names are compared without regard to case, `-` and `_`.
-- @module eko.base.redact.names
local ascii = require "eko.base.ascii"

local names = {}

-- Kinds of what must not be shown as it is.
names.SECRET, names.AADHAAR, names.MOBILE = "secret", "aadhaar", "mobile"
-- Kinds of what is shown as it is: numbers by which a call or a transaction is found again, and amounts, codes, times.
names.IDENTIFIER, names.FIGURE = "identifier", "figure"
-- The same of short ones: no status has more than five characters, and what is longer is read as prose.
names.STATUS = "status"
-- What holds sentences about parameters, under the parameters' names.
names.PROBLEMS = "problems"

-- By the name in lower case, without - and _.
local KINDS = {}
local function define(kind, list)
  for name in list:gmatch "[a-z0-9]+" do KINDS[name] = kind end
end
define(names.SECRET, [[
  otp otpvalue otpcode pin pinno mpin password pan panno pannumber pancard pancardnumber piddata pid piddatatype
  wallettoken token accesstoken authtoken otpverificationtoken authorization developerkey accesskey secretkey
  account accountno accountnumber accno bankaccount bankaccountno bankaccountnumber beneficiaryaccount recipientaccount utilityaccno
  dob dateofbirth residenceaddress maskedaadhaar maskedaadhar maskedaadhaarnumber]])
define(names.AADHAAR, "aadhar aadhaar adhar adhaar aadharno aadhaarno aadharnumber aadhaarnumber uid uidnumber vid eaadhaar")
define(names.MOBILE, [[
  customerid mobile mobileno mobilenumber recipientmobile customermobile customermobilenumber sendermobile phone phonenumber initiatorid]])
define(names.IDENTIFIER, [[
  tid pkid txnid rrn upstreamrrn utr utrnumber stan bbpstrxnrefid transactionreference clientref approvalreferencenumber]])
define(names.PROBLEMS, "invalidparams invalidparameters")

-- By the last words of a name. The id of a person or of a document of theirs may be a number of theirs.
local IDENTIFIERS = { id = true, ids = true, ref = true, reference = true, refid = true, tid = true, rrn = true, utr = true }
local PERSONAL = {
  customer = true, initiator = true, sender = true, user = true, mobile = true, aadhaar = true, aadhar = true, pan = true,
  account = true, kyc = true, proof = true, document = true, member = true, email = true,
}
local COUNTED = { num = true, no = true, number = true }
local REFERRING = { ref = true, reference = true, txn = true, trxn = true, transaction = true, acknowledgement = true }
local FIGURES = {}
for word in ([[code codes type time timestamp date at validity currency channel channels pipe version score total sum count
  sent used remaining unavailable percent rate]]):gmatch "%l+" do
  FIGURES[word] = true
end
-- By any word of it, unless it ends as prose does.
local AMOUNTS = {}
for word in ([[amount amt balance fee fees charge charges commission tds tax gst limit price]]):gmatch "%l+" do AMOUNTS[word] = true end
local PROSE = {}
for word in ([[message msg desc description text reason remark remarks comment comments note name label title hint]]):gmatch "%l+" do
  PROSE[word] = true
end

local function kind_by_words(name)
  local last, before, is_amount
  for word in ascii.lower((name:gsub("([a-z0-9])([A-Z])", "%1_%2"))):gmatch "[a-z0-9]+" do
    last, before = word, last
    is_amount = is_amount or AMOUNTS[word]
  end
  if not last or PROSE[last] then return false end
  if IDENTIFIERS[last] and not PERSONAL[before] then return names.IDENTIFIER end
  if last == "status" or last == "state" then return names.STATUS end
  if COUNTED[last] and REFERRING[before] then return names.IDENTIFIER end
  return (is_amount or FIGURES[last]) and names.FIGURE or false
end

local LONGEST = 64 -- no name of the platform's is longer

--- The kind of what has a name.
-- @tparam any name
-- @treturn string|boolean a kind; false for a name that says nothing: what it names is read as prose
function names.kind(name)
  if type(name) ~= "string" or #name > LONGEST then return false end
  return KINDS[ascii.lower((name:gsub("[-_ ]", "")))] or kind_by_words(name)
end

return names
