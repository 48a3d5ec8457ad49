// The desk's own small server. Its token, new at each start, is in the address that the terminal shows.

const KEPT = "orderdesk-token";

// The name of a place in the page is not a token.
const TOKEN = /^[\w-]{20,}$/;

function token() {
  const given = location.hash.slice(1);
  if (TOKEN.test(given)) {
    sessionStorage.setItem(KEPT, given);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem(KEPT) || "";
}

// Pasting an address into the open tab only changes the part after the #, which loads nothing.
addEventListener("hashchange", () => { if (TOKEN.test(location.hash.slice(1))) location.reload(); });

const known = token();

/** The id of the agent who sends the requests. */
let agentId = "";
export const actAs = (id) => { agentId = id; };

/** The server's reason for refusing a request. The message is for the user. */
export class Problem extends Error {}

async function ask(method, path, body) {
  let answer;
  try {
    answer = await fetch(`/api/${path}`, {
      method,
      headers: { "X-Desk-Token": known, "X-Desk-Agent": agentId, "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Problem("The desk's own server does not answer. Is it still running in the terminal?");
  }
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Problem(said.problem || `The desk's own server answered with ${answer.status}.`);
  return said;
}

const get = (path, query = {}) => ask("GET", `${path}?${new URLSearchParams(query)}`);

/** The agents, the store, and the demo's conversations. */
export const session = () => get("session");
/** Orderdesk's answer as `{status, body, problem}`; `status` is null if no answer came. */
export const lookup = (level, query, conversation) => ask("POST", "lookup", { level, query, conversation });
export const form = (url, conversation) => ask("POST", "form", { url, conversation });
export const submit = (url, values, conversation) => ask("POST", "submit", { url, values, conversation });
export const timeline = (by, value, conversation, cursor = "") => ask("POST", "timeline", { by, value, conversation, cursor });
/** What the helpdesk's own timeline has of the customer. */
export const activities = (conversation) => ask("POST", "activities", { conversation });
/** The requests since a version of the record. */
export const exchanges = (after) => get("exchanges", { after });
export const curl = (number) => get("curl", { number });
/** The fault that the demo's Shopify has. */
export const trouble = () => get("trouble");
export const makeTrouble = (name) => ask("PUT", "trouble", { name });
/** What the demo's receiver of webhooks got, and how it answers. */
export const events = () => get("events");
export const makeReceiver = (mood) => ask("PUT", "receiver", { mood });
/** Parameters in SSM. */
export const stores = () => get("stores");
export const settings = (store) => get("settings", { store });
export const set = (store, name, value) => ask("PUT", "settings", { store, name, value });
export const access = (store) => get("access", { store });
