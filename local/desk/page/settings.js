// The configuration page: a store's parameters in SSM, what is missing, and the `aws ssm` command for each.

import { badge, copyButton, el, icon, redraw } from "./elements.js";
import { notice } from "./notice.js";
import * as server from "./server.js";

const TITLES = {
  "shopify/domain": ["Shopify domain", "The store's own domain: my-store.myshopify.com"],
  "helpdesk/gladly_host": ["Gladly's host", "acme.gladly.com. With user and token, outcomes that an agent was not answered with are written into the customer's timeline in Gladly."],
  "helpdesk/gladly_user": ["Gladly's API user", "The email address of a user of its own, with the permission “API User”."],
  "helpdesk/gladly_inbox": ["Gladly's inbox for tasks", "Optional, the inbox's ID: an outcome that needs a person becomes a task there as well."],
  "helpdesk/webhook_url": ["Webhook", "An HTTPS address that gets each event of this store (docs/events.md). Leave it empty for none."],
  "helpdesk/event_agents": ["Agents' IDs in events", "true, if events may name the agent. An ID may be an email address."],
  default_region: ["Default country", "Two letters, for phone numbers without a country code: US"],
};
const SECRETS = {
  "helpdesk/signing_key": ["Signing key", "The helpdesk signs its requests with it. Set this or the bearer token."],
  "helpdesk/bearer_token": ["Bearer token", "For helpdesks that don't sign requests."],
  "helpdesk/gladly_token": ["Gladly's API token", "A token of Gladly's API user."],
  "helpdesk/webhook_secret": ["Webhook secret", "Events are signed with it: whsec_ and the base64 of 24 to 64 random bytes."],
  "shopify/client_secret": ["Client secret", "The Shopify app's client secret."],
  "shopify/access_token": ["Access token", "For apps created before 2026, instead of client ID and secret."],
};

const isOfEvents = (one) => /^helpdesk\/(webhook|event)_/.test(one.name);

const isOfGladly = (one) => one.name.startsWith("helpdesk/gladly_");

const HANDLE = /^[a-z0-9][a-z0-9-]{0,62}$/;
const HANDLE_RULE = "Use at most 63 lower-case letters, digits and hyphens.";

let place;
let store;
/** What Shopify said about the store's scopes; null while we are asking. */
let access = null;
/** The number of the newest request for them. Answers to older ones are ignored. */
let asking = 0;

/** Show the page for a store. */
export async function showSettings(where, which) {
  const isOther = which !== store;
  [place, store] = [where, which];
  if (!place.childElementCount) place.replaceChildren(el("div", { class: "empty" }, el("span", { "aria-busy": "true", text: "Loading the parameters" })));
  try {
    const [all, known] = await Promise.all([server.stores(), server.settings(store)]);
    if (store !== which) return;
    access = null;
    draw(all.stores, known, isOther ? [] : unsaved());
    // What is missing is at the top.
    if (isOther) place.scrollTop = 0;
    askAccess(known);
  } catch (problem) {
    const again = el("button", { type: "button", on: { click: () => showSettings(place, store) } }, "Try again");
    place.replaceChildren(el("div", { class: "empty alone", role: "alert" }, icon("alert"), el("h2", { text: "The parameters could not be loaded" }), el("p", { text: problem.message }), again));
  }
}

/** Write a parameter. Returns why it could not be written; empty if it was. */
async function write(name, value, said) {
  const which = store;
  try {
    const known = await server.set(which, name, value);
    const all = await server.stores();
    if (store !== which) return "";
    notice("good", said);
    const asksAgain = name.startsWith("shopify/");
    if (asksAgain) access = null;
    draw(all.stores, known, unsaved().filter(([key]) => key !== name));
    if (asksAgain) askAccess(known);
    return "";
  } catch (problem) {
    return problem.message;
  }
}

const fields = () => [...place.querySelectorAll("textarea, input[type=text]")];

/** What was typed and not saved yet, by field. */
const unsaved = () => fields().filter((box) => box.value !== box.defaultValue).map((box) => [box.dataset.focus, box.value, box.selectionStart]);

