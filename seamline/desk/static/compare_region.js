/** One region of a garment: its shape over the photo, and the label that names it. */
import { colour } from "./bars.js";
import { fillOf } from "./compare_map.js";
import { markOf, meaning } from "./compare_words.js";
import { shape } from "./dom.js";
import { figure } from "./words.js";

export const LABEL_HEIGHT = 18;
const PER_LETTER = 6.7;
const PADDING = 9;

export class Region {
  /** `label`: what the part is called on this garment; `hatch`: a fill for what was changed. */
  constructor({ place, part, label, corners }, hatch, { point, pin }) {
    const mark = markOf(part);
    Object.assign(this, { place, corners, colour: colour(place) });
    this.short = `${mark === "changed" ? "≠ " : ""}${place + 1}`;
    this.long = `${this.short} ${label}${part.similarity === null ? "" : ` ${figure(part.similarity)}`}`;
    this.fills = [fillOf(part), mark === "changed" ? hatch : "none"].map((fill) => shape("polygon", { fill }));
    const lines = [shape("polygon", { class: "halo" }), shape("polygon", { class: "line", stroke: this.colour })];
    this.polygons = [...this.fills, ...lines];
    this.root = shape("g", { class: `region ${mark}`, role: "button", tabindex: -1, "aria-label": meaning(part), "data-place": place }, lines);
    this.root.addEventListener("pointerenter", () => point(place));
    this.root.addEventListener("pointerleave", () => point(null));
    this.root.addEventListener("focus", () => point(place));
    this.root.addEventListener("blur", () => point(null));
    this.root.addEventListener("click", () => pin(place));
    this.plate = shape("rect", { height: LABEL_HEIGHT, rx: 3, fill: this.colour });
    this.text = shape("text", { x: PADDING / 2, y: 13 });
    this.label = shape("g", { class: "label" }, this.plate, this.text);
    this.say(this.short);
  }

  /** Pixels that the label takes while it says no more than the number. */
  get width() {
    return this.#widthOf(this.short);
  }

  /** Lay the shape along these corners. */
  outline(points) {
    for (const polygon of this.polygons) polygon.setAttribute("points", points);
  }

  /** Put the label's top left corner there. */
  putLabel(x, y) {
    this.label.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
  }

  /** Let the label say this. */
  say(words) {
    this.text.textContent = words;
    this.plate.setAttribute("width", this.#widthOf(words));
  }

  #widthOf(words) {
    return words.length * PER_LETTER + PADDING;
  }
}
