/** Landmarks of a garment that are put right: dragged, or moved with arrow keys; Delete says that one is not visible. */
import { shape } from "./dom.js";
import { COUNTS_FROM } from "./photo_overlay.js";
import { ARROWS } from "./search_geometry.js";
import { t } from "./words.js";

const STEP = 2;

export class PointsEditor {
  /** `changed(landmarks)` is told of every change, `chosen(sentence)` which landmark has the focus. */
  constructor(overlay, changed, chosen) {
    Object.assign(this, { overlay, changed, chosen, points: [], names: [], dragged: null, last: null });
    this.circles = [];
  }

  /** What is to be drawn for landmarks [K][3] with these names. */
  shapes(points, names) {
    this.points = points.map((point) => [...point]);
    this.names = names.map((name) => name.replaceAll("_", " "));
    if (this.circles.length !== points.length) this.circles = points.map((_, place) => this.#circle(place));
    this.circles.forEach((_, place) => this.#update(place));
    return this.circles;
  }

  /** Say that the landmark that was chosen last cannot be seen. */
  hide() {
    if (this.last !== null) this.#take(this.last, [this.points[this.last][0], this.points[this.last][1], 0]);
  }

  #circle(place) {
    return shape("circle", {
      class: "point",
      tabindex: 0,
      role: "button",
      onfocus: () => this.#choose(place),
      onkeydown: (event) => this.#key(event, place),
      onpointerdown: (event) => this.#down(event, place),
      onpointermove: (event) => this.#move(event),
      onpointerup: () => (this.dragged = null),
      onpointercancel: () => (this.dragged = null),
    });
  }

  #update(place) {
    const [x, y, confidence] = this.points[place];
    const circle = this.circles[place];
    const seen = confidence >= COUNTS_FROM;
    circle.setAttribute("cx", x);
    circle.setAttribute("cy", y);
    circle.setAttribute("r", this.overlay.span(seen ? 7 : 5));
    circle.classList.toggle("unseen", !seen);
    circle.setAttribute("aria-label", this.#said(place));
  }

  #said(place) {
    const [x, y, confidence] = this.points[place];
    const values = { name: this.names[place], x: Math.round(x), y: Math.round(y) };
    return confidence >= COUNTS_FROM ? t("{name}, at {x}, {y}", values) : t("{name}, not visible", values);
  }

  #take(place, point) {
    this.points[place] = point;
    this.#update(place);
    this.changed(this.points.map((one) => [...one]));
    this.chosen(this.#said(place));
  }

  #choose(place) {
    this.last = place;
    this.chosen(this.#said(place));
  }

  #down(event, place) {
    if (event.button !== 0) return;
    this.dragged = place;
    event.target.setPointerCapture(event.pointerId);
    event.target.focus({ preventScroll: true });
    event.preventDefault();
  }

  #move(event) {
    if (this.dragged !== null) this.#take(this.dragged, [...this.overlay.place(event), 1]);
  }

  #key(event, place) {
    const direction = ARROWS[event.key];
    if (direction) this.#take(place, [...this.#moved(place, direction), 1]);
    else if (event.key === "Delete" || event.key === "Backspace") this.hide();
    else return;
    event.preventDefault();
  }

  #moved(place, direction) {
    const step = this.overlay.span(STEP);
    return direction.map((steps, axis) => Math.max(0, Math.min(this.overlay.size[axis], this.points[place][axis] + steps * step)));
  }
}
