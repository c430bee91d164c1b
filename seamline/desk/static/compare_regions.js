/** The regions of one garment, drawn over its photo in pixels of the pane. */
import { areaOf, moved } from "./compare_geometry.js";
import { placed } from "./compare_labels.js";
import { hatching } from "./compare_map.js";
import { LABEL_HEIGHT, Region } from "./compare_region.js";
import { shape } from "./dom.js";
import { t } from "./words.js";

const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

export class Regions {
  /** `point(place)` is told what is pointed at or focused, null for nothing; `pin(place)` what is chosen. */
  constructor(told) {
    const [pattern, hatch] = hatching();
    Object.assign(this, { told, hatch, regions: [], inOrder: [] });
    this.fills = shape("g", { class: "fills" });
    this.shapes = shape("g", { class: "shapes" });
    this.front = [shape("polygon", { class: "halo" }), shape("polygon", { class: "line" })];
    this.labels = shape("g", { class: "labels", "aria-hidden": "true" });
    this.root = shape("svg", { class: "regions", role: "group" }, shape("defs", {}, pattern), this.fills, this.shapes, shape("g", { class: "front" }, this.front), this.labels);
    this.root.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /** Draw these, a list of { place, part, label, corners }, over the photo with this name. */
  show(regions, name) {
    this.inOrder = regions.map((region) => new Region(region, this.hatch, this.told));
    this.regions = this.inOrder.toSorted((one, other) => areaOf(other.corners) - areaOf(one.corners));
    this.fills.replaceChildren(...this.regions.flatMap(({ fills }) => fills));
    this.shapes.replaceChildren(...this.regions.map(({ root }) => root));
    this.labels.replaceChildren(...this.regions.map(({ label }) => label));
    this.root.setAttribute("aria-label", t("Parts in the photo: {name}", { name }));
    this.inOrder[0]?.root.setAttribute("tabindex", 0);
  }

  /** Where the photo now lies. */
  place(transform) {
    const outlines = this.regions.map(({ corners }) => corners.map(([x, y]) => moved(transform, x, y)));
    const spots = placed(outlines, this.regions.map(({ width }) => width), LABEL_HEIGHT);
    this.regions.forEach((region, n) => {
      region.outline(outlines[n].map((point) => point.map((value) => value.toFixed(1)).join(",")).join(" "));
      region.putLabel(...spots[n]);
    });
    this.#bringToFront();
  }

  /** Let one stand out and say its name; null for none. `pinned`: the one that stays so. */
  highlight(place, pinned) {
    this.chosen = this.regions.find((region) => region.place === place);
    this.root.classList.toggle("pointing", this.chosen !== undefined);
    for (const region of this.regions) {
      region.root.classList.toggle("chosen", region === this.chosen);
      region.label.classList.toggle("chosen", region === this.chosen);
      region.root.setAttribute("aria-pressed", region.place === pinned);
      region.say(region === this.chosen ? region.long : region.short);
    }
    if (this.chosen) this.labels.append(this.chosen.label);
    this.#bringToFront();
  }

  #bringToFront() {
    const points = this.chosen?.polygons[0].getAttribute("points") ?? "";
    for (const polygon of this.front) polygon.setAttribute("points", points);
    this.front[1].setAttribute("stroke", this.chosen?.colour ?? "none");
  }

  /** One stop of the tab key for all; arrows go from region to region. */
  #onKey(event) {
    const here = this.inOrder.findIndex(({ root }) => root === event.target);
    if (here < 0 || event.shiftKey) return;
    if (event.key === "Enter" || event.key === " ") this.told.pin(this.inOrder[here].place);
    else if (event.key in STEPS) this.#focus(here, (here + STEPS[event.key] + this.inOrder.length) % this.inOrder.length);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #focus(from, to) {
    this.inOrder[from].root.setAttribute("tabindex", -1);
    this.inOrder[to].root.setAttribute("tabindex", 0);
    this.inOrder[to].root.focus();
  }
}
