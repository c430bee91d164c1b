/** The searched photo: its garments, which of them is looked at, and what a person has corrected. */
import { PhotoOverlay, garmentBox, landmarkDots, partBoxes } from "./photo_overlay.js";
import { BoxEditor } from "./search_box.js";
import { central } from "./search_geometry.js";
import { hint, showGarments, showWarnings } from "./search_photo_texts.js";
import { PointsEditor } from "./search_points.js";

const node = (id) => document.getElementById(id);
const UNTOUCHED = { box: null, landmarks: null };

export class SearchedPhoto {
  /** `chosen(garment)` is told which garment is looked at, by its place. */
  constructor(chosen) {
    Object.assign(this, { chosen, record: null, garment: 0, mode: "choose", ...UNTOUCHED });
    this.overlay = new PhotoOverlay(node("overlay"), () => this.record && this.#draw());
    this.boxes = new BoxEditor(this.overlay, (box) => this.#correct({ box }));
    this.points = new PointsEditor(this.overlay, (landmarks) => this.#correct({ landmarks }), (said) => (node("hint").textContent = said));
    node("modes").addEventListener("click", (event) => event.target.dataset.mode && this.begin(event.target.dataset.mode));
    node("undo").addEventListener("click", () => this.#undo());
    node("new-box").addEventListener("click", () => this.boxes.restart());
    node("hide-point").addEventListener("click", () => this.points.hide());
  }

  /** Show a file before there is an answer. */
  preview(file) {
    this.clear();
    const image = node("preview");
    image.src = URL.createObjectURL(file);
    image.hidden = false;
    image.onload = () => URL.revokeObjectURL(image.src);
    image.onerror = () => (image.hidden = true);
    node("file-name").textContent = file.name;
    node("shown").hidden = false;
  }

  /** Show an answer, of which this garment is looked at. */
  show(record, garment) {
    Object.assign(this, { record, garment, ...UNTOUCHED });
    this.overlay.show(`/search/${record.id}/photo`, record.photo_size);
    node("overlay").toggleAttribute("hidden", false);
    node("preview").hidden = true;
    node("shown").hidden = node("tools").hidden = false;
    node("file-name").textContent = record.file_name;
    node("whole").hidden = !record.options.whole;
    node("whole").href = `/search/${record.options.whole}`;
    showWarnings(record.warnings);
    this.enter("choose");
  }

  /** Show no photo. */
  clear() {
    Object.assign(this, { record: null, ...UNTOUCHED });
    node("overlay").toggleAttribute("hidden", true);
    node("shown").hidden = node("tools").hidden = node("whole").hidden = true;
    showWarnings([]);
  }

  /** Look at the garment after this one. */
  next() {
    if (this.record?.garments.length) this.choose((this.garment + 1) % this.record.garments.length);
  }

  /** Look at a garment. */
  choose(garment) {
    Object.assign(this, { garment, ...UNTOUCHED });
    this.enter(this.mode);
    this.chosen(garment);
  }

  /** Choose garments, correct the box, or correct landmarks. */
  enter(mode) {
    if (!this.record) return;
    const points = this.#points().length > 0;
    this.mode = mode === "points" && !points ? "choose" : mode;
    this.boxes.active = this.mode === "box";
    node("overlay").dataset.mode = this.mode;
    for (const button of node("modes").children) button.setAttribute("aria-pressed", button.dataset.mode === this.mode);
    node("modes").querySelector('[data-mode="points"]').hidden = !points;
    node("hint").textContent = hint(this.mode, this.record.garments.length);
    if (this.mode === "box" && !this.#box()) this.box = central(this.record.photo_size);
    this.#draw();
  }

  /** The same, with the focus on what can be corrected now. */
  begin(mode) {
    this.enter(mode);
    if (this.record) node("overlay").querySelector("[tabindex]")?.focus({ preventScroll: true });
  }

  /** What a new search has to be told; null where nothing was corrected. */
  corrections() {
    if (!this.box && !this.landmarks) return null;
    return { box: this.#box(), landmarks: this.landmarks ? [this.landmarks] : null };
  }

  #garment() {
    return this.record.garments[this.garment];
  }

  #box() {
    return this.box ?? this.#garment()?.box ?? null;
  }

  #points() {
    return this.landmarks ?? this.#garment()?.landmarks ?? [];
  }

  #correct(change) {
    Object.assign(this, change);
    this.#offer();
  }

  #undo() {
    Object.assign(this, UNTOUCHED);
    this.enter("choose");
  }

  #offer() {
    const corrected = this.corrections() !== null;
    node("search-corrected").hidden = node("undo").hidden = !corrected;
    node("new-box").hidden = this.mode !== "box";
    node("hide-point").hidden = this.mode !== "points";
    node("changes").hidden = !corrected && this.mode === "choose";
  }

  #draw() {
    this.overlay.draw([this.#garmentBoxes(), this.#details()]);
    showGarments(this.record.garments, this.garment, (place) => this.choose(place));
    this.#offer();
  }

  /** Large ones below small ones, so that each can be clicked; one that is being corrected is drawn by its editor. */
  #garmentBoxes() {
    const entries = [...this.record.garments.entries()].filter(([place]) => place !== this.garment || this.mode !== "box");
    return entries
      .sort(([, one], [, other]) => area(other.box) - area(one.box))
      .map(([place, garment]) => {
        const chosen = place === this.garment;
        const onchoose = this.mode === "choose" ? () => this.choose(place) : null;
        return garmentBox(this.overlay, chosen ? this.#box() : garment.box, { number: place + 1, chosen, onchoose });
      });
  }

  #details() {
    if (this.mode === "box") return this.boxes.shapes(this.#box());
    if (this.mode === "points") return this.points.shapes(this.#points(), this.record.versions.landmarks);
    const garment = this.#garment();
    return garment ? [...partBoxes(garment), ...landmarkDots(this.overlay, this.#points())] : [];
  }
}

const area = ([x0, y0, x1, y1]) => (x1 - x0) * (y1 - y0);
