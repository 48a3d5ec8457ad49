// The desk's own small server. The token of this start comes with the address that the terminal shows.

const KEPT = "orderdesk-token";

// The name of a place in the page is no token, however it came into the address.
const TOKEN = /^[\w-]{20,}$/;

function token() {
  const given = location.hash.slice(1);
  if (TOKEN.test(given)) {
    sessionStorage.setItem(KEPT, given);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem(KEPT) || "";
}

// An address pasted into the open tab changes what is after the # and loads nothing by itself.
addEventListener("hashchange", () => { if (TOKEN.test(location.hash.slice(1))) location.reload(); });

const known = token();

/** What the server says when it does not do something; the message is meant for the person before the page. */
export class Problem extends Error {}

async function ask(method, path, body) {
  let answer;
  try {
    answer = await fetch(`/api/${path}`, {
      method,
      headers: { "X-Desk-Token": known, "Content-Type": "application/json" },
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

/** Who we are, which store, and the demo's conversations. */
export const session = () => get("session");
/** What Orderdesk answers, as `{status, body, problem}`; `status` is null where no answer came. */
export const lookup = (level, query, conversation) => ask("POST", "lookup", { level, query, conversation });
export const form = (url, conversation) => ask("POST", "form", { url, conversation });
export const submit = (url, values, conversation) => ask("POST", "submit", { url, values, conversation });
export const timeline = (by, value, conversation, cursor = "") => ask("POST", "timeline", { by, value, conversation, cursor });
/** What was asked since a version of the record. */
export const exchanges = (after) => get("exchanges", { after });
export const curl = (number) => get("curl", { number });
/** How the demo's Shopify is broken. */
export const trouble = () => get("trouble");
export const makeTrouble = (name) => ask("PUT", "trouble", { name });
/** Parameters in SSM. */
export const stores = () => get("stores");
export const settings = (store) => get("settings", { store });
export const set = (store, name, value) => ask("PUT", "settings", { store, name, value });
export const access = (store) => get("access", { store });
