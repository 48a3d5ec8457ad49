// The desk: which conversation is open, what to request for it, and where to draw it.

import { Conversations } from "./conversations.js";
import { el, redraw } from "./elements.js";
import { showEvents } from "./events.js";
import { showForm } from "./form.js";
import { plusMenu } from "./menu.js";
import { clearNotice, notice, reconciled, wordsOf } from "./notice.js";
import * as profile from "./profile.js";
import { watchRequests } from "./requests.js";
import * as server from "./server.js";
import { showSettings } from "./settings.js";
import * as timeline from "./timeline.js";

const POLL = 3000;
const NOT_KNOWN = new Set(["outcome_unknown", "still_running"]);
const HINT = "An email address, or a phone number with its country code.";
const at = (id) => document.getElementById(id);
const isWide = () => matchMedia("(min-width: 62rem)").matches;
const keyOf = (entry) => `${entry.operation}/${entry.attempt}/${entry.outcome}`;

class Desk {
  constructor(session) {
    this.session = session;
    this.conversations = new Conversations(session.conversations, session.base);
    this.current = null;
    this.customer = null;
    this.forget();
    this.opened = new Set();
    this.sent = new Set();
    this.turn = 0;
    this.reading = null;
    this.asking = null;
    this.isBusy = false;
  }

  start() {
    at("store").textContent = this.session.store;
    this.chooseAgent();
    this.drawList();
    const isEmpty = !this.conversations.all.length;
    redraw(at("timeline"), timeline.nobody(isEmpty));
    redraw(at("profile"), profile.nobody());
    at("open-conversation").addEventListener("submit", (event) => this.openAddress(event));
    setInterval(() => { if (!document.hidden && this.current && this.reading !== this.turn) this.readTimeline(); }, POLL);
    setInterval(() => this.drawList(), 60000);
    if (isEmpty) at("address").focus();
    else if (isWide()) this.open(this.conversations.all[0]);
  }

  /** In the demo there are two people, since one can't approve what they asked for themselves. */
  chooseAgent() {
    const choice = at("agent-choice");
    choice.replaceChildren(...this.session.agents.map((agent) => el("option", { value: agent.id, text: agent.name })));
    at("agent").hidden = this.session.agents.length < 2;
    this.agent = this.session.agents[0];
    server.actAs(this.agent.id);
    choice.addEventListener("change", () => {
      this.agent = this.session.agents.find((agent) => agent.id === choice.value);
      server.actAs(this.agent.id);
      clearNotice();
      if (this.current) this.refresh();
    });
  }

  /** Forget the timeline. `whose` says which timeline `entries` (by key) and `older` (a cursor) belong to. */
  forget() {
    this.entries = new Map();
    this.activities = [];
    this.whose = "";
    this.older = "";
  }

  drawList() {
    const place = at("conversations");
    const held = place.contains(document.activeElement) && document.activeElement.dataset.focus;
    this.conversations.draw(place, this.current, (one) => { this.open(one); showTimeline(); });
    if (held) place.querySelector(`[data-focus="${CSS.escape(held)}"]`)?.focus();
  }

  openAddress(event) {
    event.preventDefault();
    const input = at("address");
    const one = this.conversations.open(input.value);
    at("address-hint").textContent = one ? HINT : "Enter an email address or a phone number.";
    input.removeAttribute("aria-invalid");
    if (!one) { input.setAttribute("aria-invalid", "true"); input.focus(); return; }
    input.value = "";
    this.open(one);
    showTimeline();
  }

  /** Open a conversation: its timeline and the profile, which is always requested again. */
  open(one) {
    clearNotice();
    // Clicked twice: the request under way is fresh enough.
    if (one === this.current && this.asking === this.turn) return;
    this.current = one;
    this.customer = null;
    this.forget();
    this.opened = new Set();
    this.turn += 1;
    this.drawList();
    at("timeline").replaceChildren(...timeline.frame(one, plusMenu([], () => {}, "")));
    this.fill();
    this.readTimeline();
    const turn = (this.asking = this.turn);
    this.refresh().finally(() => { if (this.asking === turn) this.asking = null; });
  }

