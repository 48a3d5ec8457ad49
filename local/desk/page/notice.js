// One message at a time: the result of an action, or why something could not be shown.

import { el, icon } from "./elements.js";

const place = document.getElementById("notices");
let leaves;

/** Show a message. `tone`: good, bad, wait. Screen readers announce a bad one at once. `operation`: its operation. */
export function notice(tone, title, detail = "", operation = "") {
  clearTimeout(leaves);
  const signs = { good: "check", bad: "alert", wait: "clock" };
  const close = el("button", { type: "button", class: "quiet close", "aria-label": "Close message", on: { click: clearNotice } }, icon("close"));
  const said = el("div", { role: tone === "good" ? "status" : "alert" }, el("strong", { text: title }), detail && detail !== title ? el("p", { text: detail, title: detail }) : "");
  place.replaceChildren(el("div", { class: `notice ${tone}`, "data-operation": operation || null }, icon(signs[tone]), said, close));
  // A success is also in the timeline. Anything else stays until the agent has read it.
  if (tone === "good") leaves = setTimeout(clearNotice, 8000);
}

/** Remove the message when the agent does something else. The timeline has the result of the action. */
export function clearNotice() {
  place.replaceChildren();
}

/** Remove “being checked” when the operation has ended. */
export function reconciled(operation) {
  if (place.querySelector(".wait")?.dataset.operation === operation) clearNotice();
}

/** The first error of a reply, as title and sentence. */
export function wordsOf(reply) {
  const first = reply.body?.errors?.[0] || {};
  const title = first.message || first.detail || reply.problem || "Orderdesk gave no reason.";
  return [title, first.message ? first.detail || "" : ""];
}
