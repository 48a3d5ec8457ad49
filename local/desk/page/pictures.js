// Pictures of products, drawn from their names: the same name always gets the same picture.

import { svg, tint } from "./elements.js";

const line = (d) => svg("path", { d, fill: "none", stroke: "currentColor", "stroke-width": "2.4", "stroke-linejoin": "round", "stroke-linecap": "round" });

const DRAWINGS = [
  [/sneaker|shoe|boot|trainer/i, ["M8 27v-9l5-1 3 4c3 3 8 4 15 4 3 0 4 2 4 5v2H8z", "M8 30h27", "M17 20l3-2M20 23l3-2"]],
  [/sock/i, ["M17 9h9v13l-2 5-8 6c-4 2-8-3-4-6l5-5z", "M17 14h9"]],
  [/jacket|coat|hoodie|shirt|sweater/i, ["M16 9l-7 5-2 15h6v5h18v-5h6l-2-15-7-5c-2 4-10 4-12 0z", "M22 13v21", "M13 20v9M31 20v9"]],
  [/bag|tote|pack/i, ["M10 17h24l-2 18H12z", "M16 21v-7a6 6 0 0 1 12 0v7"]],
  [/button/i, ["M22 33a11 11 0 1 0 0-22 11 11 0 0 0 0 22z", "M18.500 19v.1M25.500 19v.1M18.500 25v.1M25.500 25v.1"]],
  [/mug|cup/i, ["M11 14h17v15a5 5 0 0 1-5 5h-7a5 5 0 0 1-5-5z", "M28 18h3a4 4 0 0 1 0 9h-3"]],
  [/cap|hat|beanie/i, ["M10 27a12 12 0 0 1 24 0z", "M8 27h30"]],
];

/** A picture of a product, for decoration: its name is next to it. */
export function picture(name) {
  const drawn = svg("svg", { viewBox: "0 0 44 44", class: `picture tint-${tint(name, 6)}`, "aria-hidden": "true" });
  drawn.append(svg("rect", { width: 44, height: 44, rx: 9, class: "ground" }));
  const known = DRAWINGS.find(([words]) => words.test(name));
  if (known) drawn.append(...known[1].map(line));
  else drawn.append(letter(name));
  return drawn;
}

function letter(name) {
  const sign = svg("text", { x: 22, y: 29, "text-anchor": "middle", "font-size": 20, "font-weight": 700, fill: "currentColor" });
  sign.textContent = ([...name.trim()][0] || "?").toUpperCase();
  return sign;
}
