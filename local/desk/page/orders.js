// An order card: everything that the reply says about the order, with its actions as buttons.

import { badge, el, icon } from "./elements.js";
import { dateOf } from "./moments.js";
import { picture } from "./pictures.js";

/** Statuses in the reply's words. Unknown ones are plain. */
const TONES = [
  [/^(paid|fulfilled|delivered)$/i, "good"],
  [/^(cancelled|refunded|voided|expired|removed)$/i, "bad"],
  [/partially|unpaid|pending|authorized|hold|progress|scheduled/i, "wait"],
];

const toneOf = (status) => TONES.find(([words]) => words.test(status))?.[1] || "plain";

/** A card. `isOpen`: whether it is expanded; `act(action, opener)` opens an action's form. */
export function orderCard(order, isOpen, toggled, act) {
  const [stands, ...told] = (order.orderStatus || "").split(" · ");
  const statuses = stands.split(", ").filter(Boolean);
  const card = el(
    "details",
    { class: "order", open: isOpen },
    el(
      "summary",
      { "data-focus": `order ${order.orderNumber}` },
      el("span", { class: "line" }, el("strong", {}, order.orderNumber, icon("chevron")), el("span", { class: "money", text: order.orderTotal })),
      el("span", { class: "line" }, el("span", { class: "soft", text: dateOf(order.createdAt) }), el("span", { class: "badges" }, statuses.map((status) => badge(capital(status), toneOf(status))))),
      told.map((text) => el("span", { class: "told" }, icon("clock"), capital(text))),
    ),
    el("div", { class: "order-body" }, products(order), money(order), parcels(order), words(order), links(order), buttons(order, act)),
  );
  card.addEventListener("toggle", () => toggled(card.open));
  return card;
}

function products(order) {
  const lines = (order.products || []).map((product) =>
    el(
      "li",
      {},
      picture(product.name || ""),
      el(
        "span",
        { class: "product" },
        el("span", { class: "line" }, el("span", { class: "product-name", text: product.name }), el("span", { class: "money", text: product.unitPrice || "" })),
        el("span", { class: "line soft" }, el("span", { text: [product.sku, product.status].filter(Boolean).join(" · ") }), el("span", { text: product.quantity ? `× ${product.quantity}` : "" })),
      ),
    ),
  );
  return el("ul", { class: "products" }, lines);
}

function money(order) {
  const rows = [["Refunded", order.refundedTotal], ["Can be refunded", order.refundableTotal]].filter(([, amount]) => amount);
  return rows.length ? facts(rows) : "";
}

function parcels(order) {
  return (order.fulfillments || []).map((parcel) => {
    const number = parcel.trackingUrl && /^https?:\/\//.test(parcel.trackingUrl) ? out(parcel.trackingUrl, parcel.trackingNumber || "Track it") : parcel.trackingNumber || "";
    const due = parcel.estimatedDeliveryDate ? `, expected ${dateOf(parcel.estimatedDeliveryDate)}` : "";
    return el("div", { class: "parcel" }, icon("truck"), el("span", {}, el("b", { text: capital(parcel.status || "Sent") }), `${due}${parcel.carrier ? ` with ${parcel.carrier}` : ""} `, number));
  });
}

function words(order) {
  const tags = (order.tags || "").split(", ").filter(Boolean);
  const rows = [];
  if (order.note) rows.push(["Note", el("span", { class: "note", text: order.note })]);
  if (tags.length) rows.push(["Tags", el("span", { class: "badges" }, tags.map((tag) => badge(tag)))]);
  if (order.billingAddress) rows.push(["Billed to", address(order.billingAddress)]);
  return rows.length ? facts(rows) : "";
}

/** An address in one line, in the order of an envelope. */
function address(place) {
  const town = [place.city, place.state, place.zip].filter(Boolean).join(" ");
  return [place.name, place.street1, place.street2, town, place.country].filter(Boolean).join(", ");
}

function links(order) {
  const given = [[order.orderLink, "Open in Shopify"], [order.customerOrderUrl, "Customer's order page"]];
  return el("p", { class: "links" }, given.filter(([url]) => /^https?:\/\//.test(url || "")).map(([url, text]) => out(url, text)));
}

function buttons(order, act) {
  const actions = order.actions || [];
  if (!actions.length) return el("p", { class: "soft", text: "No actions are available for this order." });
  return el(
    "div",
    { class: "actions", role: "group", "aria-label": `Actions on order ${order.orderNumber}` },
    actions.map((action) => el("button", { type: "button", class: "outline small", "data-focus": `${order.orderNumber} ${action.name}`, "aria-label": `${action.name} ${order.orderNumber}`, on: { click: (event) => act(action, event.currentTarget) } }, action.name)),
  );
}

/** A list of names and values. */
export function facts(rows) {
  return el("dl", { class: "facts" }, rows.flatMap(([name, value]) => [el("dt", { text: name }), el("dd", {}, value)]));
}

/** A link that leaves the desk. */
export function out(url, text) {
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, text, icon("out"), el("span", { class: "unseen", text: " (opens in a new tab)" }));
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
