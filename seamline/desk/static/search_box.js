/** A garment's box that is drawn, moved and resized: by mouse, finger, pen or keyboard. */
import { shape } from "./dom.js";
import { rect } from "./photo_overlay.js";
import { ARROWS, moved, resized, spanned } from "./search_geometry.js";
import { t } from "./words.js";

const EDGES = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];
const STEP = 3;
const SMALLEST = 8;

export class BoxEditor {
  /** `changed(box)` is told of every change. */
  constructor(overlay, changed) {
    Object.assign(this, { overlay, changed, box: null, drag: null, active: false, fresh: false });
    const label = t("Box of the garment: arrow keys move it, Shift and arrow keys resize it");
    this.body = shape("rect", { class: "edited", tabindex: 0, role: "button", "aria-label": label, onkeydown: (event) => this.#key(event) });
    this.handles = EDGES.map((edges) => shape("rect", { class: `handle ${edges}`, "data-edges": edges }));
    const listeners = { pointerdown: this.#down, pointermove: this.#move, pointerup: this.#up, pointercancel: this.#up };
    for (const [name, listener] of Object.entries(listeners)) overlay.svg.addEventListener(name, listener.bind(this));
  }

  /** What is to be drawn for this box. */
  shapes(box) {
    this.box = box;
    this.#update();
    return [this.body, ...this.handles];
  }

  /** Let the next drag draw a new box, also where it begins inside this one. */
  restart() {
    this.fresh = true;
  }

  #update() {
    set(this.body, rect(this.box));
    const [x0, y0, x1, y1] = this.box;
    const side = this.overlay.span(12);
    this.handles.forEach((handle, place) => {
      const edges = EDGES[place];
      const x = edges.includes("w") ? x0 : edges.includes("e") ? x1 : (x0 + x1) / 2;
      const y = edges.includes("n") ? y0 : edges.includes("s") ? y1 : (y0 + y1) / 2;
      set(handle, { x: x - side / 2, y: y - side / 2, width: side, height: side });
    });
  }

  #take(box) {
    this.box = box;
    this.#update();
    this.changed(box);
  }

  #down(event) {
    if (!this.active || event.button !== 0) return;
    const edges = this.fresh ? "draw" : (event.target.dataset.edges ?? (event.target === this.body ? "move" : "draw"));
    this.drag = { edges, from: this.overlay.place(event), box: this.box };
    this.overlay.svg.setPointerCapture(event.pointerId);
    this.body.focus({ preventScroll: true });
    event.preventDefault();
  }

  #move(event) {
    if (!this.drag) return;
    const { edges, from, box } = this.drag;
    const here = this.overlay.place(event);
    const by = [here[0] - from[0], here[1] - from[1]];
    if (edges === "draw") {
      this.fresh = false;
      if (Math.min(...by.map(Math.abs)) >= this.overlay.span(SMALLEST)) this.#take(spanned(from, here));
    } else if (by.some(Boolean)) this.#take(edges === "move" ? moved(box, by, this.overlay.size) : resized(box, edges, by, this.overlay.size));
  }

  #up() {
    this.drag = null;
  }

  #key(event) {
    const direction = ARROWS[event.key];
    if (!direction) return;
    event.preventDefault();
    const by = direction.map((steps) => steps * this.overlay.span(STEP));
    this.#take(event.shiftKey ? resized(this.box, "se", by, this.overlay.size) : moved(this.box, by, this.overlay.size));
    this.overlay.reveal(event.shiftKey ? [...this.box.slice(2), ...this.box.slice(2)] : this.box);
  }
}

function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
}
