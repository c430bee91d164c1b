/** One answer on the page: its photo, the hits of the garment that is looked at, and the order that they are in. */
import { addToCase } from "./add_to_case.js";
import { Cards } from "./search_cards.js";
import { tellCorrected } from "./search_corrected.js";
import { filtered, passes } from "./search_filter.js";
import { leftHit } from "./search_left.js";
import { offerRankings, showOptions } from "./search_options.js";
import { SearchedPhoto } from "./search_photo.js";
import { Sliders } from "./search_sliders.js";
import { t } from "./words.js";

const node = (id) => document.getElementById(id);
const wide = window.matchMedia("(min-width: 901px)");

export class AnswerView {
  /** `maySearch`: whether the person may do more than look. */
  constructor(maySearch) {
    const add = (hit) => addToCase({ search: this.record.id, garment: this.photo.garment, hit });
    Object.assign(this, { record: null, name: "", left: null, cards: new Cards(node("cards"), maySearch ? add : null) });
    this.photo = new SearchedPhoto((garment) => this.#look(garment));
    this.sliders = new Sliders((score, name) => this.#order(score, name));
  }

  /** Show an answer; the garment is the one that the address names. */
  open(record) {
    this.record = record;
    const wanted = Number(new URLSearchParams(location.search).get("garment") ?? 1) - 1;
    const garment = record.garments[wanted] ? wanted : 0;
    this.left = leftHit(record.id, garment);
    offerRankings(record.versions.rankings, record.versions.ranking, record.versions);
    showOptions(record);
    this.photo.show(record, garment);
    node("sliders").open = wide.matches;
    if (!wide.matches) node("options").open = false;
    this.#look(garment);
    tellCorrected(record);
    document.title = `${record.file_name || t("Search")} · seamline`;
  }

  /** Put the focus on the hit that was left, or on the first one; only the former is scrolled to. */
  enter() {
    this.cards.enter(this.left, { preventScroll: this.left === null });
  }

  /** The box and the landmarks that a new search is about: as corrected, else as this answer was asked. */
  question() {
    const { box, landmarks } = this.photo.corrections() ?? this.record.options;
    return { box, landmarks };
  }

  /** Leave the answer for a photo that has none yet. */
  leave(file) {
    this.record = null;
    this.photo.preview(file);
    this.cards.show({ pairs: [] }, 0);
    node("sliders").hidden = node("keys-of-hits").hidden = node("nothing").hidden = true;
  }

  /** Say that an answer is waited for, or not any more. */
  busy(is) {
    node("hits").setAttribute("aria-busy", String(is));
    if (is) node("count").textContent = t("Searching…");
    node("to-hits").hidden = is;
    this.count();
  }

  /** Show the hits that pass the filter, and say how many those are. */
  count() {
    if (node("hits").getAttribute("aria-busy") === "true") return;
    const shown = this.cards.filter(filtered() ? passes : () => true);
    node("to-hits").hidden = !shown;
    node("to-hits").textContent = t("{n} hits ↓", { n: shown });
    node("count").textContent = this.record ? this.#counted(shown) : t("There is no answer. Change the options or try again.");
  }

  #counted(shown) {
    const n = this.#pairs().length;
    if (n) return filtered() ? t("{shown} of {n} hits, by {name}", { shown, n, name: this.name }) : t("{n} hits, by {name}", { n, name: this.name });
    return this.record.garments.length ? t("The collection has nothing that could be compared with this garment.") : "";
  }

  #pairs() {
    return this.record.pairs[this.photo.garment] ?? [];
  }

  #look(garment) {
    history.replaceState(null, "", `/search/${this.record.id}${garment ? `?garment=${garment + 1}` : ""}`);
    this.cards.show(this.record, garment);
    this.sliders.show(this.record, garment);
    node("nothing").hidden = true;
    node("keys-of-hits").hidden = !this.#pairs().length;
    this.count();
  }

  #order(score, name) {
    this.name = name;
    if (score) this.cards.rank(this.#pairs().map(score), name);
    else this.cards.restore(name);
    this.count();
  }
}
