// The page: shows the step that the server names, sends what was typed, shows the next one.
import * as api from "./api.js";
import { fieldsOf, firstFields, make } from "./fields.js";
import { resultOf } from "./result.js";

const $ = (id) => document.getElementById(id);

const TITLES = {
  details: "Customer’s details", otp: "Verify the mobile", consent_language: "Language of the consent", aadhaar: "Aadhaar",
  aadhaar_otp: "Verify Aadhaar", pan: "PAN", ekyc: "Aadhaar and fingerprint", ekyc_otp: "Verify eKYC", choice: "Choose a wallet",
  done: "The customer is ready",
};
const SHORT = {
  start: "Start", details: "Details", otp: "Mobile OTP", consent_language: "Consent", aadhaar: "Aadhaar", aadhaar_otp: "Aadhaar OTP",
  pan: "PAN", ekyc: "Fingerprint", ekyc_otp: "eKYC OTP", choice: "Wallet", done: "Done",
};
const PATHS = {
  levin: ["start", "details", "otp", "aadhaar", "aadhaar_otp", "pan", "done"],
  digikhata: ["start", "details", "otp", "consent_language", "aadhaar", "aadhaar_otp", "pan", "done"],
  fino: ["start", "details", "ekyc", "ekyc_otp", "done"],
  customer: ["start", "details", "otp", "choice", "done"],
};
// Mistakes that have a better sentence than the server's, by their stable names.
const MESSAGES = {
  wrong_otp: "This OTP is not right. Check the newest SMS and type it again.",
  otp_verification_failed: "This OTP was not accepted. Check the newest SMS and type it again.",
  otp_expired: "That OTP has expired. Another one was sent.",
  otp_attempts_exhausted: "Too many wrong OTPs. Send another one.",
  damaged_reference: "An answer of the platform came damaged. Nothing is lost: try again, or have another OTP sent.",
  too_many_attempts: "Too many attempts. Wait a while, then try again.",
};
// What has ended an onboarding.
const ENDED = {
  too_many_otps: "So many OTPs were sent that no more are sent for this onboarding.",
  too_many_refusals: "So many answers were wrong that this onboarding has ended.",
  too_many_calls: "This onboarding goes round in circles and has ended.",
};
// Where there is nothing to go on with.
const GONE = ["no_journey", "journey_moved_on"];
const REQUIRED = {
  customer_id: "Type the mobile number.", otp: "Type the OTP.", name: "Type the name.", dob: "Type the date of birth.",
  residence_address: "Fill in the whole address.", aadhar: "Type the Aadhaar number.", pan_number: "Type the PAN.",
  piddata: "Capture the fingerprint.", consent: "Without consent the Aadhaar number may not be used.",
};

// The same for a value that does not look right.
const EXPECTED = {
  customer_id: "This is not a mobile number: 10 digits, the first 6, 7, 8 or 9.", dob: "This date does not exist. Type day, month and year.",
  aadhar: "This is not an Aadhaar number: 12 digits.", pan_number: "This is not a PAN: five letters, four digits, one letter.",
};

let shown = null; // the step on the page; null: the first form
let fields = {};
let busy = false;

function say(text) { $("status").textContent = text; }

function showProgress(step) {
  const path = PATHS[step.wallet] ?? [];
  const at = path.indexOf(step.state);
  $("progress").hidden = at < 0;
  if (at < 0) return;
  $("progress-text").textContent = `Step ${at + 1} of ${path.length}: ${SHORT[step.state]}`;
  $("progress-steps").replaceChildren(...path.map((state, index) => make("li",
    { class: index < at && "past", "aria-current": index === at && "step" }, make("span", {}, SHORT[state]))));
}

// Puts a message at a field, or above the form when it belongs to none. Returns what should have the focus.
function showMistake(need, text) {
  const field = fields[need]?.field;
  if (!field) {
    $("problem").textContent = text;
    $("problem").hidden = false;
    return $("problem");
  }
  const id = `${field.id}-wrong`;
  const note = $(id) ?? make("p", { class: "wrong", id });
  note.textContent = text;
  fields[need].element.append(note);
  field.setAttribute("aria-invalid", "true");
  const described = (field.getAttribute("aria-describedby") ?? "").split(" ").filter((each) => each && each !== id);
  field.setAttribute("aria-describedby", [...described, id].join(" "));
  return field;
}

