// The plus menu: actions for the customer rather than for one order.

import { el, icon } from "./elements.js";

/** A menu of actions, each `{name, formUrl}`; `act(action, opener)` opens the form. If it is empty, it says `why`. */
export function plusMenu(actions, act, why) {
  const button = el("button", { type: "button", class: "plus", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": "Actions for the customer", "data-focus": "plus" }, icon("plus"));
  const list = el("ul", { class: "menu", role: "menu", "aria-label": "Actions for the customer", hidden: true });
  const items = actions.map((action) =>
    el("button", { type: "button", role: "menuitem", tabindex: "-1", on: { click: () => { close(true); act(action, button); } } }, action.name),
  );
  list.append(...items.map((item) => el("li", { role: "none" }, item)));

  function close(back) {
    list.hidden = true;
    button.setAttribute("aria-expanded", "false");
    if (back) button.focus();
  }
  function open() {
    list.hidden = false;
    button.setAttribute("aria-expanded", "true");
    items[0]?.focus();
  }
  button.addEventListener("click", () => (list.hidden ? open() : close(true)));
  button.disabled = !items.length;
  const around = el("div", { class: "plus-around" }, button, list, el("span", { class: "soft", text: items.length ? "Actions for the customer" : why }));
  around.addEventListener("keydown", (event) => {
    const place = items.indexOf(document.activeElement);
    const to = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: items.length - 1 }[event.key];
    if (event.key === "Escape" && !list.hidden) close(true);
    else if (to !== undefined && !list.hidden) items[(to + items.length) % items.length].focus();
    else return;
    event.preventDefault();
  });
  around.addEventListener("focusout", (event) => { if (!around.contains(event.relatedTarget)) close(false); });
  return around;
}
