// The end: the customer's balance, and the limits as bars.
import { make } from "./fields.js";

const PARTS = [["used", "Used"], ["remaining", "Remaining"], ["unavailable", "Unavailable"]];

function rupees(amount) {
  const digits = Number.isInteger(amount) ? 0 : 2;
  return new Intl.NumberFormat("en-IN", { style: "currency", currency: "INR", minimumFractionDigits: digits, maximumFractionDigits: digits })
    .format(amount);
}

function limit({ label, data }) {
  const parts = PARTS.filter(([name]) => typeof data?.[name] === "number");
  // The numbers stand beside it: to a screen reader the bar is decoration.
  const bar = make("div", { class: "meter", "aria-hidden": "true" });
  for (const [name] of parts) {
    const piece = make("i", { class: name });
    piece.style.flexGrow = data[name];
    if (data[name] > 0) bar.append(piece);
  }
  const legend = make("dl", { class: "legend" },
    ...parts.map(([name, text]) => make("div", { class: name }, make("dt", {}, text), make("dd", {}, rupees(data[name])))));
  return make("div", { class: "limit" }, make("h3", {}, label || "Monthly limit"), bar, legend);
}

export function resultOf(step) {
  const profile = step.customer_profile;
  const element = make("div", { class: "outcome" });
  // Who has not proved to be the customer is told no name and no balance.
  if (!profile && step.was_active) element.append(make("p", {}, "This customer is active already and can send money."));
  else if (profile?.name) element.append(make("p", {}, `${profile.name} can send money now.`));
  else element.append(make("p", {}, "The customer can send money now."));
  if (profile?.balance != null) element.append(make("p", {}, `Balance: ${rupees(Number(profile.balance))}`));
  if (profile?.chart?.length) {
    element.append(make("h2", {}, "Limits"), make("div", { class: "limits" }, ...profile.chart.map(limit)));
  }
  const again = make("button", { type: "button", class: "main", id: "again" }, "Onboard another customer");
  element.append(make("div", { class: "actions" }, again));
  return { element, again };
}
