/**
 * Two garments, looked at as one: side by side, in turn, with a line between them, or as a map of what was changed.
 *
 *   const view = new CompareView(root, { compact: true });
 *   view.show(await get("/api/compare/suspect/..."));
 *
 * All is drawn in coordinates of the query's photo: `data.alignment.matrix` lays the hit over it, so that one zoom and
 * pan serves both.
 */
import { Divider } from "./compare_divider.js";
import { Flicker } from "./compare_flicker.js";
import { composed, fromRows, moved, turnAbout, turnOf, Viewpoint } from "./compare_geometry.js";
import { onGestures } from "./compare_gestures.js";
import { Highlight } from "./compare_highlight.js";
import { Layer } from "./compare_layer.js";
import { legend } from "./compare_map.js";
import { regionsOf, remarkOn } from "./compare_sides.js";
import { Tools } from "./compare_tools.js";
import { element } from "./dom.js";
import { term } from "./words.js";

const BESIDE = ["side", "map"];

export class CompareView {
  /** `compact`: smaller, for a page with more to it. `onPart(place, pinned)` is told which part stands out. */
  constructor(root, { compact = false, onPart = () => {} } = {}) {
    const told = { point: (place) => this.point(place), pin: (place) => this.pin(place) };
    Object.assign(this, { root, mode: "side", regions: true, data: null });
    this.viewpoint = new Viewpoint();
    this.query = new Layer("query", told);
    this.hit = new Layer("hit", told);
    this.stage = element("div", { class: "stage" }, this.query.root, this.hit.root);
    this.flicker = new Flicker((swapped) => this.#swapped(swapped), () => this.#tell());
    this.divider = new Divider(this.stage, (percent) => this.stage.style.setProperty("--split", `${percent}%`));
    this.tools = new Tools(this);
    this.legend = legend();
    this.parts = new Highlight([this.query.regions, this.hit.regions], onPart);
    this.seen = element("p", { class: "hidden", "aria-live": "polite" });
    this.stage.append(this.divider.root, this.tools.flicker);
    root.classList.add("compare");
    root.classList.toggle("compact", compact);
    root.append(this.tools.root, this.stage, this.legend, this.parts.root, this.seen);
    onGestures(this.stage, { pan: (...way) => this.#drag(...way), zoom: (...how) => this.#zoomAt(...how) });
    new ResizeObserver(() => this.#draw()).observe(this.stage);
    this.setMode("side");
  }

  /** Show a pair, as /api/compare/... gives it, in the view and at the zoom that there are. */
  show(data) {
    this.data = data;
    const { pair } = data;
    this.matrix = fromRows(data.alignment.matrix);
    this.viewpoint.lookAt(pair.query.size, pair.query.box);
    for (const side of ["query", "hit"]) {
      const name = data.names[side];
      const alt = `${name}: ${term(pair[side].category)}, ${pair[side].item}`;
      const caption = data.uploaded && side === "query" ? name : `${name}: ${pair[side].item}`;
      this[side].show({ size: pair[side].size, address: data.photos[side].large, name, caption, alt, remark: remarkOn(pair, side), regions: regionsOf(pair, side) });
    }
    this.flicker.swapped = false;
    this.#swapped(false);
    this.parts.show(data);
    this.#draw();
  }

  /** `side`, `flicker`, `wipe` or `map`. */
  setMode(mode) {
    this.mode = mode;
    this.root.dataset.mode = mode;
    this.legend.hidden = mode !== "map";
    this.divider.root.hidden = mode !== "wipe";
    if (mode === "flicker") this.flicker.start();
    else this.flicker.reset();
    this.#tell();
    this.#draw();
  }

  /** Outlines of the parts on and off. */
  toggleRegions() {
    this.regions = !this.regions;
    this.#tell();
  }

  /** Let the flicker run or stop. */
  toggleFlicker() {
    if (this.flicker.runs) this.flicker.stop();
    else this.flicker.start();
  }

  /** In the flicker view: stop, and show the other picture. */
  step() {
    if (this.mode !== "flicker") return;
    this.flicker.step();
    this.seen.textContent = this.data.names[this.flicker.swapped ? "hit" : "query"];
  }

  /** Zoom by a factor at the middle. */
  zoomBy(factor) {
    const [width, height] = this.query.pane;
    this.#zoomAt(factor, width / 2, height / 2);
  }

  /** Move the pictures by pixels. */
  pan(right, down) {
    this.viewpoint.pan(right, down, ...this.query.pane);
    this.#draw();
  }

  /** Show the garments whole. */
  fit() {
    this.viewpoint.fit();
    this.#draw();
  }

  /** Let a part stand out while it is pointed at; null for none. */
  point(place) {
    this.parts.point(place);
  }

  /** Let a part stand out until it, or another one, is chosen again. */
  pin(place) {
    this.parts.pin(place);
  }

  #drag(right, down, pane) {
    this.pan(...moved(turnAbout(this.#turn(pane), 0, 0), right, down));
  }

  #zoomAt(factor, x, y, pane) {
    const [width, height] = this.query.pane;
    const point = moved(turnAbout(this.#turn(pane), width / 2, height / 2), x, y);
    this.viewpoint.zoomAt(factor, ...point, width, height);
    this.#draw();
  }

  /** In a pane of its own the hit stands upright; from there it takes this turn to lie as the query does. */
  #turn(pane) {
    return pane === this.hit.root && BESIDE.includes(this.mode) ? turnOf(this.matrix) : 0;
  }

  #swapped(swapped) {
    this.root.classList.toggle("swapped", swapped);
  }

  #tell() {
    this.root.classList.toggle("without-regions", !this.regions);
    this.tools.show({ mode: this.mode, regions: this.regions, runs: this.flicker.runs });
  }

  /** Once for each frame, however much has changed. */
  #draw() {
    if (!this.data || this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      const [width, height] = this.query.pane;
      const view = this.viewpoint.transform(width, height);
      const upright = turnAbout(-this.#turn(this.hit.root), width / 2, height / 2);
      this.query.place(view);
      this.hit.place(composed(upright, composed(view, this.matrix)));
      this.stage.classList.toggle("near", this.viewpoint.zoom > 1.01);
    });
  }
}
