/** The cards on this page: the one that is shown, and the next ones with their pictures, so that no card is waited for. */
import { get, send } from "./api.js";

const HAND = 4;
const MOST_SKIPPED = 1900;

/** A card with the pair behind it, which is fetched at once. */
export function entryOf(card, note = "") {
  const entry = { card, note, shown: false, pair: get(`/api/compare/suspect/${card.id}`) };
  entry.pair.then(({ photos }) => (entry.pictures = Object.values(photos).map(({ large }) => preloaded(large))), () => {});
  return entry;
}

function preloaded(address) {
  const image = new Image();
  image.src = address;
  image.decode().catch(() => {}); // a photo that is gone is said where it is shown
  return image;
}

export class Deck {
  #before = Promise.resolve(); // what has to have ended before more cards are asked for

  /** `putOff`: id -> entry. `inHand`: whose cards come first, also after the page was loaded again. `pending()` gives the entries that were judged and are not saved yet. */
  constructor(watch, pending) {
    Object.assign(this, { watch, pending, entries: [], putOff: new Map(), seller: null });
    this.inHand = sessionStorage.getItem(this.#place);
  }

  /** The card that is to be judged. */
  get current() {
    return this.entries[0];
  }

  /** Ids of the cards on this page. */
  get ids() {
    return this.entries.map(({ card }) => card.id);
  }

  /** Take the current card off. */
  take() {
    return this.entries.shift();
  }

  /** From now on this seller's cards come first. */
  hold(seller) {
    this.inHand = seller;
    sessionStorage.setItem(this.#place, seller);
  }

  get #place() {
    return `seamline-seller-${this.watch}`;
  }

  /** Put cards before the current one. */
  back(entries) {
    const ids = entries.map(({ card }) => card.id);
    this.entries = [...entries, ...this.entries.filter(({ card }) => !ids.includes(card.id))];
  }

  /** Get as many cards as the page holds. */
  fill() {
    return this.#inTurn(() => this.#fill());
  }

  #inTurn(work) {
    const done = this.#before.then(work);
    this.#before = done.catch(() => {}); // told where it was asked for
    return done;
  }

  async #fill() {
    const { seller } = this;
    const count = HAND - this.entries.length;
    if (count <= 0) return;
    const judged = this.pending().map(({ card }) => card.id);
    const skip = [...this.ids, ...judged, ...[...this.putOff.keys()].slice(-MOST_SKIPPED)];
    const inHand = this.entries.at(-1)?.card.seller ?? this.inHand;
    const found = await send(`/api/queue/${this.watch}/next`, { count, seller, in_hand: inHand, skip });
    this.entries.push(...found.filter(({ id }) => !this.ids.includes(id)).map((card) => entryOf(card)));
  }

  /** Only cards of this seller from now on, or of all for null. */
  choose(seller) {
    return this.#inTurn(async () => {
      const ids = this.ids;
      Object.assign(this, { seller, entries: [], inHand: seller });
      if (ids.length > 0) await send("/api/queue/release", { suspects: ids });
      await this.#fill();
    });
  }

  /** Put cards before the current one that were put off; those that are still to be had. */
  recall(ids) {
    return this.#inTurn(async () => {
      const found = await send(`/api/queue/${this.watch}/claim`, { suspects: ids.slice(-MOST_SKIPPED) });
      this.back(found.map((card) => entryOf(card, this.putOff.get(card.id)?.note)));
      for (const id of ids) this.putOff.delete(id);
      return found;
    });
  }

  /** Let others have cards. */
  release(ids) {
    return this.#inTurn(() => send("/api/queue/release", { suspects: ids }));
  }

  /** Keep the cards for another while; whether the current one was lost to somebody else. */
  async renew() {
    const { current, ids } = this;
    if (ids.length === 0) return false;
    const held = await send("/api/queue/renew", { suspects: ids });
    this.entries = this.entries.filter(({ card }) => held.includes(card.id) || !ids.includes(card.id));
    return current !== this.current && !held.includes(current.card.id);
  }
}