function draw(all, known, typed) {
  redraw(
    place,
    [
      el(
        "div",
        { class: "settings-inner" },
        head(all, known),
        missing(known),
        section("What agents may do", "A change applies to submits at once, and to profiles and forms within 30 seconds.", known.switches.map((one, index) => toggle(one, index === 0, known.switches[0].on))),
        section("Lists", "", known.lists.map(list)),
        section("Limits", "All optional. What is above a limit is refused, with a sentence that says who to ask. Amounts are in the shop's currency; hours and days are UTC.", limits(known.limits)),
        section("Shopify", "", [...known.texts.filter((one) => !isOfEvents(one) && !isOfGladly(one)).map(text), secret("Client ID", "The Shopify app's client ID.", known.clientId), ...known.secrets.filter((one) => one.name.startsWith("shopify/")).map(secretOf), scopes()]),
        section("Helpdesk", "Secrets are never shown, only whether they are set.", [...known.secrets.filter((one) => one.name.startsWith("helpdesk/") && !isOfEvents(one)).map(secretOf), ...known.texts.filter(isOfGladly).map(text)]),
        section("Events", "What became of each operation, for other systems.", [...known.texts.filter(isOfEvents).map(text), ...known.secrets.filter(isOfEvents).map(secretOf)]),
        addStore(all),
      ),
    ],
    "#settings-title",
  );
  drawAccess();
  for (const [key, value, caret] of typed) {
    const box = fields().find((one) => one.dataset.focus === key);
    box.value = value;
    box.setSelectionRange(caret, caret);
  }
}

function head(all, known) {
  const names = all.includes(store) ? all : [store, ...all];
  const choose = el("select", { id: "settings-store", "data-focus": "store", on: { change: () => showSettings(place, choose.value) } }, names.map((name) => el("option", { value: name, text: name, selected: name === store })));
  return el(
    "div",
    { class: "settings-head" },
    el("div", {}, el("h2", { id: "settings-title", tabindex: "-1", text: "Configuration" }), el("p", { class: "soft" }, "Parameters in SSM Parameter Store, under ", el("code", { text: known.path }))),
    el("label", { for: "settings-store" }, "Store", choose),
  );
}

function missing(known) {
  const lacks = [...known.missing, ...lackingAccess(known)];
  if (!lacks.length && !access) return el("div", { class: "still-asking", id: "missing" }, el("span", { "aria-busy": "true", text: "All parameters are set. Checking the app's access to Shopify" }));
  if (!lacks.length) return el("div", { class: "all-there", id: "missing" }, icon("check"), el("span", { text: "This store has everything it needs." }));
  return el("section", { class: "missing", id: "missing", "aria-label": "What is missing" }, el("h3", { text: "What is missing" }), el("ul", {}, lacks.map((one) => el("li", {}, el("strong", { text: one.what }), el("span", { text: one.why }), one.name ? el("code", { text: one.name }) : ""))));
}

/** What the app may not access in Shopify, in the same form as a missing parameter. */
function lackingAccess(known) {
  if (!access) return [];
  // Without a domain or credentials we can't ask, and those are in the list already.
  if (access.problem) return known.missing.some((one) => one.name.startsWith("shopify/")) ? [] : [{ what: "Shopify could not be reached", why: access.problem }];
  const scopes = access.scopes.filter((scope) => !scope.granted && !scope.optional).map((scope) => ({ what: "Missing access scope", why: `${scope.purpose}. Grant it to the Shopify app.`, name: scope.name }));
  const denied = access.denied ?? [];
  if (!denied.length) return scopes;
  return [...scopes, { what: "Shopify hides personal data", why: "Customers can't be found by hidden fields, and if an order's customer is hidden, agents can't act on the order. Give the Shopify app access to protected customer data, including these fields.", name: denied.join(", ") }];
}

const section = (title, hint, children) => el("section", { class: "settings-section" }, el("h3", { text: title }), hint ? el("p", { class: "soft", text: hint }) : "", children);

/** Shell commands with labels: `[[label, line]]`. */
const commands = (lines) => el("div", { class: "commands" }, lines.map(([label, line]) => el("div", { class: "command" }, el("small", { text: label }), el("code", { text: line }), copyButton("Copy", () => line))));

function toggle(one, isMaster, masterIsOn) {
  const id = `switch-${one.name}`;
  const box = el("input", { type: "checkbox", role: "switch", id, checked: one.on, "data-focus": one.name });
  box.addEventListener("change", () => write(one.name, String(box.checked), `${one.title}: ${box.checked ? "on" : "off"}`).then((problem) => {
    if (!problem) return;
    box.checked = one.on;
    notice("bad", problem);
  }));
  const idle = !isMaster && one.on && !masterIsOn ? el("small", { id: `${id}-idle`, text: "On, but the master switch is off." }) : "";
  if (idle) box.setAttribute("aria-describedby", `${id}-idle`);
  return el("div", { class: `setting ${isMaster ? "master" : ""}` }, el("div", {}, el("label", { for: id, class: "switch" }, box, el("b", { text: one.title })), idle), commands([[one.on ? "Turn off" : "Turn on", one.lines[String(!one.on)]]]));
}