  /** Request the profile, by the link or by the automatic match. */
  async refresh() {
    const [one, turn] = [this.current, this.turn];
    if (!this.customer) redraw(at("profile"), profile.asking("Loading from the store"), "#profile-title");
    if (one.customer) return this.show(turn);
    const query = { id: one.id, name: one.name, emails: one.emails, phones: one.phones };
    const reply = await this.ask(() => server.lookup("BASIC", query, one.id));
    if (turn !== this.turn) return null;
    const found = reply.body?.results || [];
    const only = profile.linksByItself(found, one);
    if (only) return this.link(only, false);
    return this.drawUnlinked(found, whyNot(reply, found, one));
  }

  async show(turn) {
    const one = this.current;
    const query = { id: one.id, name: one.name, emails: one.emails, phones: one.phones, externalCustomerId: one.customer };
    const reply = await this.ask(() => server.lookup("DETAILED", query, one.id));
    if (turn !== this.turn) return;
    const results = reply.body?.results || [];
    const known = reply.status === 200 && results.length === 1 ? results[0] : null;
    if (known && !this.customer) this.opened.add(known.transactions?.[0]?.orderNumber);
    this.customer = known;
    const does = { again: () => this.refresh(), unlink: () => this.unlink(), act: (action, opener) => this.act(action, opener) };
    const drawn = known ? profile.linked(known, this.opened, does) : profile.unread(reply.problem, does.again, does.unlink);
    redraw(at("profile"), drawn, "#orders-title", "#profile-title");
    this.drawMenu(known?.actions || [], known ? "No actions are available for this customer." : "");
  }

  drawUnlinked(found, why) {
    const does = { search: (by, text) => this.search(by, text), link: (chosen) => this.link(chosen, true), again: () => this.refresh() };
    redraw(at("profile"), profile.unlinked(found, why, does), "#profile-title");
    this.drawMenu([], "Link a customer to see actions.");
  }

  drawMenu(actions, why) {
    // Leave an unchanged menu alone: the agent may have it open while the profile arrives.
    const shown = JSON.stringify([this.current.id, actions, why]);
    const place = document.querySelector(".timeline .pane-foot");
    if (place.dataset.shown === shown) return;
    place.dataset.shown = shown;
    redraw(place, [plusMenu(actions, (action, opener) => this.act(action, opener), why)], ".plus");
  }

  async search(by, text) {
    const reply = await this.ask(() => server.lookup("BASIC", { [by]: text }, this.current.id));
    return [reply.body?.results || [], reply.status === 200 ? "" : wordsOf(reply)[0]];
  }

  link(chosen, byHand) {
    this.current.customer = chosen.externalCustomerId;
    this.conversations.keep();
    if (byHand) at("profile-title")?.focus();
    if (this.reading !== this.turn) this.readTimeline();
    return this.show(this.turn);
  }

  unlink() {
    // Once unlinked by hand, a profile never links by itself again.
    Object.assign(this.current, { customer: "", byHand: true });
    this.customer = null;
    this.turn += 1;
    this.conversations.keep();
    this.readTimeline();
    this.refresh();
  }

  /** Open an action's form, drawn from the reply alone. Only one form is opened or submitted at a time. */
  async act(action, opener) {
    const one = this.current;
    if (this.isBusy) return;
    opener.setAttribute("aria-busy", "true");
    const reply = await this.alone(() => server.form(action.formUrl, one.id));
    opener.removeAttribute("aria-busy");
    if (one !== this.current) return;
    clearNotice();
    if (reply.status !== 200) { notice("bad", ...wordsOf(reply)); return; }
    const form = reply.body;
    const send = (values) => this.alone(() => server.submit(form.actionUrl, values, one.id));
    showForm(form, this.session.seconds, send, (last) => this.ended(one, action, form, last), opener);
  }

