/** Two pictures in turn at the same place, by themselves or step by step. */

const MILLISECONDS = 500;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

export class Flicker {
  /** `shown(swapped)` is told which of both is to be seen, `changed()` that it began or stopped to run. */
  constructor(shown, changed) {
    Object.assign(this, { shown, changed, swapped: false, timer: 0 });
    calm.addEventListener("change", () => calm.matches && this.stop());
  }

  get runs() {
    return this.timer !== 0;
  }

  /** Run, unless the person wants little motion. */
  start() {
    clearInterval(this.timer);
    this.timer = calm.matches ? 0 : setInterval(() => this.#swap(), MILLISECONDS);
    this.changed();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = 0;
    this.changed();
  }

  /** Stop, and show the other one. */
  step() {
    this.stop();
    this.#swap();
  }

  /** Show the first one, and stop. */
  reset() {
    this.stop();
    this.swapped = true;
    this.#swap();
  }

  #swap() {
    this.swapped = !this.swapped;
    this.shown(this.swapped);
  }
}
