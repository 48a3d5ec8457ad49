// The configuration page: a store's parameters in SSM, what is missing, and the `aws ssm` line beside each.

import { badge, copyButton, el, icon, redraw } from "./elements.js";
import { notice } from "./notice.js";
import * as server from "./server.js";

const TITLES = {
  "actions/refund_order/reasons": ["Reasons for a refund", "One a line. Without any, agents choose from the usual ones."],
  "actions/edit_order_tags/categories": ["Category tags", "One a line. With any, the tags form swaps the one category tag; without, tags are edited freely."],
  "shopify/domain": ["Shopify domain", "The store's own domain: my-store.myshopify.com"],
  default_region: ["Default country", "Two letters, for phone numbers without a country code: US"],
};
const SECRETS = {
  "helpdesk/signing_key": ["Signing key", "What the helpdesk signs with. This or the bearer token is needed."],
  "helpdesk/bearer_token": ["Bearer token", "For helpdesks that do not sign."],
  "shopify/client_secret": ["Client secret", "Of the Shopify app, beside its client ID."],
  "shopify/access_token": ["Access token", "Of an app from before 2026, in place of ID and secret."],
};

let place;
let store;

/** Show the page for a store. */
export async function showSettings(where, which) {
  [place, store] = [where, which];
  if (!place.childElementCount) place.replaceChildren(el("div", { class: "empty" }, el("span", { "aria-busy": "true", text: "Reading the parameters" })));
  try {
    const [all, known] = await Promise.all([server.stores(), server.settings(store)]);
    draw(all.stores, known);
    askAccess();
  } catch (problem) {
    place.replaceChildren(el("div", { class: "empty alone", role: "alert" }, icon("alert"), el("h2", { text: "The parameters cannot be read" }), el("p", { text: problem.message })));
  }
}

async function write(name, value, said) {
  try {
    const known = await server.set(store, name, value);
    notice("good", said);
    const all = await server.stores();
    draw(all.stores, known);
    askAccess();
    return true;
  } catch (problem) {
    notice("bad", problem.message);
    return false;
  }
}

function draw(all, known) {
  redraw(
    place,
    [
      el(
        "div",
        { class: "settings-inner" },
        head(all, known),
        missing(known),
        section("What agents may do", "A submit reads the switches anew; a form or a profile may be 30 seconds behind.", known.switches.map((one, index) => toggle(one, index === 0, known.switches[0].on))),
        section("Lists", "", known.lists.map(list)),
        section("Shopify", "", [...known.texts.map(text), secret("Client ID", "Of the Shopify app.", known.clientId), ...known.secrets.filter((one) => one.name.startsWith("shopify/")).map(secretOf), scopes()]),
        section("Helpdesk", "Secrets are never shown, only whether they are set.", known.secrets.filter((one) => one.name.startsWith("helpdesk/")).map(secretOf)),
        addStore(),
      ),
    ],
    "#settings-title",
  );
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
  if (!known.missing.length) return el("div", { class: "all-there" }, icon("check"), el("span", { text: "Everything that this store needs is set." }));
  return el("section", { class: "missing", "aria-label": "What is missing" }, el("h3", { text: "What is missing" }), el("ul", {}, known.missing.map((one) => el("li", {}, el("strong", { text: one.what }), el("span", { text: one.why }), el("code", { text: one.name })))));
}

const section = (title, hint, children) => el("section", { class: "settings-section" }, el("h3", { text: title }), hint ? el("p", { class: "soft", text: hint }) : "", children);

const command = (line) => el("div", { class: "command" }, el("code", { text: line }), copyButton("Copy", () => line));

function toggle(one, isMaster, masterIsOn) {
  const id = `switch-${one.name}`;
  const box = el("input", { type: "checkbox", role: "switch", id, checked: one.on, "data-focus": one.name });
  box.addEventListener("change", () => write(one.name, String(box.checked), `${one.title}: ${box.checked ? "on" : "off"}`).then((isDone) => { if (!isDone) box.checked = one.on; }));
  const idle = !isMaster && one.on && !masterIsOn ? el("small", { id: `${id}-idle`, text: "On, but the master switch is off." }) : "";
  if (idle) box.setAttribute("aria-describedby", `${id}-idle`);
  return el("div", { class: `setting ${isMaster ? "master" : ""}` }, el("div", {}, el("label", { for: id, class: "switch" }, box, el("b", { text: one.title })), idle), command(one.lines[String(one.on)]));
}