  async alone(question) {
    this.isBusy = true;
    try {
      return await this.ask(question);
    } finally {
      this.isBusy = false;
    }
  }

  /** Show a form's last reply to the agent, keep it until the timeline has it, and reload the profile. */
  ended(one, action, form, reply) {
    const operation = new URLSearchParams(form.actionUrl.split("?")[1]).get("operation");
    const code = reply.body?.errors?.[0]?.code;
    const isUnanswered = reply.status === null || reply.status >= 500;
    const isOpen = isUnanswered || NOT_KNOWN.has(code);
    const isWaiting = reply.status === 200 && reply.body.code === "waiting_for_approval";
    const [title, detail] = reply.status === 200 ? [reply.body.message, reply.body.detail] : wordsOf(reply);
    if (!isOpen) this.sent.add(operation);
    if (reply.status === 200 || isOpen) {
      const outcome = isUnanswered ? "UNANSWERED" : isOpen ? "CHECKED" : isWaiting ? "WAITING" : "REPLIED";
      one.pending.push({ operation, attempt: 0, known: this.entriesOf(operation), at: new Date().toISOString(), action: action.name, about: form.title, outcome, message: title, detail, agent_name: this.agent.name });
      this.conversations.keep();
    }
    notice(isOpen || isWaiting ? "wait" : reply.status === 200 ? "good" : "bad", title, detail, operation);
    this.fill();
    this.readTimeline();
    this.refresh();
  }

  async readTimeline() {
    const [one, turn] = [this.current, this.turn];
    this.reading = turn;
    const by = whose(one);
    const reply = await page(by, one);
    if (turn !== this.turn) return;
    this.reading = null;
    // The profile was linked meanwhile. Ask again only now: the first request may have started a cold function.
    if (String(by) !== String(whose(one))) { this.readTimeline(); return; }
    const live = at("live");
    const isRead = reply.status === 200;
    live.textContent = isRead ? "Live" : "Not live";
    live.title = isRead ? "" : wordsOf(reply)[0];
    live.classList.toggle("off", !isRead);
    if (isRead) this.take(by, reply.body);
    if (this.session.activities) this.readActivities(one, turn);
  }

  /** What Orderdesk has written into the helpdesk's own timeline. */
  async readActivities(one, turn) {
    const said = await server.activities(one.id).catch(() => null);
    if (turn !== this.turn || !said) return;
    this.activities = said.items;
    this.fill();
  }

  /** The newest page of a timeline. Entries are only ever added, so those that it no longer has stay. */
  take(by, read) {
    const isFirst = String(by) !== this.whose;
    if (isFirst) {
      this.forget();
      [this.whose, this.older] = [String(by), read.cursor || ""];
    }
    const fresh = (read.entries || []).filter((entry) => !this.entries.has(keyOf(entry)));
    for (const entry of fresh) {
      this.entries.set(keyOf(entry), entry);
      if (!["UNKNOWN", "WAITING"].includes(entry.outcome)) reconciled(entry.operation);
    }
    this.fill();
    // The outcome of an open operation, or another agent's action, changes the orders too.
    if (!isFirst && fresh.some((entry) => !this.sent.has(entry.operation))) this.refresh();
    // What another agent decides about it later changes the order again.
    for (const entry of fresh) this.sent.delete(entry.operation);
  }

  /** How many entries an operation has: one more once a second person has decided. */
  entriesOf(operation) {
    return [...this.entries.values()].filter((entry) => entry.operation === operation).length;
  }

  async readOlder(button) {
    const [one, turn, by] = [this.current, this.turn, whose(this.current)];
    button.setAttribute("aria-busy", "true");
    const reply = await page(by, one, this.older);
    button.removeAttribute("aria-busy");
    if (turn !== this.turn || String(by) !== this.whose) return;
    if (reply.status !== 200) { notice("bad", wordsOf(reply)[0]); return; }
    this.older = reply.body.cursor || "";
    for (const entry of reply.body.entries || []) this.entries.set(keyOf(entry), entry);
    timeline.growUpwards(() => this.fill());
  }

