// What a step needs, as form fields. Each maker returns { element, focus, value(), field }: `field` carries the message of a mistake.

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function labelled(id, label, hint, control) {
  const described = hint ? [make("p", { class: "hint", id: `${id}-hint` }, hint)] : [];
  if (hint) control.setAttribute("aria-describedby", `${id}-hint`);
  return make("div", { class: "field" }, make("label", { for: id }, label), ...described, control);
}

const tidy = (text) => text.trim().replace(/\s+/g, " ");
const digits = (text) => text.replace(/[\s-]/g, "");

function input(id, label, { hint, clean = tidy, ...attributes } = {}) {
  const control = make("input", { id, name: id, type: "text", autocomplete: "off", required: true, ...attributes });
  return { element: labelled(id, label, hint, control), focus: control, field: control, value: () => clean(control.value) };
}

function group(legend, parts, className, hint) {
  const row = make("div", { class: className }, ...parts.map((part) => part.element));
  const note = hint ? [make("p", { class: "hint" }, hint)] : [];
  return make("fieldset", { class: "group" }, make("legend", {}, legend), ...note, row);
}

function radios(name, legend, options) {
  const choices = options.map(({ value, label, note }, index) => {
    const radio = make("input", { type: "radio", name, value, id: `${name}-${value}`, checked: index === 0 });
    const text = make("span", {}, label, ...(note ? [make("small", {}, note)] : []));
    return { radio, element: make("label", { class: "choice" }, radio, text) };
  });
  return {
    element: make("fieldset", {}, make("legend", {}, legend), ...choices.map((choice) => choice.element)),
    focus: choices[0].radio, field: choices[0].radio,
    value: () => choices.find((choice) => choice.radio.checked)?.radio.value,
  };
}

// The wallets of the shop.
export const RAILS = [
  { value: "digikhata", label: "PPI DigiKhata", note: "Mobile, consent, Aadhaar and PAN" },
  { value: "levin", label: "PPI Levin", note: "Mobile, Aadhaar and PAN" },
  { value: "fino", label: "DMT Fino", note: "Aadhaar and fingerprint" },
  { value: "customer", label: "Customer Management", note: "Mobile first, the wallet later" },
];

// What a fingerprint reader would give; this one is made up.
const SYNTHETIC_PID = '<?xml version="1.0"?>\n<PidData><Resp errCode="0"/><Data type="X">c3ludGhldGlj</Data></PidData>';

function birthDate() {
  const parts = [["Day", "2"], ["Month", "2"], ["Year", "4"]].map(([label, length]) => input(`dob-${label.toLowerCase()}`, label,
    { inputmode: "numeric", maxlength: length, clean: digits }));
  return {
    element: group("Date of birth", parts, "row short", "For example 17 05 1990"), focus: parts[0].focus, field: parts[0].field,
    value: () => {
      const [day, month, year] = parts.map((part) => part.value());
      return day || month || year ? `${year.padStart(4, "0")}-${month.padStart(2, "0")}-${day.padStart(2, "0")}` : null;
    },
  };
}

function address(step) {
  const line = input("address-line", "Street and house");
  const city = input("address-city", "Town or city");
  const state = input("address-state", "State", { hint: "Such as MH", maxlength: "2", class: "upper", autocapitalize: "characters" });
  const pincode = input("address-pincode", "PIN code", { hint: "6 digits", inputmode: "numeric", maxlength: "6", clean: digits });
  const parts = [line, city, state, pincode];
  const rows = [make("div", { class: "row" }, line.element), make("div", { class: "row" }, city.element),
    make("div", { class: "row" }, state.element, pincode.element)];
  return {
    element: make("fieldset", { class: "group" }, make("legend", {}, "Address"), ...rows), focus: line.focus, field: line.field,
    value: () => {
      const values = [line.value(), city.value(), state.value().toUpperCase(), pincode.value()];
      if (parts.some((part) => part.value() === "")) return null;
      return step.wallet === "fino" ? { line: values[0], city: values[1], state: values[2], pincode: values[3] } : values;
    },
  };
}

function consent(step) {
  const text = step.consent?.text
    ?? "I agree that my Aadhaar number is used to verify who I am for this wallet, and for nothing else.";
  const box = make("input", { type: "checkbox", id: "consent", name: "consent", required: true });
  const region = make("div", { class: "consent", role: "region", "aria-label": "Consent", tabindex: "0" }, text);
  return {
    element: make("div", { class: "field" }, region,
      make("label", { class: "choice", for: "consent" }, box, make("span", {}, "The customer has read or heard this, and consents"))),
    focus: box, field: box, value: () => box.checked || null,
  };
}

function language(step) {
  const select = make("select", { id: "consent_language", name: "consent_language" },
    ...step.choices.map((choice) => make("option", { value: choice.value }, choice.label)));
  return { element: labelled("consent_language", "Language", null, select), focus: select, field: select, value: () => select.value };
}

function fingerprint() {
  const area = make("textarea", { id: "piddata", name: "piddata", required: true, spellcheck: "false", autocomplete: "off" });
  const capture = make("button", { type: "button", class: "quiet" }, "Capture a synthetic fingerprint");
  capture.addEventListener("click", () => { area.value = SYNTHETIC_PID; });
  const element = labelled("piddata", "Fingerprint (PID data)", "What the reader gives. In this example it is made up.", area);
  element.append(capture);
  return { element, focus: area, field: area, value: () => area.value.trim() || null };
}

const makers = {
  otp: () => input("otp", "OTP", { hint: "The digits from the SMS", inputmode: "numeric", autocomplete: "one-time-code", maxlength: "8",
    class: "number otp", clean: digits }),
  name: () => input("name", "Full name", { hint: "As on the identity documents" }),
  dob: birthDate,
  residence_address: address,
  aadhar: () => input("aadhar", "Aadhaar number", { hint: "12 digits", inputmode: "numeric", maxlength: "14", class: "number", clean: digits }),
  pan_number: () => input("pan_number", "PAN", { hint: "Such as ABCPE1234F", maxlength: "10", class: "number upper", autocapitalize: "characters",
    spellcheck: "false", clean: (text) => digits(text).toUpperCase() }),
  piddata: fingerprint,
  consent,
  consent_language: language,
  continue_with: (step) => radios("continue_with", "Go on with", step.choices),
};

// The fields of a step: need -> field.
export function fieldsOf(step) {
  return Object.fromEntries(step.needs.map((need) => [need, (makers[need] ?? (() => input(need, need)))(step)]));
}

// The fields with which a journey begins.
export function firstFields() {
  return {
    wallet: radios("wallet", "Wallet", RAILS),
    customer_id: input("customer_id", "Customer’s mobile number", { hint: "10 digits, without +91", type: "tel", inputmode: "numeric",
      maxlength: "12", class: "number", clean: digits }),
  };
}
