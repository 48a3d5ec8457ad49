// The helpdesk's conversations: who wrote or called, and which customer of the store they are linked to.

import { avatar, el, icon } from "./elements.js";
import { agoOf } from "./moments.js";

const PHONE = /^\+?[\d\s().-]{6,20}$/;

/** All conversations of this tab; links survive a reload, as they would in a helpdesk. */
export class Conversations {
  constructor(given, base) {
    // Keyed by the address: another stack has other customers.
    this.kept = `orderdesk-conversations ${base}`;
    const kept = JSON.parse(sessionStorage.getItem(this.kept) || "{}");
    const opened = Object.values(kept).filter((one) => one.own && !given.some((other) => other.id === one.id));
    this.all = [...opened.reverse(), ...given.map((one) => ({ ...one, at: Date.parse(one.at) }))];
    for (const one of this.all) Object.assign(one, { customer: kept[one.id]?.customer || "", byHand: kept[one.id]?.byHand || false, pending: kept[one.id]?.pending || [] });
  }

  /** Open a conversation with an address; null if it is neither an email address nor a phone number. */
  open(address) {
    const text = address.trim();
    const isEmail = /^[^\s@]+@[^\s@]+$/.test(text);
    if (!isEmail && !PHONE.test(text)) return null;
    const already = this.all.find((one) => [...one.emails, ...one.phones].includes(text));
    if (already) return already;
    const id = `desk-${crypto.randomUUID().slice(0, 13)}`;
    const made = { id, own: true, name: text, emails: isEmail ? [text] : [], phones: isEmail ? [] : [text], text: "", at: Date.now(), customer: "", byHand: false, pending: [] };
    this.all.unshift(made);
    this.keep();
    return made;
  }

  /** Remember links and pending operations. */
  keep() {
    sessionStorage.setItem(this.kept, JSON.stringify(Object.fromEntries(this.all.map((one) => [one.id, one]))));
  }

  draw(place, current, choose) {
    place.replaceChildren(...this.all.map((one) => entry(one, one === current, choose)));
  }
}

function entry(one, isCurrent, choose) {
  const address = one.emails[0] || one.phones[0];
  const button = el(
    "button",
    { type: "button", class: "conversation", "aria-current": isCurrent ? "true" : null, "data-focus": one.id, on: { click: () => choose(one) } },
    avatar(one.name),
    el(
      "span",
      { class: "who" },
      el("span", { class: "line" }, el("strong", { text: one.name }), el("span", { class: "ago", text: agoOf(new Date(one.at)) })),
      el("span", { class: "snippet" }, icon(one.emails.length ? "mail" : "phone"), el("span", { text: one.text || address })),
    ),
  );
  return el("li", {}, button);
}
