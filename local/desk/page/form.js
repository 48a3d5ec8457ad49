// An action's form in a dialog, drawn from the reply alone: errors next to their fields, a timer while it is submitted.

import { el, icon } from "./elements.js";

const dialog = document.getElementById("form");

/**
 * Show a form. `send(values)` submits it and returns the reply. A 400 keeps the form open, anything else closes it.
 * `ended(reply)` gets the last reply; it is not called if the agent closes the form. The focus returns to `opener`.
 */
export function showForm(form, seconds, send, ended, opener) {
  const fields = (form.sections || []).map(field).filter(Boolean);
  const general = el("div", { class: "form-error", role: "alert" });
  const working = el("div", { class: "working", hidden: true });
  const submit = el("button", { type: "submit" }, form.submitButton || "Submit");
  const close = el("button", { type: "button", class: "secondary outline", on: { click: () => finish(null) } }, form.closeButton || "Close");
  const cross = el("button", { type: "button", class: "quiet round cross", "aria-label": "Close the form", on: { click: () => finish(null) } }, icon("close"));
  const sent = el("form", { novalidate: true }, general, fields.map((one) => one.node), working, el("footer", {}, close, submit));
  const whole = el("article", {}, el("header", {}, el("h2", { id: "form-title", text: form.title }), cross), sent);
  let isWorking = false;

  function finish(reply) {
    if (isWorking) return;
    if (dialog.contains(whole)) {
      dialog.replaceChildren();
      dialog.close();
      // If the profile was redrawn meanwhile, use the button with the same name.
      (opener.isConnected ? opener : sameAs(opener))?.focus();
    }
    if (reply) ended(reply);
  }

  sent.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isWorking) return;
    isWorking = true;
    for (const one of fields) one.clear?.();
    general.replaceChildren();
    for (const button of [submit, close, cross]) button.disabled = true;
    submit.setAttribute("aria-busy", "true");
    const stop = clock(working, seconds);
    const reply = await send(valuesOf(fields));
    stop();
    isWorking = false;
    for (const button of [submit, close, cross]) button.disabled = false;
    submit.removeAttribute("aria-busy");
    if (reply.status === 400) showErrors(reply.body?.errors || [], fields, general);
    else finish(reply);
  });
  // A form can't be closed while it is submitted: the answer comes before the time is up.
  // Browsers limit how often `cancel` can be prevented, so handle the key, and reopen the dialog if it was closed anyway.
  dialog.onkeydown = (event) => { if (event.key === "Escape") { event.preventDefault(); finish(null); } };
  dialog.oncancel = (event) => { event.preventDefault(); finish(null); };
  dialog.onclose = () => {
    if (dialog.open || !dialog.contains(whole)) return;
    if (isWorking) dialog.showModal();
    else finish(null);
  };
  dialog.replaceChildren(whole);
  dialog.showModal();
  (fields.find((one) => one.control)?.control || submit).focus();
}

const sameAs = (opener) => opener.dataset.focus && document.querySelector(`[data-focus="${CSS.escape(opener.dataset.focus)}"]`);

const valuesOf = (fields) => Object.fromEntries(fields.filter((one) => one.attr).map((one) => [one.attr, one.value()]));

/** A timer up to the helpdesk's time limit; returns a function that stops it. */
function clock(place, seconds) {
  const began = performance.now();
  const bar = el("progress", { max: seconds, value: 0, "aria-label": "Time elapsed" });
  const text = el("span", { "aria-hidden": "true" });
  const tick = () => {
    const taken = Math.min(seconds, (performance.now() - began) / 1000);
    bar.value = taken;
    text.textContent = `${Math.floor(taken)} s of ${seconds} s`;
  };
  place.replaceChildren(el("span", { role: "status", text: "Working…" }), bar, text);
  place.hidden = false;
  tick();
  const ticking = setInterval(tick, 100);
  return () => { clearInterval(ticking); place.hidden = true; };
}

function showErrors(errors, fields, general) {
  const rest = errors.filter((error) => !fields.find((one) => one.attr && one.attr === error.attr)?.fail(error.detail || error.message));
  general.replaceChildren(...rest.map((error) => el("p", {}, el("strong", { text: error.message || error.detail }), error.message && error.detail !== error.message ? ` ${error.detail}` : "")));
  const first = fields.find((one) => one.control?.getAttribute("aria-invalid") === "true");
  if (first) first.control.focus();
  else { general.tabIndex = -1; general.focus(); }
}

function field(section, place) {
  if (section.type === "text") return { node: el("p", { text: section.text }) };
  const make = { select, checkbox, text: line }[section.input?.type];
  if (section.type !== "input" || !make) return null;
  const id = `field-${place}`;
  const [control, value] = make(section, id);
  const error = el("small", { class: "error", id: `${id}-error` });
  const hint = section.hint ? el("small", { id: `${id}-hint`, text: section.hint }) : "";
  const described = [hint && `${id}-hint`, `${id}-error`].filter(Boolean).join(" ");
  control.setAttribute("aria-describedby", described);
  if (!section.input.optional) control.setAttribute("aria-required", "true");
  return {
    attr: section.attr,
    control,
    value,
    node: framed(section, control, id, hint, error),
    clear() { control.removeAttribute("aria-invalid"); error.replaceChildren(); },
    fail(detail) { control.setAttribute("aria-invalid", "true"); error.append(...(error.hasChildNodes() ? [el("br")] : []), detail); return true; },
  };
}

function framed(section, control, id, hint, error) {
  if (section.input.type === "checkbox") {
    return el("fieldset", { class: "field box" }, el("legend", { text: section.label }), el("label", { for: id }, control, el("span", { text: section.input.text || section.label })), error, hint);
  }
  const needed = section.input.optional ? "" : el("span", { class: "needed", text: "required" });
  return el("div", { class: "field" }, el("label", { for: id }, section.label, needed), control, error, hint);
}

function select(section, id) {
  const { placeholder, options = [] } = section.input;
  const isChosen = options.some((option) => option.value === section.defaultValue);
  const first = isChosen ? "" : el("option", { value: "", disabled: true, selected: true, text: placeholder || "Choose" });
  const control = el("select", { id }, first, options.map((option) => el("option", { value: option.value, text: option.text, selected: option.value === section.defaultValue })));
  return [control, () => control.value];
}

function checkbox(section, id) {
  const control = el("input", { type: "checkbox", id, checked: section.defaultValue === true || section.defaultValue === "true" });
  return [control, () => control.checked];
}

function line(section, id) {
  const control = el("input", { type: "text", id, autocomplete: "off", placeholder: section.input.placeholder || null, value: section.defaultValue ?? "" });
  return [control, () => control.value];
}
