// The endpoints. Every answer is { step } or { problem }; a lost connection is a problem like any other.

const sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

async function send(action, body) {
  const request = { headers: { "X-Requested-With": "eko-example" }, credentials: "same-origin", cache: "no-store" };
  if (body) {
    request.method = "POST";
    request.headers["Content-Type"] = "application/json";
    request.body = JSON.stringify(body);
  }
  try {
    const response = await fetch("/onboarding/" + action, request);
    if (response.status === 204) return {};
    const answer = await response.json();
    if (response.ok) return { step: answer };
    return { problem: answer, wait: Number(response.headers.get("Retry-After")) };
  } catch {
    return { problem: { name: "offline", title: "No connection", detail: "The shop’s server was not reached. Nothing is lost: try again." } };
  }
}

// Every request but the first says which journey the page shows: the tabs of a browser share one, and another tab may have begun another.
export const start = (wallet, customer_id) => send("start", { wallet, customer_id });
export const resend = (journey) => lookAgain(journey, send("resend", { journey }));
export const cancel = (journey) => send("cancel", { journey });
export const advance = (journey, state, inputs) => lookAgain(journey, send("advance", { journey, state, inputs }));

export async function resume() {
  for (let tries = 0; ; tries += 1) {
    const answer = await send("resume");
    // Another request is working on this journey: its answer is a moment away.
    if (answer.problem?.name !== "journey_busy" || tries === 5) return answer;
    await sleep(answer.wait || 1);
  }
}

// Where another request came first, the page shows what became of it.
async function lookAgain(journey, sent) {
  const answer = await sent;
  const name = answer.problem?.name;
  if (name !== "journey_busy" && name !== "journey_moved_on") return answer;
  const now = await resume();
  if (now.step && now.step.journey !== journey) return { problem: { name: "journey_replaced" } };
  return now;
}

export async function messages() {
  try {
    const response = await fetch("/example/sms", { cache: "no-store" });
    return response.ok ? await response.json() : [];
  } catch {
    return [];
  }
}
