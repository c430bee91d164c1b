/** The card that is to be judged: both garments, and what is known beside them. */
import { bars } from "./bars.js";
import { tell } from "./banner.js";
import { compareKeys } from "./compare_keys.js";
import { CompareView } from "./compare_view.js";
import { element } from "./dom.js";
import { moment, percent, t } from "./words.js";

export class CardView {
  constructor(root) {
    this.root = root;
    this.pane = root.querySelector("[data-view]");
    this.facts = root.querySelector("[data-facts]");
    this.note = root.querySelector("#note");
    this.field = root.querySelector("#note-field");
    this.view = new CompareView(this.pane, { compact: true });
    compareKeys(this.view);
    this.entry = null;
  }

  /** Show an entry of the deck. It counts as shown once its pair is there. */
  async show(entry) {
    if (entry === this.entry) return;
    this.#keepNote();
    this.entry = entry;
    this.note.value = entry.note;
    this.openNote(entry.note !== "");
    this.pane.style.visibility = "hidden";
    this.facts.replaceChildren(...facts(entry.card));
    const data = await this.#pairOf(entry);
    if (!data || this.entry !== entry) return;
    this.view.show(data);
    this.facts.lastChild.append(bars(data.pair.parts), element("p", { class: "soft of-parts" }, t("Similarity of each part as a whole. Small details may still differ: look.")));
    this.pane.style.visibility = "";
    entry.shown = true;
  }

  /** Nothing is shown any more. */
  clear() {
    this.#keepNote();
    this.entry = null;
  }

  /** The field for the note. */
  openNote(open) {
    this.field.hidden = !open;
    this.root.querySelector('[data-do="note"]').setAttribute("aria-expanded", open);
  }

  #keepNote() {
    if (this.entry) this.entry.note = this.note.value.trim();
  }

  async #pairOf(entry) {
    try {
      return await entry.pair;
    } catch (failure) {
      if (failure.status === undefined) throw failure;
      if (this.entry === entry) tell(failure.message, { alert: true });
      return null;
    }
  }
}

function facts(card) {
  const rows = [
    [t("Seller"), card.seller || t("no seller named")],
    [t("Listing"), card.listing],
    [t("Original"), card.original],
    [t("Date"), card.date],
    [t("Found"), moment(card.found_at)],
  ].filter(([, value]) => value);
  const [seller, ...others] = rows.map(([name, value]) => [element("dt", {}, name), element("dd", {}, element("bdi", {}, value))]);
  const away = { target: "_blank", rel: "noopener noreferrer" };
  const ways = [element("a", { href: `/compare/suspect/${card.id}`, ...away }, t("Look closer"))];
  if (card.link) ways.push(" · ", element("a", { href: card.link, ...away }, t("The listing's page")));
  return [
    element(
      "div",
      { class: "panel chance" },
      element("p", {}, element("span", { class: "probability" }, percent(card.probability)), " ", element("span", { class: "soft" }, t("likely to be a copy"))),
      element("dl", { class: "facts" }, seller),
    ),
    element("div", { class: "panel others" }, element("dl", { class: "facts" }, others.flat()), element("p", {}, ways)),
  ];
}
