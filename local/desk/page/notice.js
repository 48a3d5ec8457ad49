// One message at a time, until it is read: what came of an action, or why something could not be shown.

import { el, icon } from "./elements.js";

const place = document.getElementById("notices");
let leaves;

/** Show a message. `tone`: good, bad, wait. A bad one is read out at once. */
export function notice(tone, title, detail = "") {
  clearTimeout(leaves);
  const signs = { good: "check", bad: "alert", wait: "clock" };
  const gone = () => place.replaceChildren();
  const close = el("button", { type: "button", class: "quiet close", "aria-label": "Close message", on: { click: gone } }, icon("close"));
  const said = el("div", { role: tone === "good" ? "status" : "alert" }, el("strong", { text: title }), detail && detail !== title ? el("p", { text: detail }) : "");
  place.replaceChildren(el("div", { class: `notice ${tone}` }, icon(signs[tone]), said, close));
  // What went well also stands in the timeline; what did not stays until somebody has read it.
  if (tone === "good") leaves = setTimeout(gone, 8000);
}

/** Take away what went well when the agent goes on; what did not is theirs to close. */
export function goOn() {
  if (place.querySelector(".good")) place.replaceChildren();
}

/** The first error of a reply, as title and sentence. */
export function wordsOf(reply) {
  const first = reply.body?.errors?.[0] || {};
  const title = first.message || first.detail || reply.problem || "Orderdesk did not say why.";
  return [title, first.message ? first.detail || "" : ""];
}