  fill() {
    const entries = [...this.entries.values()];
    const waiting = this.current.pending.filter((entry) => this.entriesOf(entry.operation) <= (entry.known || 0));
    if (waiting.length !== this.current.pending.length) {
      this.current.pending = waiting;
      this.conversations.keep();
    }
    timeline.fill(this.current, [...entries, ...waiting], this.older ? (button) => this.readOlder(button) : null, this.activities);
  }

  /** Orderdesk's reply, or one that says why there is none. */
  async ask(question) {
    const one = this.current;
    const reply = await answered(question);
    // Don't show one customer's failure over another customer.
    if (reply.problem && reply.status !== 200 && one === this.current) notice("bad", reply.problem);
    return reply;
  }
}

async function answered(question) {
  try {
    return await question();
  } catch (problem) {
    if (!(problem instanceof server.Problem)) throw problem;
    return { status: null, body: null, problem: problem.message };
  }
}

/** Whose timeline is shown: the customer's, once one is linked. */
const whose = (one) => (one.customer ? ["customer", one.customer] : ["conversation", one.id]);

const page = (by, one, cursor = "") => answered(() => server.timeline(...by, one.id, cursor));

function whyNot(reply, found, one) {
  if (reply.status !== 200) return "The store could not be reached.";
  if (found.length > 1) return `${found.length} customers match. Choose the one you are talking to.`;
  // Both cases have the same reply, since one adaptor's error would become an error for all adaptors of the helpdesk.
  if (!found.length) return "No customer has this address or number, or the store could not be reached.";
  return one.byHand ? "You unlinked this customer, so the link is no longer made automatically." : "This may be the customer.";
}

function showPane(name) {
  document.body.dataset.pane = name;
  for (const button of document.querySelectorAll("[data-pane-of]")) button.setAttribute("aria-pressed", String(button.dataset.paneOf === name));
}

/** In a narrow window, show the timeline pane and move the focus to it, since the list is hidden. */
function showTimeline() {
  showPane("timeline");
  if (!isWide()) at("timeline-title").focus();
}

/** Skip the header and the list, to the main content. */
function skip() {
  if (document.body.dataset.view !== "desk") { at(`${document.body.dataset.view}-title`)?.focus(); return; }
  showPane("timeline");
  at("timeline-title")?.focus();
}

function showView(name) {
  clearNotice();
  document.body.dataset.view = name;
  at("desk").hidden = name !== "desk";
  at("settings").hidden = name !== "settings";
  at("events").hidden = name !== "events";
  for (const button of document.querySelectorAll("[data-view-of]")) {
    if (button.dataset.viewOf === name) button.setAttribute("aria-current", "page");
    else button.removeAttribute("aria-current");
  }
}

async function begin() {
  let session;
  try {
    session = await server.session();
  } catch (problem) {
    at("main").replaceChildren(el("div", { class: "empty alone", role: "alert" }, el("h2", { text: "The desk is closed" }), el("p", { text: problem.message })));
    return;
  }
  const desk = new Desk(session);
  at("skip").addEventListener("click", (event) => { event.preventDefault(); skip(); });
  for (const button of document.querySelectorAll("[data-pane-of]")) button.addEventListener("click", () => showPane(button.dataset.paneOf));
  for (const button of document.querySelectorAll("[data-view-of]")) {
    button.addEventListener("click", () => {
      showView(button.dataset.viewOf);
      if (button.dataset.viewOf === "settings") showSettings(at("settings"), session.store);
      else if (button.dataset.viewOf === "events") showEvents(at("events"));
      else if (desk.current) desk.refresh();
    });
  }
  at("events-button").hidden = !session.demo;
  watchRequests(session);
  desk.start();
}

begin();
