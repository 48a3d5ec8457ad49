// Create elements. Text is always set as text, so nothing in a reply can become markup.

/**
 * Create an element. `given`: `class`, `text`, `on` (event → listener), and any attribute. `true` sets it to empty;
 * `false`, `null` and `undefined` leave it out. Children are nodes or texts; empty ones are left out.
 */
export function el(tag, given = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === false || value === null || value === undefined) continue;
    if (name === "text") made.textContent = value;
    else if (name === "on") for (const [event, heard] of Object.entries(value)) made.addEventListener(event, heard);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

/** An SVG element. */
export function svg(tag, given = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(given)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const SHAPES = {
  mail: "M3 6h18v12H3zM3 7l9 6 9-6",
  phone: "M6 3h4l2 5-2.5 1.5a11 11 0 0 0 5 5L16 12l5 2v4a3 3 0 0 1-3 3A15 15 0 0 1 3 6a3 3 0 0 1 3-3z",
  plus: "M12 5v14M5 12h14",
  again: "M20 11a8 8 0 1 0-2 6M20 5v6h-6",
  close: "M6 6l12 12M18 6L6 18",
  check: "M5 13l4 4L19 7",
  clock: "M12 7v5l3 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
  alert: "M12 8v5M12 16.5v.5M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
  out: "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21a8 8 0 0 1 16 0",
  chevron: "M6 9l6 6 6-6",
  truck: "M2 6h12v10H2zM14 9h4l4 4v3h-8M6.5 19a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6zM17.5 19a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6z",
};

/** A line drawing for decoration: the text next to it says the same. */
export function icon(name) {
  const drawn = svg("svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" });
  drawn.append(svg("path", { d: SHAPES[name] }));
  return drawn;
}

/** A word in a coloured box. `tone`: good, bad, wait, plain. */
export function badge(text, tone = "plain") {
  return el("span", { class: `badge ${tone}`, text });
}

/** Up to two letters of a name in a circle, in a colour derived from the name. */
export function avatar(name) {
  const words = name.trim().split(/\s+/u);
  const letters = /^[+\d]/u.test(words[0] || "") ? "☎" : words.slice(0, 2).map((word) => [...word][0] || "").join("");
  return el("span", { class: `avatar tint-${tint(name, 6)}`, "aria-hidden": "true", text: letters.toUpperCase() || "?" });
}

/** A small number that is always the same for a text. */
export function tint(text, of) {
  let sum = 7;
  for (const letter of text) sum = (sum * 31 + letter.codePointAt(0)) >>> 0;
  return sum % of;
}

/** A button that copies `text()` (a text or the promise of one) and says so. */
export function copyButton(label, text) {
  const button = el("button", { type: "button", class: "quiet small copy" }, icon("copy"), el("span", { text: label }));
  const word = button.querySelector("span");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(await text());
      word.textContent = "Copied";
    } catch {
      word.textContent = "Copying failed";
    }
    setTimeout(() => { word.textContent = label; }, 1600);
  });
  return button;
}

/**
 * Redraw the contents of `place`. Keep the scroll position, the expanded details (by the `data-focus` of the summary),
 * and the focus on the element with the same `data-focus` or on the first of `fallbacks` (selectors) that exists.
 */
export function redraw(place, nodes, ...fallbacks) {
  const held = place.contains(document.activeElement) ? document.activeElement : null;
  const key = held?.closest("[data-focus]")?.dataset.focus;
  const scrolled = [place.scrollTop, place.querySelector(".scroll")?.scrollTop || 0];
  const expanded = new Set([...place.querySelectorAll("details[open] > summary[data-focus]")].map((one) => one.dataset.focus));
  place.replaceChildren(...nodes.filter(Boolean));
  for (const one of place.querySelectorAll("details > summary[data-focus]")) if (expanded.has(one.dataset.focus)) one.parentElement.open = true;
  place.scrollTop = scrolled[0];
  // In a pane, the part below the header scrolls, and that part is new.
  const inner = place.querySelector(".scroll");
  if (inner) inner.scrollTop = scrolled[1];
  if (!held) return;
  const same = key && place.querySelector(`[data-focus="${CSS.escape(key)}"]`);
  (same || fallbacks.map((wanted) => place.querySelector(wanted)).find(Boolean))?.focus({ preventScroll: true });
}
