// The desk: which conversation is open, what is asked for it, and where it is drawn.

import { Conversations } from "./conversations.js";
import { el, redraw } from "./elements.js";
import { showForm } from "./form.js";
import { plusMenu } from "./menu.js";
import { goOn, notice, wordsOf } from "./notice.js";
import * as profile from "./profile.js";
import { watchRequests } from "./requests.js";
import * as server from "./server.js";
import { showSettings } from "./settings.js";
import * as timeline from "./timeline.js";

const POLL = 3000;
const NOT_KNOWN = new Set(["outcome_unknown", "still_running"]);
const at = (id) => document.getElementById(id);

class Desk {
  constructor(session) {
    this.session = session;
    this.conversations = new Conversations(session.conversations, session.base);
    this.current = null;
    this.customer = null;
    this.entries = [];
    this.opened = new Set();
    this.turn = 0;
    this.reading = null;
    this.isOpening = false;
  }

  start() {
    at("store").textContent = this.session.store;
    this.drawList();
    redraw(at("timeline"), timeline.nobody());
    redraw(at("profile"), profile.nobody());
    at("open-conversation").addEventListener("submit", (event) => this.openAddress(event));
    setInterval(() => { if (!document.hidden && this.current && this.reading !== this.turn) this.readTimeline(); }, POLL);
    setInterval(() => this.drawList(), 60000);
    const wide = matchMedia("(min-width: 62rem)").matches;
    if (wide && this.conversations.all.length) this.open(this.conversations.all[0]);
  }

  drawList() {
    const place = at("conversations");
    const held = place.contains(document.activeElement) && document.activeElement.dataset.focus;
    this.conversations.draw(place, this.current, (one) => { this.open(one); showPane("timeline"); });
    if (held) place.querySelector(`[data-focus="${CSS.escape(held)}"]`)?.focus();
  }

  openAddress(event) {
    event.preventDefault();
    const input = at("address");
    const one = this.conversations.open(input.value);
    at("address-hint").textContent = one ? "An e-mail address, or a phone number with its country code." : "That is neither an e-mail address nor a phone number.";
    input.removeAttribute("aria-invalid");
    if (!one) { input.setAttribute("aria-invalid", "true"); input.focus(); return; }
    input.value = "";
    this.open(one);
    showPane("timeline");
  }

  /** Open a conversation: its timeline, and the profile, which is asked for each time. */
  open(one) {
    goOn();
    this.current = one;
    this.customer = null;
    this.entries = [];
    this.opened = new Set();
    this.turn += 1;
    this.drawList();
    at("timeline").replaceChildren(...timeline.frame(one, plusMenu([], () => {}, "")));
    this.fill();
    this.readTimeline();
    this.refresh();
  }

  /** Ask for the profile: by the link, or by the automatic match. */
  async refresh() {
    const [one, turn] = [this.current, this.turn];
    if (!this.customer) redraw(at("profile"), profile.asking("Asking the store"), "#profile-title");
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
    this.drawMenu(known?.actions || [], known ? "Nothing can be done for the customer." : "");
  }

  drawUnlinked(found, why) {
    const does = { search: (by, text) => this.search(by, text), link: (chosen) => this.link(chosen, true) };
    redraw(at("profile"), profile.unlinked(found, why, does), "#profile-title");
    this.drawMenu([], "Link a customer to act for them.");
  }

