// The customer's profile: linked or not, by whom it may be, a search by hand, and the orders.

import { avatar, badge, el, icon } from "./elements.js";
import { facts, orderCard, out } from "./orders.js";

const SEARCHES = [["email", "E-mail"], ["phone", "Phone"], ["orderNumber", "Order number"]];

/** The one result that links by itself, as Gladly decides it; null where an agent has to. */
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

/** While it is asked for. */
export function asking(text) {
  return [head(), el("div", { class: "empty" }, el("span", { "aria-busy": "true", text }))];
}

/** Before a conversation is chosen. */
export function nobody() {
  return [head(), el("div", { class: "empty" }, icon("person"), el("p", { text: "The customer's orders appear here." }))];
}

/** Linked, and no profile came: Shopify was slow or down, or the customer is gone. */
export function unread(problem, again, unlink) {
  return [
    head(badge("Linked", "good")),
    el(
      "div",
      { class: "empty" },
      icon("alert"),
      el("h3", { text: problem || "The store did not show this customer just now." }),
      el("p", { text: "The customer stays linked. Shopify may be slow or down; nothing was changed." }),
      el("div", { class: "actions" }, el("button", { type: "button", "data-focus": "again", on: { click: again } }, "Try again"), el("button", { type: "button", class: "quiet", on: { click: unlink } }, "Unlink")),
    ),
  ];
}

/** Linked: who it is, and the orders. `opened`: numbers of the cards that are unfolded. */
export function linked(customer, opened, { again, unlink, act }) {
  const orders = customer.transactions || [];
  const attributes = customer.customAttributes || {};
  const rows = [
    ["E-mail", listed(customer.emails)], ["Phone", listed(customer.phones)], ["Address", customer.address],
    ["Orders", attributes.totalOrders], ["Spent", attributes.totalSpent],
  ].filter(([, value]) => value);
  return [
    head(badge("Linked", "good"), el("button", { type: "button", class: "quiet round", "aria-label": "Refresh the profile", "data-focus": "again", on: { click: again } }, icon("again"))),
    el(
      "div",
      { class: "scroll" },
      el("div", { class: "person" }, avatar(customer.name || "?"), el("h3", { text: customer.name || "No name" }), el("button", { type: "button", class: "quiet small", "data-focus": "unlink", on: { click: unlink } }, "Unlink")),
      facts(rows),
      /^https?:\/\//.test(attributes.customerLink || "") ? el("p", { class: "links" }, out(attributes.customerLink, "Open in Shopify")) : "",
      el("h3", { class: "orders-title", id: "orders-title", tabindex: "-1", text: orders.length === 1 ? "1 order" : `${orders.length} orders` }),
      orders.map((order) => orderCard(order, opened.has(order.orderNumber), (isOpen) => (isOpen ? opened.add(order.orderNumber) : opened.delete(order.orderNumber)), act)),
    ),
  ];
}

const listed = (values) => (values || []).map((one) => one.original).join(", ");

/** Not linked: whom the automatic match found, and a search by hand. */
export function unlinked(found, why, { search, link }) {
  return [head(badge("Not linked", "wait")), el("div", { class: "scroll" }, el("p", { class: "why", text: why }), candidates(found, link, "Possible matches"), searchForm(search, link))];
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
  const text = el("input", { id: "search-text", name: "text", type: "text", autocomplete: "off", required: true });
  const outcome = el("div", { role: "status", class: "outcome" });
  const button = el("button", { type: "submit" }, "Search");
  const form = el(
    "form",
    { class: "search" },
    el("h3", { text: "Search the store" }),
    el("label", { for: "search-by", text: "By" }), by,
    el("label", { for: "search-text", text: "Text" }), text,
    button, outcome,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.setAttribute("aria-busy", "true");
    const [found, problem] = await search(by.value, text.value.trim());
    button.removeAttribute("aria-busy");
    const count = found.length === 1 ? "1 possible match" : `${found.length} possible matches`;
    outcome.replaceChildren(el("p", { text: problem || (found.length ? count : "Nobody was found. Try another address or number.") }), candidates(found, link, "Found") || "");
  });
  return form;
}
