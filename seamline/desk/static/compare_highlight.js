/** The part that stands out in both pictures, and the sentence about it. */
import { meaning, summary } from "./compare_words.js";
import { element } from "./dom.js";
import { t } from "./words.js";

export class Highlight {
  /** `regions`: of both pictures; `onPart(place, pinned)` is told which part stands out. */
  constructor(regions, onPart) {
    Object.assign(this, { regions, onPart, pointed: null, pinned: null });
    this.root = element("p", { class: "said", "aria-live": "polite" });
  }

  /** Another pair, of which no part stands out. */
  show({ pair, alignment }) {
    Object.assign(this, { parts: pair.parts, rough: alignment.rough, pinned: null });
    this.point(null);
  }

  /** Let a part stand out while it is pointed at; null for none. */
  point(place) {
    this.pointed = place;
    this.#tell();
  }

  /** Let a part stand out until it, or another one, is chosen again. */
  pin(place) {
    this.pinned = this.pinned === place ? null : place;
    this.#tell();
  }

  #tell() {
    const place = this.pointed ?? this.pinned;
    for (const one of this.regions) one.highlight(place, this.pinned);
    this.root.replaceChildren(...(place === null ? this.#ofAll() : [meaning(this.parts[place])]));
    this.onPart(place, this.pinned);
  }

  #ofAll() {
    if (!this.rough) return [summary(this.parts)];
    return [summary(this.parts), " ", element("span", { class: "soft" }, t("The pictures are aligned roughly: the same place may lie a little apart."))];
  }
}
