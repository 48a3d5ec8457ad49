// The conversation's timeline: what was done, as Orderdesk has it on record, and what still waits for its end.

import { avatar, badge, el, icon } from "./elements.js";
import { amountOf, dayOf, timeOf } from "./moments.js";

const OUTCOMES = {
  SUCCEEDED: ["Done", "good"],
  REFUSED: ["Refused", "bad"],
  FAILED: ["Failed", "bad"],
  UNKNOWN: ["Not known", "wait"],
  WAITING: ["Being checked", "wait"],
  UNANSWERED: ["No answer", "wait"],
  REPLIED: ["Done", "good"],
};

/** The pane's frame for a conversation; `entries` are drawn into it as they come. */
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

/** What is shown before a conversation is chosen. */
export function nobody(isEmpty) {
  const [title, text] = isEmpty
    ? ["No conversation yet", "Open one by an e-mail address or a phone number of a customer of the store, on the left."]
    : ["Choose a conversation", "What is done for the customer appears here."];
  return [el("div", { class: "empty" }, icon("person"), el("h2", { id: "timeline-title", tabindex: "-1", text: title }), el("p", { text }))];
}

/** Put entries into the stream: those that are there stay, so that only new ones are read out. `older(button)` reads
 * the page before; null where there is none. */
export function fill(conversation, entries, older) {
  const stream = document.getElementById("stream");
  const around = document.getElementById("stream-frame");
  if (!stream) return;
  if (!stream.childElementCount) stayAtTheEnd(around, stream);
  const wanted = [...withDays(conversation, entries, older)];
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

/** Draw what comes before, and leave in sight what was; the focus stays in the stream where its button is gone. */
export function growUpwards(draw) {
  const around = document.getElementById("stream-frame");
  const held = around.contains(document.activeElement) ? document.activeElement : null;
  const below = around.scrollHeight - around.scrollTop;
  draw();
  around.scrollTop = around.scrollHeight - below;
  if (held && !held.isConnected) around.focus();
}

/** Whoever looks at the newest entry goes on doing so, when one comes and when the pane changes its height. */
function stayAtTheEnd(around, stream) {
  let atEnd = true;
  around.addEventListener("scroll", () => { atEnd = around.scrollHeight - around.scrollTop - around.clientHeight < 40; });
  const watcher = new ResizeObserver(() => { if (atEnd) around.scrollTop = around.scrollHeight; });
  watcher.observe(around);
  watcher.observe(stream);
}

function* withDays(conversation, entries, older) {
  const shown = entries.map((entry) => [new Date(entry.at), `${entry.operation}/${entry.attempt}/${entry.outcome}`, () => done(entry)]);
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

/** Whether the entry's own words say it already. */
const says = (entry, text) => !text || `${entry.message} ${entry.detail || ""}`.toLowerCase().includes(text.toLowerCase());

/** What an entry is about: the form's title, or, for one on record, the action and the order. */
function about(entry) {
  if (entry.about) return entry.about;
  const action = (entry.action || "").replaceAll("_", " ").replaceAll("-", " ");
  return [action.charAt(0).toUpperCase() + action.slice(1), entry.order_name].filter(Boolean).join(" ");
}

/** Its words name the order, or, where nothing is known of the outcome, they name nothing at all. */
const isNamed = (entry) => (entry.order_name ? says(entry, entry.order_name) : tone(entry) !== "wait");
const tone = (entry) => (OUTCOMES[entry.outcome] || ["", "plain"])[1];

function done(entry) {
  const [word] = OUTCOMES[entry.outcome] || [entry.outcome];
  const amount = Number(entry.amount) ? el("span", { class: "amount", text: amountOf(entry.amount, entry.currency) }) : "";
  const agent = entry.agent_name || entry.agent_id || "An agent";
  return el(
    "li",
    { class: `done ${tone(entry)}` },
    el("span", { class: "by" }, el("b", { text: agent }), " performed an activity – ", el("time", { datetime: entry.at, text: timeOf(new Date(entry.at)) })),
    el(
      "article",
      { class: "entry" },
      el("div", { class: "entry-head" }, el("strong", { text: entry.message }), amount),
      entry.detail && entry.detail !== entry.message ? el("p", { text: entry.detail }) : "",
      el("div", { class: "entry-foot" }, badge(word, tone(entry)), isNamed(entry) ? "" : el("span", { text: about(entry) }), says(entry, entry.reason) ? "" : el("span", { class: "soft", text: entry.reason })),
    ),
  );
}
