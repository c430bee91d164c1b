/** The hits of a garment as cards, which are put in order, filtered, and walked with arrow keys. */
import { bars } from "./bars.js";
import { element } from "./dom.js";
import { keepHit } from "./search_left.js";
import { NOT_COMPARABLE, bestFirst } from "./search_weights.js";
import { figure, percent, t, term } from "./words.js";

export class Cards {
  /** `add(hit)` is called with the place of a hit that is to go to a case; null where the person may not. */
  constructor(list, add) {
    Object.assign(this, { list, add, pairs: [], cards: [] });
    list.addEventListener("keydown", (event) => this.#key(event));
    list.addEventListener("focusin", (event) => this.#enter(event.target.closest(".card")));
  }

  /** Show the hits of one garment of an answer, in the answer's order. */
  show(record, garment) {
    this.pairs = record.pairs[garment] ?? [];
    this.cards = this.pairs.map((pair, hit) => this.#card(pair, `${record.id}/${garment}/${hit}`, hit));
    this.list.replaceChildren(...this.cards);
    this.#mark(this.cards[0]);
  }

  /** Put the cards in the order of `scores`, one for each hit in the answer's order; each shows its own, called `name`. */
  rank(scores, name) {
    this.cards.forEach((card, hit) => say(card, scores[hit], name));
    this.list.append(...bestFirst(scores).map((hit) => this.cards[hit]));
  }

  /** Put the cards in the answer's order, with its scores. */
  restore(name) {
    this.cards.forEach((card, hit) => say(card, this.pairs[hit].score, name));
    this.list.append(...this.cards);
  }

  /** Show only the hits that pass; how many do. */
  filter(passes) {
    this.cards.forEach((card, hit) => (card.hidden = !passes(this.pairs[hit].hit)));
    const shown = this.#shown();
    this.#mark(shown[0]);
    return shown.length;
  }

  /** Put the focus on a hit by its place in the answer, or on the first that is shown. */
  enter(hit = null, options = {}) {
    const card = this.cards[hit];
    link(card && !card.hidden ? card : this.#shown()[0])?.focus(options);
  }

  #enter(card) {
    keepHit(card.dataset.hit);
    this.#mark(card);
  }

  #card(pair, address, hit) {
    const { item, category, metadata } = pair.hit;
    const about = [metadata.seller, metadata.date, term(category)].filter(Boolean).join(" · ");
    return element(
      "li",
      { class: "card", "data-item": item, "data-hit": address },
      element("a", { href: `/compare/search/${address}`, tabindex: -1 }, photo(address), element("span", { class: "item" }, item)),
      element(
        "div",
        { class: "body" },
        element("div", { class: "soft about" }, about),
        element("div", { title: t("How probable it is that one copies the other, by the model's calibration") }, element("span", { class: "probability" }, percent(pair.probability)), ` ${t("copy")}`),
        element("div", { class: "soft score" }),
        pair.mirrored ? element("div", { class: "soft" }, t("mirrored: left against right")) : null,
        bars(pair.parts),
        this.add && element("button", { type: "button", class: "add", tabindex: -1, "aria-label": t("Add {item} to a case", { item }), onclick: () => this.add(hit) }, t("Add to a case")),
      ),
    );
  }

  #shown() {
    return [...this.list.children].filter((card) => !card.hidden);
  }

  /** One card at a time is a stop of the Tab key. */
  #mark(card) {
    for (const other of this.list.querySelectorAll('[aria-current="true"]')) stop(other, false);
    if (card) stop(card, true);
  }

  #key(event) {
    const card = event.target.closest(".card");
    const shown = this.#shown();
    const at = shown.indexOf(card);
    const goal = { ArrowLeft: at - 1, ArrowRight: at + 1, ArrowUp: at - columns(shown), ArrowDown: at + columns(shown), Home: 0, End: shown.length - 1 }[event.key];
    if (goal === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    link(shown[goal])?.focus();
  }
}

const link = (card) => card?.querySelector("a");

function say(card, score, name) {
  const shown = score === NOT_COMPARABLE ? "–" : figure(score);
  card.querySelector(".score").textContent = t("score {score} ({name})", { score: shown, name });
}

function stop(card, current) {
  card.setAttribute("aria-current", String(current));
  for (const one of card.querySelectorAll("a, button")) one.tabIndex = current ? 0 : -1;
}

function columns(cards) {
  const next = cards.findIndex((card) => card.offsetTop > cards[0].offsetTop);
  return next < 0 ? cards.length : next;
}

function photo(address) {
  const image = element("img", { src: `/search/${address}/photo?size=small`, alt: "", loading: "lazy", decoding: "async" });
  const frame = element("span", { class: "photo" }, image);
  image.addEventListener("error", () => frame.replaceChildren(element("span", { class: "soft" }, t("The photo is not where it was when it was indexed."))));
  return frame;
}
