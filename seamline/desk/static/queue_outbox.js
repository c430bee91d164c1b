/** Changes on their way to the desk, one after another, so that the order in which they were made is kept. */

const CONFLICT = 409;

export class Outbox {
  #waiting = [];
  #busy = false;

  /** `told(number)` hears how many are on their way; `failed(changes, failure)` gets back what was not saved. */
  constructor({ told, failed }) {
    Object.assign(this, { told, failed });
  }

  /** Changes that are not saved yet. */
  get changes() {
    return [...this.#waiting];
  }

  /** A change: `send()` makes it, `saved(answer)` is called when the desk has it. */
  add(change) {
    this.#waiting.push(change);
    this.told(this.#waiting.length);
    if (!this.#busy) this.#work();
  }

  async #work() {
    this.#busy = true;
    try {
      while (this.#waiting.length > 0) await this.#first();
    } finally {
      this.#busy = false;
    }
  }

  /** What the desk refuses for good leaves the others be; where it is away, all come back. */
  async #first() {
    const [change] = this.#waiting;
    let answer;
    try {
      answer = await change.send();
    } catch (failure) {
      if (failure.status === undefined) throw failure;
      const back = this.#waiting.splice(0, failure.status === CONFLICT ? 1 : this.#waiting.length);
      this.told(this.#waiting.length);
      this.failed(back, failure);
      return;
    }
    this.#waiting.shift();
    this.told(this.#waiting.length);
    change.saved(answer);
  }
}
