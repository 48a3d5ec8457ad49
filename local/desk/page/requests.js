// The drawer: the requests behind the page, and in the demo the buttons that break Shopify.

import { badge, copyButton, el, icon } from "./elements.js";
import { exactTimeOf } from "./moments.js";
import { notice } from "./notice.js";
import * as server from "./server.js";

const POLL = 1500;
const LOOK = 5000;
const WORDS = { lookup: "Lookup", form: "Form", submit: "Submit", timeline: "Timeline", scopes: "Scopes", others: "Others" };

const UNASKED = {
  scopes: "The configuration page checks what the app may do",
  others: "Shopify calls between requests: by the reconciler, by someone else, or late work",
};

/** Set up the drawer for a session. */
export function watchRequests(session) {
  const drawer = document.getElementById("requests");
  const button = document.getElementById("requests-button");
  const list = el("ol", { class: "exchanges", "aria-label": "Requests, newest first" }, el("li", { class: "nothing", text: "No requests yet." }));
  const close = el("button", { type: "button", class: "quiet round", "aria-label": "Close the requests" }, icon("close"));
  drawer.replaceChildren(
    el("div", { class: "drawer-head" }, el("h2", { id: "requests-title", tabindex: "-1", text: "Requests" }), el("span", { class: "soft", text: session.signed ? "Signed with Gladly's signature. The key stays on the desk's server." : "With a bearer token, which stays on the desk's server." }), close),
    session.demo ? troubles(session.troubles) : "",
    el("div", { class: "drawer-body", tabindex: "0", role: "region", "aria-label": "List of requests" }, list),
  );
  let version = 0;
  const show = (isOpen) => {
    drawer.hidden = !isOpen;
    document.body.classList.toggle("with-drawer", isOpen);
    button.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) { read(); document.getElementById("requests-title").focus(); } else button.focus();
  };
  async function read() {
    const said = await server.exchanges(version).catch(() => ({ exchanges: [] }));
    for (const exchange of said.exchanges) {
      version = Math.max(version, exchange.version);
      put(list, exchange, session.signed);
    }
  }
  button.addEventListener("click", () => show(drawer.hidden));
  close.addEventListener("click", () => show(false));
  drawer.addEventListener("keydown", (event) => { if (event.key === "Escape") show(false); });
  setInterval(() => { if (!drawer.hidden && !document.hidden) read(); }, POLL);
}

/** Add an exchange at the top, or redraw the one that has changed. */
function put(list, exchange, isSigned) {
  list.querySelector(".nothing")?.remove();
  const already = list.querySelector(`[data-number="${exchange.number}"]`);
  const drawn = row(exchange, isSigned);
  if (!already) { list.prepend(drawn); return; }
  // For a repeated timeline only the count changes. Leave expanded details expanded.
  already.querySelector("summary").replaceChildren(...drawn.querySelector("summary").childNodes);
}

