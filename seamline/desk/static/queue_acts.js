/** What was done on this page, so that the last of it can be taken back: verdicts, and cards put off. */

export class Acts {
  #done = [];

  /** Keep that an entry of the deck was judged, or `putOff`. */
  add(entry, { putOff = false } = {}) {
    this.#done.push({ entry, putOff });
  }

  /** Take out what was done last; undefined where nothing was. */
  pop() {
    return this.#done.pop();
  }

  /** Forget what was done to cards, which are named by their ids. */
  forget(ids) {
    this.#done = this.#done.filter(({ entry }) => !ids.includes(entry.card.id));
  }
}
