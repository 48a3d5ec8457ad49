// The conversation's timeline: what was done, according to Orderdesk, what is still pending, and what Orderdesk has
// written into the helpdesk's own timeline.

import { avatar, badge, el, icon } from "./elements.js";
import { amountOf, dayOf, timeOf } from "./moments.js";
import { out } from "./orders.js";

const OUTCOMES = {
  SUCCEEDED: ["Done", "good"],
  REFUSED: ["Refused", "bad"],
  FAILED: ["Failed", "bad"],
  UNKNOWN: ["Not confirmed", "wait"],
  WAITING: ["Waiting for approval", "wait"],
  CHECKED: ["Being checked", "wait"],
  UNANSWERED: ["No answer", "wait"],
  REPLIED: ["Done", "good"],
};

/** The pane's frame for a conversation. Entries are drawn into it as they arrive. */
export function frame(conversation, menu) {
  const address = [...conversation.emails, ...conversation.phones].join(" · ");
  return [
    el(
      "div",
      { class: "pane-head" },
      avatar(conversation.name),
      el("div", { class: "titles" }, el("h2", { id: "timeline-title", tabindex: "-1", text: conversation.name }), el("span", { class: "soft", text: bare(address) === bare(conversation.name) ? "" : address })),
      el("span", { class: "live", id: "live" }, "Live"),
    ),
    el("div", { class: "stream-frame", id: "stream-frame", tabindex: "0", role: "log", "aria-label": "Timeline" }, el("ol", { class: "stream", id: "stream" })),
    el("div", { class: "pane-foot" }, menu),
  ];
}

const bare = (text) => text.replace(/\s/g, "");

/** What is shown before the agent opens a conversation. */
export function nobody(isEmpty) {
  const [title, text] = isEmpty
    ? ["No conversation yet", "Open one on the left, with a customer's email address or phone number."]
    : ["Choose a conversation", "What you do for the customer appears here."];
  return [el("div", { class: "empty" }, icon("person"), el("h2", { id: "timeline-title", tabindex: "-1", text: title }), el("p", { text }))];
}

/** Add entries to the stream. Existing ones stay, so that screen readers announce only new ones. `older(button)` loads
 * the previous page; null if there is none. `activities`: what the helpdesk's own timeline has. */
export function fill(conversation, entries, older, activities = []) {
  const stream = document.getElementById("stream");
  const around = document.getElementById("stream-frame");
  if (!stream) return;
  if (!stream.childElementCount) stayAtTheEnd(around, stream);
  const wanted = [...withDays(conversation, entries, older, activities)];
  const there = new Map([...stream.children].map((child) => [child.dataset.key, child]));
  const keys = new Set(wanted.map(([key]) => key));
  for (const [key, child] of there) if (!keys.has(key)) child.remove();
  let before = stream.firstChild;
  for (const [key, make] of wanted) {
    if (before?.dataset.key === key) {
      before = before.nextSibling;
    } else {
      const node = there.get(key) || make();
      node.dataset.key = key;
      stream.insertBefore(node, before);
    }
  }
}

/** Draw older entries without moving the visible ones. If the focused button is gone, the focus stays in the stream. */
export function growUpwards(draw) {
  const around = document.getElementById("stream-frame");
  const held = around.contains(document.activeElement) ? document.activeElement : null;
  const below = around.scrollHeight - around.scrollTop;
  draw();
  around.scrollTop = around.scrollHeight - below;
  if (held && !held.isConnected) around.focus();
}

/** If the newest entry is in view, keep it in view when an entry arrives or the pane's height changes. */
function stayAtTheEnd(around, stream) {
  let atEnd = true;
  around.addEventListener("scroll", () => { atEnd = around.scrollHeight - around.scrollTop - around.clientHeight < 40; });
  const watcher = new ResizeObserver(() => { if (atEnd) around.scrollTop = around.scrollHeight; });
  watcher.observe(around);
  watcher.observe(stream);
}

