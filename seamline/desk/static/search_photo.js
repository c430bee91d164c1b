/** The searched photo: its garments, which of them is looked at, and what a person has corrected. */
import { PhotoOverlay, garmentBox, landmarkDots, partBoxes } from "./photo_overlay.js";
import { BoxEditor } from "./search_box.js";
import { previewFile, showSearched } from "./search_figure.js";
import { central } from "./search_geometry.js";
import { hint, showGarments } from "./search_photo_texts.js";
import { onTools, showMode, showTools } from "./search_photo_tools.js";
import { PointsEditor } from "./search_points.js";

const node = (id) => document.getElementById(id);
const UNTOUCHED = { box: null, landmarks: null };

export class SearchedPhoto {
  /** `chosen(garment)` is told which garment is looked at, by its place. */
  constructor(chosen) {
    Object.assign(this, { chosen, record: null, garment: 0, mode: "choose", ...UNTOUCHED });
    this.overlay = new PhotoOverlay(node("overlay"), () => this.record && this.#draw());
    this.boxes = new BoxEditor(this.overlay, (box) => this.#correct({ box }));
    this.points = new PointsEditor(this.overlay, (landmarks) => this.#correct({ landmarks }), (said) => (node("said").textContent = said));
    onTools(this);
  }

  /** Show a file before there is an answer. */
  preview(file) {
    Object.assign(this, { record: null, ...UNTOUCHED });
    previewFile(file);
  }

  /** Show an answer, of which this garment is looked at. */
  show(record, garment) {
    Object.assign(this, { record, garment, mode: "choose", ...UNTOUCHED });
    this.overlay.show(`/search/${record.id}/photo`, record.photo_size);
    showSearched(record);
    this.enter("choose");
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
    this.points.restart();
    showMode(this.mode, points);
    node("hint").textContent = hint(this.mode, this.record.garments.length);
    if (this.mode === "box" && !this.#box()) this.box = central(this.record.photo_size);
    this.overlay.look(this.mode === "choose" ? null : this.#box());
  }

  /** The same, with the focus on what can be corrected now. */
  begin(mode) {
    this.enter(mode);
    if (this.record) node("overlay").querySelector("[tabindex]")?.focus({ preventScroll: true });
  }

  /** Look at the photo from nearer or from further away, by a factor; null: at the whole photo. */
  zoom(factor) {
    if (!this.record) return;
    if (factor === null) this.overlay.look(null);
    else this.overlay.zoom(factor, this.mode === "points" ? this.points.place : null);
  }

  /** Let the next drag draw a new box, anywhere in the photo. */
  redraw() {
    this.overlay.look(null);
    this.boxes.restart();
  }

  /** Show landmarks that cannot be seen, or do not. */
  showAllPoints(all) {
    this.points.showsAll = all;
    this.#draw();
  }

  /** Take all corrections back. */
  undo() {
    Object.assign(this, UNTOUCHED);
    this.enter("choose");
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

  #offer() {
    showTools(this.mode, this.corrections() !== null, this.#points(), this.points.showsAll);
  }

  #draw() {
    this.overlay.draw([this.#garmentBoxes(), this.#details()]);
    showGarments(this.record, this.garment, (place) => this.choose(place));
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