function clearMistakes() {
  $("problem").hidden = true;
  for (const note of $("form").querySelectorAll(".wrong")) note.remove();
  for (const field of $("form").querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
}

function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1).replace(/([^.!?])$/, "$1.");
}

// Shows an error of the server. Returns what should have the focus.
function showError(error) {
  const known = MESSAGES[error.name];
  const places = known ? [] : Object.entries(error.invalid_params ?? {}).filter(([need]) => fields[need]);
  if (places.length) {
    const shownAt = places.map(([need, expected]) => showMistake(need, EXPECTED[need] ?? sentence(expected.startsWith("it ") ? expected : `expected ${expected}`)));
    say("Some of it is not right.");
    return shownAt[0];
  }
  const text = known ?? sentence(error.message ?? error.detail ?? error.title);
  say(text);
  return showMistake(fields.otp ? "otp" : null, text);
}

function button(text, kind, id) {
  return make("button", { type: kind === "main" ? "submit" : "button", class: kind, id }, text);
}

// What was typed, to be put back when the same step is shown again. An OTP is typed anew.
function typedSoFar() {
  return [...$("form").elements].filter((each) => each.id && each.id !== "otp").map(({ id, value, checked }) => ({ id, value, checked }));
}

function putBack(values) {
  for (const { id, value, checked } of values) {
    const field = $("form").elements.namedItem(id);
    if (!field || field.type === "submit" || field.type === "button") continue;
    if (field.type === "checkbox" || field.type === "radio") field.checked = checked;
    else field.value = value;
  }
}

function showForm(title, prompt, given, submitText, canResend) {
  fields = given;
  $("title").textContent = title;
  document.title = `${title} – Onboard a customer`;
  $("prompt").textContent = prompt ?? "";
  $("prompt").hidden = !prompt;
  $("result").hidden = true;
  $("form").hidden = false;
  $("over").hidden = shown === null;
  const actions = make("div", { class: "actions" }, button(submitText, "main", "next"));
  if (canResend) {
    const again = button("Send another OTP", "quiet", "resend");
    again.addEventListener("click", () => act("Sending another OTP", () => api.resend(shown.journey), "Another OTP was sent."));
    actions.append(again);
  }
  $("form").replaceChildren(...Object.values(fields).map((field) => field.element), actions);
  clearMistakes();
}

function showStart(problem) {
  shown = null;
  $("progress").hidden = true;
  showForm("Onboard a customer", "Which wallet, and whose mobile?", firstFields(), "Begin", false);
  if (problem) showError(problem).focus();
}

// In place of a form: what has happened, and what can be done about it. `choices`: [label, what it does], the likeliest first.
function showNotice(title, text, choices) {
  shown = null;
  fields = {};
  $("progress").hidden = true;
  $("over").hidden = true;
  $("prompt").hidden = true;
  $("result").hidden = true;
  $("form").hidden = false;
  $("title").textContent = title;
  document.title = title;
  clearMistakes();
  const buttons = choices.map(([label, action], index) => {
    const made = make("button", { type: "button", class: index ? "quiet" : "main", id: `notice-${index + 1}` }, label);
    made.addEventListener("click", action);
    return made;
  });
  $("form").replaceChildren(make("div", { class: "actions" }, ...buttons));
  showMistake(null, text).focus();
  say(`${title}. ${text}`);
}

function beginAgain() {
  showStart();
  fields.customer_id.focus.focus();
}

function showReplaced({ mobile }) {
  const whose = mobile ? `, whose mobile is ${mobile.replaceAll("*", "•")},` : "";
  showNotice("Another customer is being onboarded",
    `In another tab of this browser another customer${whose} was begun after this one. What you typed here was not sent. `
    + "One browser onboards one customer at a time: go on with that customer, or begin again with yours, which ends the other one here. "
    + "What was verified stays verified.",
    [["Go on with that customer", () => act("Looking where it stands", api.resume)], ["Begin again with mine", beginAgain]]);
}