/** Show next to a field why it can't be saved; an empty text removes the message. */
function fail(box, problem) {
  document.getElementById(`${box.id}-error`).textContent = problem;
  if (problem) box.setAttribute("aria-invalid", "true");
  else box.removeAttribute("aria-invalid");
  if (problem) box.focus();
}

const errorOf = (id) => el("small", { class: "error", id: `${id}-error` });
const describedBy = (id) => `${id}-hint ${id}-error`;

function list(one) {
  const { title } = one;
  const hint = `${one.hint} One per line, without commas.`;
  const id = `list-${one.name}`;
  const box = el("textarea", { id, rows: Math.max(3, one.values.length + 1), "aria-describedby": describedBy(id), "data-focus": one.name, text: one.values.join("\n") });
  async function put() {
    const values = box.value.split("\n").map((line) => line.trim()).filter(Boolean);
    const split = values.find((value) => value.includes(","));
    fail(box, split ? `“${split}” has a comma in it. Use one line for each item, without commas.` : await write(one.name, values.join(", "), `${title}: saved`));
  }
  const save = el("button", { type: "button", class: "small", "data-focus": `${one.name} save`, on: { click: put } }, "Save");
  return el("div", { class: "setting" }, el("div", {}, el("label", { for: id, text: title }), box, errorOf(id), el("small", { id: `${id}-hint`, text: hint }), save), commands(settingLines(one)));
}

/** The command that sets a parameter and, if it is set and optional, the command that removes it. */
function settingLines(one) {
  const set = [one.isSet ? "Set" : "For example", one.line];
  return one.isSet && one.unset ? [set, ["Remove", one.unset]] : [set];
}

function text(one) {
  const [title, hint] = TITLES[one.name];
  const id = `text-${one.name}`;
  const box = el("input", { type: "text", id, value: one.value, autocomplete: "off", "aria-describedby": describedBy(id), "data-focus": one.name });
  const put = async () => fail(box, await write(one.name, box.value.trim(), `${title}: saved`));
  const save = el("button", { type: "button", class: "small", "data-focus": `${one.name} save`, on: { click: put } }, "Save");
  return el("div", { class: "setting" }, el("div", {}, el("label", { for: id, text: title }), el("div", { class: "inline" }, box, save), errorOf(id), el("small", { id: `${id}-hint`, text: hint })), commands(settingLines(one)));
}

/** The limits of each action, what agents may do, and the command for all of it, which is one parameter. */
function limits(known) {
  const whole = { ...known.parameter, title: "All limits", hint: known.readable ? "" : "This can't be read, so it lets nothing pass. Correct it, or empty it." };
  const all = known.readable ? el("div", { class: "setting" }, el("div", {}, el("b", { text: "All limits" }), el("small", { text: "They are one parameter, a JSON object." })), commands(settingLines(whole))) : limit(whole, commands(settingLines(whole)));
  const people = known.people.map((one) => limit({ ...one, example: known.mayDo }));
  const gladly = "For agents that the helpdesk vouches for (X-Agent-Id, signed or with the bearer token). An agent that is on no list may do everything. Gladly sends no agent as far as is known, so these lists have no effect there, and what needs approval is refused: an admin decides.";
  return [...known.actions.map(ofAction), el("div", { class: "setting" }, el("div", {}, el("b", { text: "What each agent may do" }), el("small", { text: gladly })), addAgent(known)), ...people, all];
}

function ofAction(one) {
  const set = one.fields.filter((field) => field.value).map((field) => `${field.title.toLowerCase()}: ${field.value}`);
  return el("details", { class: "limits" }, el("summary", { "data-focus": `limits ${one.title}` }, el("b", { text: one.title }), el("span", { class: "soft", text: set.length ? set.join(" · ") : "no limits" })), one.fields.map((field) => limit(field)));
}

function limit(one, more = "") {
  const id = `limit-${one.name}`;
  const box = el("input", { type: "text", id, value: one.value, autocomplete: "off", placeholder: one.example ? `such as ${one.example}` : "", "aria-describedby": describedBy(id), "data-focus": one.name });
  const put = async () => fail(box, await write(one.name, box.value.trim(), `${one.title}: saved`));
  const save = el("button", { type: "button", class: "small", "data-focus": `${one.name} save`, on: { click: put } }, "Save");
  return el("div", { class: "setting" }, el("div", {}, el("label", { for: id, text: one.title }), el("div", { class: "inline" }, box, save), errorOf(id)), more || el("small", { id: `${id}-hint`, class: "soft", text: one.hint }));
}

