// The customer's profile: linked or not, possible matches, a manual search, and the orders.

import { avatar, badge, el, icon } from "./elements.js";
import { facts, orderCard, out } from "./orders.js";

/** What the store can be searched by: the query's key, its label, and an example. */
const SEARCHES = [["email", "Email address", "name@example.com"], ["phone", "Phone number", "+1 415 555 0123"], ["orderNumber", "Order number", "1025"]];

/** The one result that links automatically, by Gladly's rules; null if the agent has to choose. */
export function linksByItself(results, conversation) {
  if (results.length !== 1 || conversation.byHand) return null;
  const [only] = results;
  const emails = (only.emails || []).map((one) => one.original.toLowerCase());
  const phones = (only.phones || []).filter((one) => one.type === "MOBILE").map((one) => bare(one.original));
  const same = conversation.emails.some((one) => emails.includes(one.toLowerCase())) || conversation.phones.some((one) => phones.includes(bare(one)));
  return same ? only : null;
}

const bare = (phone) => phone.replace(/[^\d+]/g, "");

const head = (...more) => el("div", { class: "pane-head" }, el("h2", { id: "profile-title", tabindex: "-1", text: "Customer" }), ...more);

/** While the profile is loading. */
export function asking(text) {
  return [head(), el("div", { class: "empty" }, el("span", { "aria-busy": "true", text }))];
}

/** Before the agent opens a conversation. */
export function nobody() {
  return [head(), el("div", { class: "empty" }, icon("person"), el("p", { text: "The customer's orders appear here." }))];
}

/** Linked, but there is no profile: Shopify was slow or down, or the customer no longer exists. */
export function unread(problem, again, unlink) {
  return [
    head(badge("Linked", "good")),
    el(
      "div",
      { class: "empty" },
      icon("alert"),
      el("h3", { text: problem || "The customer could not be loaded." }),
      el("p", { text: "Shopify may be slow or down. The customer stays linked, and nothing was changed." }),
      el("div", { class: "actions" }, el("button", { type: "button", "data-focus": "again", on: { click: again } }, "Try again"), el("button", { type: "button", class: "quiet", on: { click: unlink } }, "Unlink")),
    ),
  ];
}

/** Linked: the customer and the orders. `opened`: the numbers of the expanded cards. */
export function linked(customer, opened, { again, unlink, act }) {
  const orders = customer.transactions || [];
  const attributes = customer.customAttributes || {};
  const rows = [
    ["Email", listed(customer.emails)], ["Phone", listed(customer.phones)], ["Address", customer.address],
    ["Orders", attributes.totalOrders], ["Spent", attributes.totalSpent], ["Last actions", attributes.lastActions],
  ].filter(([, value]) => value);
  return [
    head(badge("Linked", "good"), refreshButton(again)),
    el(
      "div",
      { class: "scroll" },
      el("div", { class: "person" }, avatar(customer.name || "?"), el("h3", { text: customer.name || "No name" }), el("button", { type: "button", class: "quiet small", "data-focus": "unlink", on: { click: unlink } }, "Unlink")),
      facts(rows),
      /^https?:\/\//.test(attributes.customerLink || "") ? el("p", { class: "links" }, out(attributes.customerLink, "Open in Shopify")) : "",
      el("h3", { class: "orders-title", id: "orders-title", tabindex: "-1", text: counted(orders.length, Number(attributes.totalOrders)) }),
      orders.map((order) => orderCard(order, opened.has(order.orderNumber), (isOpen) => (isOpen ? opened.add(order.orderNumber) : opened.delete(order.orderNumber)), act)),
    ),
  ];
}

/** A profile has the newest orders, and those that an agent searched for. */
function counted(shown, all) {
  if (all > shown) return `${shown} of ${all} orders. Search for older ones by order number`;
  return shown === 1 ? "1 order" : `${shown} orders`;
}

const refreshButton = (again) => el("button", { type: "button", class: "quiet round", "aria-label": "Refresh the profile", "data-focus": "again", on: { click: again } }, icon("again"));

const listed = (values) => (values || []).map((one) => one.original).join(", ");

/** Not linked: the automatic matches, and a manual search. */
export function unlinked(found, why, { search, link, again }) {
  const retry = found.length ? "" : el("p", {}, el("button", { type: "button", class: "outline small", "data-focus": "retry", on: { click: again } }, "Try again"));
  return [head(badge("Not linked", "wait"), refreshButton(again)), el("div", { class: "scroll" }, el("div", { class: "why" }, el("p", { text: why }), retry), candidates(found, link, "Possible matches"), searchForm(search, link))];
}

function candidates(found, link, title) {
  if (!found.length) return "";
  return el(
    "ul",
    { class: "candidates", "aria-label": title },
    found.map((one) =>
      el(
        "li",
        {},
        el("div", {}, el("strong", { text: one.name || "No name" }), [listed(one.emails), listed(one.phones), one.address].filter(Boolean).map((text) => el("span", { class: "soft", text }))),
        el("button", { type: "button", class: "small", "aria-label": `Link ${one.name || one.externalCustomerId}`, on: { click: () => link(one) } }, "Link"),
      ),
    ),
  );
}

function searchForm(search, link) {
  const by = el("select", { id: "search-by", name: "by" }, SEARCHES.map(([value, text]) => el("option", { value, text })));
  const label = el("label", { for: "search-text" });
  const text = el("input", { id: "search-text", name: "text", type: "text", autocomplete: "off", required: true });
  const outcome = el("div", { role: "status", class: "outcome" });
  const button = el("button", { type: "submit" }, "Search");
  const form = el(
    "form",
    { class: "search" },
    el("h3", { text: "Search the store" }),
    el("label", { for: "search-by", text: "Search by" }), by,
    label, text,
    button, outcome,
  );
  function name() {
    const [, words, example] = SEARCHES.find(([value]) => value === by.value);
    label.textContent = words;
    text.placeholder = example;
    outcome.replaceChildren();
  }
  name();
  by.addEventListener("change", name);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.setAttribute("aria-busy", "true");
    const [found, problem] = await search(by.value, text.value.trim());
    button.removeAttribute("aria-busy");
    const count = found.length === 1 ? "1 possible match" : `${found.length} possible matches`;
    outcome.replaceChildren(el("p", { text: problem || (found.length ? count : "No customer was found, or the store could not be reached. Try again, or try another address or number.") }), candidates(found, link, "Found") || "");
  });
  return form;
}
