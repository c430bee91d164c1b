/** Elements from values. Texts are set as text, never as markup, and characters that cannot be seen are spelled out. */

const HIDDEN = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const SVG = "http://www.w3.org/2000/svg";

/** An HTML element. `attributes`: null and false leave one out; functions are listeners, as in `{ onclick }`. */
export const element = (name, attributes = {}, ...children) => fill(document.createElement(name), attributes, children);

/** An SVG element. */
export const shape = (name, attributes = {}, ...children) => fill(document.createElementNS(SVG, name), attributes, children);

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(name.replace(/^on/, ""), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined).map(shown));
  return node;
}

const shown = (child) => (typeof child === "string" ? child.replace(HIDDEN, spelled) : child);
const spelled = (character) => `\\u${character.codePointAt(0).toString(16).padStart(4, "0")}`;

/** The JSON that the page carries in `<script type="application/json" id=...>`. */
export const pageData = (id) => JSON.parse(document.getElementById(id).textContent);
