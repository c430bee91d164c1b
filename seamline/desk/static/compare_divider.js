/** The line between two pictures that lie over each other, which people move by pointer and keys. */
import { element } from "./dom.js";
import { t } from "./words.js";

const STEPS = { ArrowLeft: -2, ArrowDown: -2, ArrowRight: 2, ArrowUp: 2, PageDown: -10, PageUp: 10, Home: -100, End: 100 };

export class Divider {
  /** `moved(percent)` is told how much of the width is the query's. */
  constructor(stage, moved) {
    Object.assign(this, { stage, moved });
    const says = { role: "slider", tabindex: 0, "aria-orientation": "horizontal", "aria-valuemin": 0, "aria-valuemax": 100 };
    this.root = element("div", { class: "divider", "aria-label": t("Line between the pictures"), ...says }, element("span", { class: "grip", "aria-hidden": "true" }));
    this.root.addEventListener("pointerdown", (event) => this.#take(event));
    this.root.addEventListener("pointermove", (event) => this.#drag(event));
    this.root.addEventListener("keydown", (event) => this.#onKey(event));
    this.set(50);
  }

  /** Put the line at a percentage of the width. */
  set(percent) {
    this.percent = Math.min(Math.max(percent, 0), 100);
    this.root.style.left = `${this.percent}%`;
    this.root.setAttribute("aria-valuenow", Math.round(this.percent));
    this.root.setAttribute("aria-valuetext", t("{share} % of the left picture", { share: Math.round(this.percent) }));
    this.moved(this.percent);
  }

  #take(event) {
    event.stopPropagation();
    this.root.setPointerCapture(event.pointerId);
  }

  #drag(event) {
    if (!this.root.hasPointerCapture(event.pointerId)) return;
    const edge = this.stage.getBoundingClientRect();
    this.set(((event.clientX - edge.left) / edge.width) * 100);
  }

  #onKey(event) {
    if (!(event.key in STEPS) || event.shiftKey) return;
    this.set(this.percent + STEPS[event.key]);
    event.preventDefault();
    event.stopPropagation();
  }
}