function showEnded(name, journey) {
  showNotice("This onboarding has ended", `${ENDED[name]} Begin again a little later: what was verified stays verified.`,
    [["Begin again", () => act("Starting over", () => api.cancel(journey))]]);
}

function showDone(step) {
  $("form").hidden = true;
  $("over").hidden = true;
  $("prompt").hidden = true;
  clearMistakes();
  $("title").textContent = TITLES.done;
  document.title = TITLES.done;
  const { element, again } = resultOf(step);
  again.addEventListener("click", beginAgain);
  $("result").replaceChildren(element);
  $("result").hidden = false;
  say(TITLES.done);
  again.focus({ preventScroll: true });
}

function showStep(step, { spoken, problem } = {}) {
  const typedBefore = shown?.state === step.state && shown.journey === step.journey ? typedSoFar() : [];
  shown = step;
  showProgress(step);
  if (step.done) return showDone(step);
  const title = TITLES[step.state] ?? step.state;
  showForm(title, step.prompt, fieldsOf(step), step.needs.length ? "Continue" : "Try again", step.can_resend);
  putBack(typedBefore);
  if (spoken || !(problem || step.error)) say(spoken ?? `${title}. ${step.prompt ?? ""}`);
  const first = step.needs.length ? fields[step.needs[0]].focus : $("next");
  (problem || step.error ? showError(problem ?? step.error) : first).focus();
}

function show({ step, problem }, spoken) {
  if (step) return showStep(step, { spoken });
  if (!problem) return showStart();
  if (problem.name === "journey_replaced") return showReplaced(problem);
  if (ENDED[problem.name]) return showEnded(problem.name, problem.step.journey);
  if (GONE.includes(problem.name)) {
    return showStart({ message: "This onboarding has expired. Begin again: nothing that was verified is lost." });
  }
  if (problem.step) return showStep(problem.step, { problem });
  clearMistakes();
  showError(problem).focus();
}

async function showMessages() {
  const list = await api.messages();
  $("no-messages").hidden = list.length > 0;
  $("messages").replaceChildren(...list.slice(0, 3).map(({ otp, to }) => make("li", {},
    make("small", {}, `To ${to.replace(/^\d{6}/, "••••••")}`), "Your OTP is ", make("b", {}, otp), ". Tell it to nobody but your shopkeeper.")));
}

// One request at a time; the buttons say that it is under way.
async function act(doing, request, spoken) {
  if (busy) return;
  busy = true;
  say(doing);
  for (const each of document.querySelectorAll("button")) each.setAttribute("aria-disabled", "true");
  const answer = await request();
  await showMessages();
  for (const each of document.querySelectorAll("button")) each.removeAttribute("aria-disabled");
  busy = false;
  show(answer, answer.step?.error ? undefined : spoken);
}

function typed() {
  const values = {};
  let first = null;
  for (const [need, field] of Object.entries(fields)) {
    const value = field.value();
    if (value == null || value === "") {
      const place = showMistake(need, REQUIRED[need] ?? "This is needed.");
      first = first ?? place;
    } else {
      values[need] = value;
    }
  }
  if (!first) return values;
  say("Something is missing.");
  first.focus();
  return null;
}

$("form").addEventListener("submit", (event) => {
  event.preventDefault();
  if (busy) return;
  clearMistakes();
  const values = typed();
  if (!values) return;
  if (shown) act("Checking", () => api.advance(shown.journey, shown.state, values));
  else act("Looking the customer up", () => api.start(values.wallet, values.customer_id));
});

$("over").addEventListener("click", () => act("Starting over", () => api.cancel(shown.journey)));

const { step, problem } = await api.resume();
if (step) showStep(step);
else if (ENDED[problem.name]) showEnded(problem.name, problem.step.journey);
else showStart(GONE.includes(problem.name) ? undefined : problem);
await showMessages();
document.documentElement.dataset.ready = "true";