  drawMenu(actions, why) {
    // The same menu is left alone: the agent may have it open while a profile comes in.
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
    if (byHand) { at("profile-title")?.focus(); this.readTimeline(); }
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

  /** Open an action's form; its reply says everything that is drawn. */
  async act(action, opener) {
    const one = this.current;
    if (this.isOpening) return;
    this.isOpening = true;
    opener.setAttribute("aria-busy", "true");
    const reply = await this.ask(() => server.form(action.formUrl, one.id));
    opener.removeAttribute("aria-busy");
    this.isOpening = false;
    if (one !== this.current) return;
    if (reply.status !== 200) { notice("bad", ...wordsOf(reply)); return; }
    goOn();
    const form = reply.body;
    const send = (values) => this.ask(() => server.submit(form.actionUrl, values, one.id));
    showForm(form, this.session.seconds, send, (last) => this.ended(one, action, form, last), opener);
  }

  /** The last reply to a form: said to the agent, kept where the timeline does not have it yet; then all anew. */
  ended(one, action, form, reply) {
    const operation = new URLSearchParams(form.actionUrl.split("?")[1]).get("operation");
    const code = reply.body?.errors?.[0]?.code;
    const isUnanswered = reply.status === null || reply.status >= 500;
    const isOpen = isUnanswered || NOT_KNOWN.has(code);
    const [title, detail] = reply.status === 200 ? [reply.body.message, reply.body.detail] : wordsOf(reply);
    if (reply.status === 200 || isOpen) {
      const outcome = isUnanswered ? "UNANSWERED" : isOpen ? "WAITING" : "REPLIED";
      one.pending.push({ operation, attempt: 0, at: new Date().toISOString(), action: action.name, outcome, message: title, detail, agent_name: this.session.agent.name });
      this.conversations.keep();
    }
    notice(reply.status === 200 ? "good" : isOpen ? "wait" : "bad", title, detail);
    this.fill();
    this.readTimeline();
    this.refresh();
  }

  async readTimeline() {
    const [one, turn] = [this.current, this.turn];
    this.reading = turn;
    const by = one.customer ? ["customer", one.customer] : ["conversation", one.id];
    let reply;
    try {
      reply = await server.timeline(...by, one.id);
    } catch (problem) {
      reply = { status: null, problem: problem.message };
    }
    if (turn !== this.turn) return;
    this.reading = null;
    const live = at("live");
    const isRead = reply.status === 200;
    live.textContent = isRead ? "Live" : "Not live";
    live.title = isRead ? "" : wordsOf(reply)[0];
    live.classList.toggle("off", !isRead);
    if (!isRead) return;
    this.entries = reply.body.entries || [];
    this.fill();
  }

  fill() {
    const ended = new Set(this.entries.map((entry) => entry.operation));
    const waiting = this.current.pending.filter((entry) => !ended.has(entry.operation));
    if (waiting.length !== this.current.pending.length) {
      const settled = this.current.pending.filter((entry) => entry.outcome !== "REPLIED" && ended.has(entry.operation));
      this.current.pending = waiting;
      this.conversations.keep();
      // How it ended changes the orders too.
      if (settled.length) this.refresh();
    }
    timeline.fill(this.current, [...this.entries, ...waiting]);
  }

  /** A reply of Orderdesk's, or one that says why there is none. */
  async ask(question) {
    try {
      const reply = await question();
      if (reply.problem && reply.status !== 200) notice("bad", reply.problem);
      return reply;
    } catch (problem) {
      if (!(problem instanceof server.Problem)) throw problem;
      notice("bad", problem.message);
      return { status: null, body: null, problem: problem.message };
    }
  }
}

function whyNot(reply, found, one) {
  if (reply.status !== 200) return "The store could not be asked.";
  if (found.length > 1) return `${found.length} customers of the store match. Choose the one you are talking to.`;
  if (!found.length) return "No customer of the store has this address or number.";
  return one.byHand ? "You unlinked this customer, so it does not link by itself again." : "This may be the customer.";
}

function showPane(name) {
  document.body.dataset.pane = name;
  for (const button of document.querySelectorAll("[data-pane-of]")) button.setAttribute("aria-pressed", String(button.dataset.paneOf === name));
}

function showView(name) {
  document.body.dataset.view = name;
  at("desk").hidden = name !== "desk";
  at("settings").hidden = name !== "settings";
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
  for (const button of document.querySelectorAll("[data-pane-of]")) button.addEventListener("click", () => showPane(button.dataset.paneOf));
  for (const button of document.querySelectorAll("[data-view-of]")) {
    button.addEventListener("click", () => {
      showView(button.dataset.viewOf);
      if (button.dataset.viewOf === "settings") showSettings(at("settings"), session.store);
      else if (desk.current) desk.refresh();
    });
  }
  watchRequests(session);
  desk.start();
}

begin();