function row(exchange, isSigned) {
  const isAsked = Boolean(exchange.url);
  const path = isAsked ? exchange.url.replace(/^.*?\/stores\//, "/stores/") : UNASKED[exchange.kind];
  const cost = exchange.shopify.reduce((sum, call) => sum + (call.actualCost || 0), 0);
  const status = exchange.status === null ? (isAsked ? badge("no answer", "bad") : "") : badge(String(exchange.status), exchange.status < 400 ? "good" : exchange.status === 400 ? "wait" : "bad");
  const summary = el(
    "summary",
    {},
    el("time", { text: exactTimeOf(new Date(exchange.at)) }),
    el("b", { class: "kind", text: WORDS[exchange.kind] || exchange.kind }),
    el("code", { class: "path", text: `${exchange.method} ${path} ${asks(exchange)}`.trim() }),
    exchange.times > 1 ? el("span", { class: "soft", text: `${exchange.times} times` }) : "",
    status,
    el("span", { class: "took", text: !isAsked ? "" : `${exchange.milliseconds} ms` }),
    el("span", { class: "cost", text: exchange.shopify.length ? `${exchange.shopify.length} Shopify ${exchange.shopify.length === 1 ? "call" : "calls"}, cost ${cost}` : "" }),
  );
  return el("li", { "data-number": exchange.number }, el("details", { class: "exchange" }, summary, whole(exchange, isSigned)));
}

/** What a lookup asks for. All lookups have the same URL. */
function asks(exchange) {
  if (exchange.kind !== "lookup") return "";
  const { lookupLevel, query } = JSON.parse(exchange.body);
  const { externalCustomerId: id, emails = [], phones = [], email, phone, orderNumber } = query;
  return [lookupLevel, id || [...emails, ...phones, email, phone, orderNumber].filter(Boolean).join(", ")].join(" ");
}

function whole(exchange, isSigned) {
  const parts = [];
  if (exchange.url) {
    parts.push(el("div", { class: "bar" }, copyButton("Copy as curl", async () => (await server.curl(exchange.number)).line), el("span", { class: "soft", text: isSigned ? "Signed when you copy it; valid for five minutes." : "Set $BEARER_TOKEN in the shell first." })));
    parts.push(block("Request", `${exchange.method} ${exchange.url}\n${headers(exchange.headers)}${exchange.body ? `\n\n${pretty(exchange.body)}` : ""}`));
    parts.push(block("Reply", exchange.problem || (typeof exchange.reply === "string" ? exchange.reply : JSON.stringify(exchange.reply, null, 2))));
  }
  if (exchange.shopify.length) parts.push(calls(exchange.shopify), ...exchange.shopify.map(sent));
  return el("div", { class: "whole" }, parts);
}

const headers = (given) => Object.entries(given).map(([name, value]) => `${name}: ${value}`).join("\n");

function pretty(body) {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

const block = (title, text) => el("div", { class: "block" }, el("h3", { text: title }), el("pre", { tabindex: "0", role: "region", "aria-label": title, text }));

function calls(made) {
  const rows = made.map((call) => el("tr", {}, el("td", {}, el("code", { text: call.name })), el("td", { text: call.actualCost ?? "–" }), el("td", { text: call.requestedCost ?? "–" }), el("td", { text: `${call.milliseconds} ms` }), el("td", { text: call.errors ? call.errors.map((error) => error.message).join(" ") : "" })));
  const titles = ["Document", "Cost", "Requested", "Time", "Errors"].map((text) => el("th", { scope: "col", text }));
  return el("div", { class: "block" }, el("h3", { text: "Shopify" }), el("div", { class: "table", tabindex: "0", role: "region", "aria-label": "Calls to Shopify" }, el("table", {}, el("thead", {}, el("tr", {}, titles)), el("tbody", {}, rows))));
}

/** A call to Shopify, collapsed: its document and variables. */
function sent(call) {
  const text = `${call.document.trim()}\n\n${JSON.stringify(call.variables ?? {}, null, 2)}`;
  return el("details", { class: "block call" }, el("summary", {}, el("code", { text: call.name }), " document and variables"), el("pre", { tabindex: "0", role: "region", "aria-label": `${call.name}: document and variables`, text }));
}

function troubles(given) {
  const sign = document.getElementById("trouble-sign");
  const watch = el("span", { class: "soft watch", role: "status" });
  const buttons = given.map((one) => el("button", { type: "button", class: "small", "aria-pressed": "false", "data-trouble": one.name, on: { click: () => change(one.name) } }, one.label));
  let shown = "";
  function show(name) {
    if (name === shown) return;
    shown = name;
    const on = given.find((one) => one.name === name);
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.trouble === name));
    watch.textContent = on ? on.watch : "Someone has set other faults.";
    const isWell = name === "none";
    sign.textContent = isWell ? "" : `Shopify: ${on ? on.label.toLowerCase() : "faulty"}`;
    sign.className = `trouble-sign ${isWell ? "" : "on"}`;
  }
  async function change(name) {
    try {
      show((await server.makeTrouble(name)).name);
    } catch (problem) {
      notice("bad", problem.message);
    }
  }
  const read = () => server.trouble().then((now) => show(now.name), () => {});
  read();
  // Another window or a test may change it too.
  setInterval(() => { if (!document.hidden) read(); }, LOOK);
  return el("div", { class: "troubles", role: "group", "aria-label": "Break Shopify" }, el("b", { text: "Shopify" }), el("span", { class: "segments" }, buttons), watch);
}
