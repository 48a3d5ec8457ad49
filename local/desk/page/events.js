// The page of events: what the demo's receiver of webhooks got, each with its deliveries, and buttons that make it fail.

import { badge, el, icon, redraw } from "./elements.js";
import { exactTimeOf } from "./moments.js";
import { notice } from "./notice.js";
import * as server from "./server.js";

const POLL = 2000;
const TONES = { SUCCEEDED: "good", REFUSED: "bad", FAILED: "bad", UNKNOWN: "wait", UNDER_WAY: "wait", WAITING: "wait" };

let list;
let buttons = [];
let watch;
let drawn = "";

/** Show the page, and keep it up to date while it is in front. */
export async function showEvents(place) {
  if (!list) build(place);
  await read();
}

function build(place) {
  list = el("ol", { class: "events", "aria-label": "Events, newest first" });
  watch = el("span", { class: "soft", role: "status" });
  const moods = el("span", { class: "segments", role: "group", "aria-label": "The receiver" });
  place.replaceChildren(
    el(
      "div",
      { class: "settings-inner" },
      el("div", { class: "settings-head" }, el("div", {}, el("h2", { id: "events-title", tabindex: "-1", text: "Events" }), el("p", { class: "soft", text: "What a webhook of this store gets: what became of each operation, and what a person waits for. The desk's server receives them, and checks each signature." }))),
      el("section", { class: "settings-section" }, el("div", { class: "receiver" }, el("b", { text: "The receiver" }), moods, watch)),
      el("section", { class: "settings-section" }, list),
    ),
  );
  place.moods = moods;
  setInterval(() => { if (!place.hidden && !document.hidden) read(); }, POLL);
}

async function read() {
  try {
    draw(await server.events());
  } catch (problem) {
    list.replaceChildren(el("li", { class: "nothing", role: "alert", text: problem.message }));
    drawn = "";
  }
}

function draw(known) {
  const moods = document.getElementById("events").moods;
  if (!buttons.length) {
    buttons = known.moods.map((one) => el("button", { type: "button", class: "small", "data-mood": one.name, on: { click: () => behave(one.name) } }, one.label));
    moods.replaceChildren(...buttons);
  }
  for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.mood === known.mood));
  watch.textContent = known.moods.find((one) => one.name === known.mood).watch;
  const now = JSON.stringify(known.events);
  if (now === drawn) return;
  drawn = now;
  redraw(list, known.events.length ? known.events.map(row) : [el("li", { class: "nothing" }, icon("clock"), el("span", { text: "No events yet. Carry out an action at the desk, and its event arrives here within seconds." }))]);
}

async function behave(mood) {
  try {
    draw(await server.makeReceiver(mood));
  } catch (problem) {
    notice("bad", problem.message);
  }
}

function row(one) {
  const told = one.event.data;
  const last = one.deliveries.at(-1);
  const many = one.deliveries.length;
  const about = [told.action, told.order_name || (told.customer ? `customer ${told.customer}` : "")].filter(Boolean).join(", ");
  const marks = [badge(told.state, TONES[told.state]), told.needs_person ? badge("needs a person", "bad") : "", told.late ? badge("late", "wait") : ""];
  const summary = el("summary", { "data-focus": `event ${one.id}` }, el("time", { text: exactTimeOf(new Date(one.event.timestamp)) }), el("span", { class: "badges" }, marks), el("b", { text: about }), el("code", { class: "path", text: one.event.type }), el("span", { class: "deliveries" }, badge(last.accepted ? "accepted" : "not accepted yet", last.accepted ? "good" : "bad"), el("span", { class: "soft", text: many === 1 ? "1 delivery" : `${many} deliveries` })));
  const rows = one.deliveries.map((each) => el("tr", {}, el("td", { text: exactTimeOf(new Date(each.at)) }), el("td", { text: each.answer }), el("td", { text: "valid" })));
  const table = el("div", { class: "table", tabindex: "0", role: "region", "aria-label": "Deliveries" }, el("table", {}, el("thead", {}, el("tr", {}, ["Time", "Answer", "Signature"].map((text) => el("th", { scope: "col", text })))), el("tbody", {}, rows)));
  const whole = el("div", { class: "whole" }, table, el("pre", { tabindex: "0", role: "region", "aria-label": "The event", text: JSON.stringify(one.event, null, 2) }));
  return el("li", {}, el("details", { class: "event" }, summary, whole));
}
