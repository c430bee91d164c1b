/** Landmarks of a garment that are put right: dragged, or moved with arrow keys; Delete says that one is not visible. */
import { shape } from "./dom.js";
import { COUNTS_FROM } from "./photo_overlay.js";
import { ARROWS } from "./search_geometry.js";
import { t, term } from "./words.js";

const STEP = 2;
const RADIUS = 7;

export class PointsEditor {
  /** `changed(landmarks)` is told of every change, `chosen(sentence)` which landmark has the focus. */
  constructor(overlay, changed, chosen) {
    Object.assign(this, { overlay, changed, chosen, points: [], names: [], dragged: null, last: null });
    this.circles = [];
  }

  /** What is to be drawn for landmarks [K][3] with these names. */
  shapes(points, names) {
    this.points = points.map((point) => [...point]);
    this.names = names.map(term);
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
    circle.setAttribute("r", this.overlay.span(seen ? RADIUS : 5));
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
    this.dragged = this.#meant(event, place);
    this.circles[this.dragged].setPointerCapture(event.pointerId);
    this.circles[this.dragged].focus({ preventScroll: true });
    event.preventDefault();
  }

  /** Where several lie over each other, the nearest that is seen. */
  #meant(event, place) {
    const [x, y] = this.overlay.place(event);
    const distance = (one) => Math.hypot(this.points[one][0] - x, this.points[one][1] - y);
    const seen = [...this.points.keys()].filter((one) => this.points[one][2] >= COUNTS_FROM && distance(one) <= this.overlay.span(RADIUS));
    return seen.sort((one, other) => distance(one) - distance(other))[0] ?? place;
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
