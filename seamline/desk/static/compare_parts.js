/** The parts of a pair as a table, whose rows and the regions of the pictures stand out together. */
import { bar, colour } from "./bars.js";
import { markOf, markWord, meaning } from "./compare_words.js";
import { element } from "./dom.js";
import { figure, t, term } from "./words.js";

export class PartsTable {
  /** `point(place)` is told what is pointed at or focused, null for nothing; `pin(place)` what is chosen. */
  constructor(root, told) {
    const widths = ["of-name", null, "of-number", "of-result"].map((name) => element("col", { class: name }));
    const heads = [t("Part"), t("Similarity"), t("Result")].map((name, n) => element("th", { scope: "col", colspan: n === 1 ? 2 : null }, name));
    this.told = told;
    this.body = element("tbody");
    this.rows = [];
    root.append(element("table", { class: "parts" }, element("caption", { class: "hidden" }, t("Parts")), element("colgroup", {}, widths), element("thead", {}, element("tr", {}, heads)), this.body));
  }

  /** The parts of a pair, as `Pair` of the desk has it. */
  show({ parts }) {
    this.rows = parts.map((part, place) => this.#row(part, place));
    this.body.replaceChildren(...this.rows);
  }

  /** Let the row of a part stand out; null for none. `pinned`: the one that stays so. */
  highlight(place, pinned) {
    this.rows.forEach((row, n) => {
      row.classList.toggle("chosen", n === place);
      row.querySelector("button").setAttribute("aria-pressed", n === pinned);
    });
  }

  #row(part, place) {
    const { point, pin } = this.told;
    const mark = markOf(part);
    const chip = element("span", { class: "chip", "aria-hidden": "true" }, place + 1);
    chip.style.background = colour(place);
    const name = element("button", { type: "button", class: "quiet", title: meaning(part), onclick: () => pin(place), onfocus: () => point(place), onblur: () => point(null) }, chip, element("span", {}, term(part.label)));
    const cells = [
      element("th", { scope: "row" }, name),
      element("td", { class: "measure" }, bar(part, place, mark, meaning(part))),
      element("td", { class: "number" }, figure(part.similarity)),
      element("td", { class: mark }, `${mark === "changed" ? "≠ " : ""}${markWord(mark)}`),
    ];
    return element("tr", { onpointerenter: () => point(place), onpointerleave: () => point(null) }, cells);
  }
}