function* withDays(conversation, entries, older, activities) {
  const shown = entries.map((entry) => [new Date(entry.at), `${entry.operation}/${entry.attempt}/${entry.outcome}`, () => done(entry)]);
  for (const one of activities) shown.push([new Date(one.at), `activity ${one.id}`, () => activity(one)]);
  if (conversation.text) shown.push([new Date(conversation.at), "message", () => message(conversation)]);
  shown.sort((one, other) => one[0] - other[0]);
  let day = "";
  if (older) yield ["older", () => el("li", { class: "older" }, el("button", { type: "button", class: "outline small", on: { click: (event) => older(event.currentTarget) } }, "Older"))];
  for (const [moment, key, make] of shown) {
    const its = dayOf(moment);
    if (its !== day) yield [`day ${its}`, () => el("li", { class: "day" }, el("span", { text: its }))];
    day = its;
    yield [key, make];
  }
  if (!entries.length) yield ["empty", () => el("li", { class: "nothing", text: "Nothing has been done for this customer yet." })];
}

function message(conversation) {
  const way = conversation.emails.length ? "wrote" : "called";
  return el(
    "li",
    { class: "message" },
    el("span", { class: "by" }, el("b", { text: conversation.name }), ` ${way} – ${timeOf(new Date(conversation.at))}`),
    el("div", { class: "bubble", text: conversation.text }),
  );
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** An item or a task of the helpdesk's own timeline, as the helpdesk shows it. */
function activity(one) {
  const isTask = one.kind === "task";
  const what = isTask ? " added a task – " : " added to the customer's timeline – ";
  return el(
    "li",
    { class: `done activity ${isTask ? "wait" : ""}` },
    el("span", { class: "by" }, el("b", { text: one.source || "Orderdesk" }), what, el("time", { datetime: one.written, text: timeOf(new Date(one.written)) })),
    el(
      "article",
      { class: "entry" },
      one.title ? el("div", { class: "entry-head" }, el("strong", { text: one.title })) : "",
      el("p", { text: one.text }),
      el("div", { class: "entry-foot" }, badge(isTask ? "Task" : "In the helpdesk", isTask ? "wait" : "plain"), one.due ? el("span", { class: "soft", text: `due ${timeOf(new Date(one.due))}` }) : "", one.link ? out(one.link.url, one.link.text) : ""),
    ),
  );
}

/** Whether the entry's text already says it. */
const says = (entry, text) => !text || `${entry.message} ${entry.detail || ""}`.toLowerCase().includes(text.toLowerCase());

/** What an entry is about: the form's title, or for a stored entry its action and order. */
function about(entry) {
  if (entry.about) return entry.about;
  const action = (entry.action || "").replaceAll("_", " ").replaceAll("-", " ");
  return [action.charAt(0).toUpperCase() + action.slice(1), entry.order_name].filter(Boolean).join(" ");
}

/** Whether the entry's text names the order. A pending entry's text does not. */
const isNamed = (entry) => (entry.order_name ? says(entry, entry.order_name) : tone(entry) !== "wait");
const tone = (entry) => (OUTCOMES[entry.outcome] || ["", "plain"])[1];

function done(entry) {
  const [word] = OUTCOMES[entry.outcome] || [entry.outcome];
  const amount = Number(entry.amount) ? el("span", { class: "amount", text: amountOf(entry.amount, entry.currency) }) : "";
  const agent = entry.agent_name || entry.agent_id || "An agent";
  const decided = entry.decision ? `${capital(entry.decision)} by ${entry.decided_by_name || entry.decided_by}${entry.decision_note && !says(entry, entry.decision_note) ? `: ${entry.decision_note}` : ""}` : "";
  return el(
    "li",
    { class: `done ${tone(entry)}` },
    el("span", { class: "by" }, el("b", { text: agent }), " performed an activity – ", el("time", { datetime: entry.at, text: timeOf(new Date(entry.at)) })),
    el(
      "article",
      { class: "entry" },
      el("div", { class: "entry-head" }, el("strong", { text: entry.message }), amount),
      entry.detail && entry.detail !== entry.message ? el("p", { text: entry.detail }) : "",
      el("div", { class: "entry-foot" }, badge(word, tone(entry)), isNamed(entry) ? "" : el("span", { text: about(entry) }), says(entry, entry.reason) ? "" : el("span", { class: "soft", text: entry.reason }), decided ? el("span", { text: decided }) : ""),
    ),
  );
}