function list(one) {
  const [title, hint] = TITLES[one.name];
  const id = `list-${one.name}`;
  const box = el("textarea", { id, rows: Math.max(3, one.values.length + 1), "aria-describedby": `${id}-hint`, "data-focus": one.name });
  box.value = one.values.join("\n");
  const save = el("button", { type: "button", class: "small", "data-focus": `${one.name} save`, on: { click: () => write(one.name, box.value.split("\n").map((line) => line.trim()).filter(Boolean).join(", "), `${title}: saved`) } }, "Save");
  return el("div", { class: "setting" }, el("div", {}, el("label", { for: id, text: title }), box, el("small", { id: `${id}-hint`, text: hint }), save), command(one.line));
}

function text(one) {
  const [title, hint] = TITLES[one.name];
  const id = `text-${one.name}`;
  const box = el("input", { type: "text", id, value: one.value, autocomplete: "off", "aria-describedby": `${id}-hint`, "data-focus": one.name });
  const save = el("button", { type: "button", class: "small", "data-focus": `${one.name} save`, on: { click: () => write(one.name, box.value.trim(), `${title}: saved`) } }, "Save");
  return el("div", { class: "setting" }, el("div", {}, el("label", { for: id, text: title }), el("div", { class: "beside" }, box, save), el("small", { id: `${id}-hint`, text: hint })), command(one.line));
}

const secretOf = (one) => secret(...SECRETS[one.name], one);

function secret(title, hint, one) {
  return el("div", { class: "setting" }, el("div", {}, el("span", { class: "line" }, el("b", { text: title }), badge(one.set ? "Set" : "Not set", one.set ? "good" : "plain")), el("small", { text: hint })), command(one.line));
}

const scopes = () => el("div", { class: "scopes", id: "scopes", role: "status" }, el("span", { "aria-busy": "true", text: "Asking Shopify what the app may do" }));

async function askAccess() {
  const [asked, where] = [store, document.getElementById("scopes")];
  const said = await server.access(asked).catch((problem) => ({ problem: problem.message }));
  if (!where.isConnected || asked !== store) return;
  if (said.problem) {
    where.replaceChildren(el("p", { class: "form-error" }, el("strong", { text: "Shopify could not be asked what the app may do. " }), said.problem));
    return;
  }
  const rows = said.scopes.map((scope) => el("li", {}, badge(scope.granted ? "Granted" : scope.optional ? "Not granted (optional)" : "Missing", scope.granted ? "good" : scope.optional ? "plain" : "bad"), el("code", { text: scope.name }), el("span", { class: "soft", text: scope.purpose })));
  where.replaceChildren(el("b", { text: "What Shopify lets the app do" }), el("ul", {}, rows));
}

function addStore() {
  const handle = el("input", { type: "text", id: "new-store", autocomplete: "off", placeholder: "outlet", "aria-describedby": "new-store-hint" });
  const domain = el("input", { type: "text", id: "new-domain", autocomplete: "off", placeholder: "my-outlet.myshopify.com" });
  const form = el(
    "form",
    { class: "add-store", novalidate: true },
    el("div", {}, el("label", { for: "new-store", text: "Handle" }), handle),
    el("div", {}, el("label", { for: "new-domain", text: "Shopify domain" }), domain),
    el("button", { type: "submit", class: "small" }, "Add the store"),
    el("small", { id: "new-store-hint", text: "Lower-case letters, digits and hyphens: it becomes part of the store's address. What is missing is listed next." }),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await server.set(handle.value.trim(), "shopify/domain", domain.value.trim());
      notice("good", `Store ${handle.value.trim()} was added.`);
      await showSettings(place, handle.value.trim());
      document.getElementById("settings-title")?.focus();
    } catch (problem) {
      notice("bad", problem.message);
    }
  });
  return section("Add a store", "", [form]);
}
