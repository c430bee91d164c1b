/** Landmarks of a garment that are put right: dragged, or moved with arrow keys; Delete says that one is not visible. */
import { shape } from "./dom.js";
import { COUNTS_FROM } from "./photo_overlay.js";
import { ARROWS } from "./search_geometry.js";
import { t, term } from "./words.js";

const STEP = 2;
const REACH = 11;
const RADIUS = 5;

export class PointsEditor {
  /** `changed(landmarks)` is told of every change, `chosen(sentence)` which landmark has the focus. */
  constructor(overlay, changed, chosen) {
    Object.assign(this, { overlay, changed, chosen, points: [], names: [], drag: null, last: null });
    Object.assign(this, { marks: [], touched: new Set(), showsAll: false });
  }

  /** Begin with other landmarks: those that cannot be seen are out of the way again. */
  restart() {
    this.touched.clear();
    this.last = null;
  }

  /** What is to be drawn for landmarks [K][3] with these names. */
  shapes(points, names) {
    this.points = points.map((point) => [...point]);
    this.names = names.map(term);
    if (this.marks.length !== points.length) this.marks = points.map((_, place) => this.#mark(place));
    this.marks.forEach((_, place) => this.#update(place));
    return this.marks.filter((_, place) => this.#shows(place));
  }

  /** Where the landmark is that was chosen last, or null. */
  get place() {
    return this.last === null ? null : this.points[this.last].slice(0, 2);
  }

  /** Say that the landmark that was chosen last cannot be seen. */
  hide() {
    if (this.last !== null) this.#take(this.last, [this.points[this.last][0], this.points[this.last][1], 0]);
  }

  #seen(place) {
    return this.points[place][2] >= COUNTS_FROM;
  }

  /** One that was just hidden stays, so that this can be taken back. */
  #shows(place) {
    return this.showsAll || this.#seen(place) || this.touched.has(place);
  }

  #mark(place) {
    const listeners = {
      onfocus: () => this.#choose(place),
      onkeydown: (event) => this.#key(event, place),
      onpointerdown: (event) => this.#down(event, place),
      onpointermove: (event) => this.#move(event),
      onpointerup: () => (this.drag = null),
      onpointercancel: () => (this.drag = null),
    };
    const circles = ["target", "under", "ring"].map((name) => shape("circle", { class: name }));
    return shape("g", { class: "point", tabindex: 0, role: "button", ...listeners }, circles);
  }

  #update(place) {
    const [x, y] = this.points[place];
    const mark = this.marks[place];
    for (const circle of mark.children) {
      circle.setAttribute("cx", x);
      circle.setAttribute("cy", y);
      circle.setAttribute("r", this.overlay.span(circle.classList.contains("target") ? REACH : RADIUS));
    }
    mark.classList.toggle("unseen", !this.#seen(place));
    mark.setAttribute("aria-label", this.#said(place));
  }

  #said(place) {
    const [x, y] = this.points[place];
    const values = { name: this.names[place], x: Math.round(x), y: Math.round(y) };
    return this.#seen(place) ? t("{name}, at {x}, {y}", values) : t("{name}, not visible", values);
  }

  #take(place, point) {
    this.points[place] = point;
    this.touched.add(place);
    this.#update(place);
    this.changed(this.points.map((one) => [...one]));
    this.chosen(this.#said(place));
  }

  #choose(place) {
    this.last = place;
    this.chosen(this.#said(place));
    this.overlay.reveal([...this.place, ...this.place]);
  }

  #down(event, place) {
    if (event.button !== 0) return;
    const meant = this.#meant(event, place);
    const here = this.overlay.place(event);
    this.drag = { place: meant, off: here.map((at, axis) => this.points[meant][axis] - at) };
    this.marks[meant].setPointerCapture(event.pointerId);
    this.marks[meant].focus({ preventScroll: true });
    event.preventDefault();
  }

  /** Where several lie over each other, the nearest that is seen. */
  #meant(event, place) {
    const [x, y] = this.overlay.place(event);
    const distance = (one) => Math.hypot(this.points[one][0] - x, this.points[one][1] - y);
    const seen = [...this.points.keys()].filter((one) => this.#seen(one) && distance(one) <= this.overlay.span(REACH));
    return seen.sort((one, other) => distance(one) - distance(other))[0] ?? place;
  }

  #move(event) {
    if (!this.drag) return;
    const here = this.overlay.place(event);
    this.#take(this.drag.place, [...this.#within(here.map((at, axis) => at + this.drag.off[axis])), 1]);
  }

  #key(event, place) {
    const direction = ARROWS[event.key];
    if (direction) this.#take(place, [...this.#moved(place, direction), 1]);
    else if (event.key === "Delete" || event.key === "Backspace") this.hide();
    else return;
    event.preventDefault();
    this.overlay.reveal([...this.place, ...this.place]);
  }

  #moved(place, direction) {
    const step = this.overlay.span(STEP);
    return this.#within(direction.map((steps, axis) => this.points[place][axis] + steps * step));
  }

  #within(point) {
    return point.map((at, axis) => Math.max(0, Math.min(this.overlay.size[axis], at)));
  }
}
