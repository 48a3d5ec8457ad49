// One message at a time, until it is read: what came of an action, or why something could not be shown.

import { el, icon } from "./elements.js";

const place = document.getElementById("notices");
let leaves;

/** Show a message. `tone`: good, bad, wait. A bad one is read out at once. `operation`: the one that it is about. */
export function notice(tone, title, detail = "", operation = "") {
  clearTimeout(leaves);
  const signs = { good: "check", bad: "alert", wait: "clock" };
  const close = el("button", { type: "button", class: "quiet close", "aria-label": "Close message", on: { click: clearNotice } }, icon("close"));
  const said = el("div", { role: tone === "good" ? "status" : "alert" }, el("strong", { text: title }), detail && detail !== title ? el("p", { text: detail, title: detail }) : "");
  place.replaceChildren(el("div", { class: `notice ${tone}`, "data-operation": operation || null }, icon(signs[tone]), said, close));
  // What went well also stands in the timeline; what did not stays until somebody has read it.
  if (tone === "good") leaves = setTimeout(clearNotice, 8000);
}

/** Take the message away when the agent turns to something else; the timeline has what came of an action. */
export function clearNotice() {
  place.replaceChildren();
}

/** An operation has ended: that it is being checked no longer holds. */
export function reconciled(operation) {
  if (place.querySelector(".wait")?.dataset.operation === operation) clearNotice();
}

/** The first error of a reply, as title and sentence. */
export function wordsOf(reply) {
  const first = reply.body?.errors?.[0] || {};
  const title = first.message || first.detail || reply.problem || "Orderdesk did not say why.";
  return [title, first.message ? first.detail || "" : ""];
}