function addAgent(known) {
  const agent = el("input", { type: "text", id: "limit-agent", autocomplete: "off", placeholder: "ann@example.com", "aria-describedby": "limit-agent-error", "data-focus": "limit agent" });
  const may = el("input", { type: "text", id: "limit-may", autocomplete: "off", placeholder: known.mayDo, "aria-describedby": "limit-may-error", "data-focus": "limit may" });
  const form = el("form", { class: "add-store", novalidate: true }, el("div", {}, el("label", { for: "limit-agent", text: "Agent's ID" }), agent, errorOf("limit-agent")), el("div", {}, el("label", { for: "limit-may", text: "May do" }), may, errorOf("limit-may")), el("button", { type: "submit", class: "small" }, "Add the list"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const who = agent.value.trim();
    fail(may, "");
    fail(agent, who ? "" : "Enter the ID that the helpdesk sends.");
    if (!who) return;
    if (!may.value.trim()) fail(may, "Enter what the agent may do.");
    else fail(may, await write(`agents/${who}/actions`, may.value.trim(), `Agent ${who}: saved`));
  });
  return form;
}

const secretOf = (one) => secret(...SECRETS[one.name], one);

function secret(title, hint, one) {
  return el("div", { class: "setting" }, el("div", {}, el("span", { class: "line" }, el("b", { text: title }), badge(one.set ? "Set" : "Not set", one.set ? "good" : "plain")), el("small", { text: hint })), commands([["Set", one.line]]));
}

const scopes = () => el("div", { class: "scopes", id: "scopes", role: "status" });

async function askAccess(known) {
  const [asked, turn] = [store, (asking += 1)];
  const said = await server.access(asked).catch((problem) => ({ problem: problem.message }));
  if (turn !== asking) return;
  access = said;
  document.getElementById("missing")?.replaceWith(missing(known));
  drawAccess();
}

function drawAccess() {
  const where = document.getElementById("scopes");
  if (!where) return;
  if (!access) {
    where.replaceChildren(el("span", { "aria-busy": "true", text: "Checking the app's access to Shopify" }));
    return;
  }
  if (access.problem) {
    where.replaceChildren(el("p", { class: "form-error" }, el("strong", { text: "The app's access to Shopify could not be checked. " }), access.problem));
    return;
  }
  const rows = access.scopes.map((scope) => el("li", {}, badge(scope.granted ? "Granted" : scope.optional ? "Not granted (optional)" : "Missing", scope.granted ? "good" : scope.optional ? "plain" : "bad"), el("code", { text: scope.name }), el("span", { class: "soft", text: scope.purpose })));
  where.replaceChildren(el("b", { text: "The app's access scopes" }), el("ul", {}, rows));
}

function addStore(all) {
  const handle = el("input", { type: "text", id: "new-store", autocomplete: "off", placeholder: "outlet", "aria-describedby": describedBy("new-store"), "data-focus": "new store" });
  const domain = el("input", { type: "text", id: "new-domain", autocomplete: "off", placeholder: "my-outlet.myshopify.com", "aria-describedby": "new-domain-error", "data-focus": "new domain" });
  const form = el(
    "form",
    { class: "add-store", novalidate: true },
    el("div", {}, el("label", { for: "new-store", text: "Handle" }), handle, errorOf("new-store")),
    el("div", {}, el("label", { for: "new-domain", text: "Shopify domain" }), domain, errorOf("new-domain")),
    el("button", { type: "submit", class: "small" }, "Add the store"),
    el("small", { id: "new-store-hint", text: "The handle becomes part of the store's address: use lower-case letters, digits and hyphens. The next page lists what is still missing." }),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const name = handle.value.trim();
    fail(domain, "");
    fail(handle, !HANDLE.test(name) ? HANDLE_RULE : all.includes(name) ? "A store with this handle already exists. Choose it at the top." : "");
    if (handle.getAttribute("aria-invalid")) return;
    try {
      await server.set(name, "shopify/domain", domain.value.trim());
    } catch (problem) {
      fail(domain, problem.message);
      return;
    }
    notice("good", `Store ${name} was added.`);
    await showSettings(place, name);
    document.getElementById("settings-title")?.focus();
  });
  return section("Add a store", "", [form]);
}
