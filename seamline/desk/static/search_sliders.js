/** How much each part counts: sliders, and sets of weights by name. */
import { colour } from "./bars.js";
import { element, shape } from "./dom.js";
import { rankingName } from "./search_options.js";
import { deletePreset, ownPresets, savePreset } from "./search_presets.js";
import { partialScore, scaled, weightedScore } from "./search_weights.js";
import { figure, t, term } from "./words.js";

const node = (id) => document.getElementById(id);
const [ANSWERED, PARTIAL, LEARNT, EQUAL, MOVED, OWN] = ["answered", "partial", "learnt", "equal", "moved", "own-"];

export class Sliders {
  /** `order(score, name)`: `score(pair)` gives what the hits are to be put in order by, which people call `name`; null
   * where the answer's own order counts. */
  constructor(order) {
    Object.assign(this, { order, record: null, garment: 0, own: [], inputs: [] });
    node("preset").addEventListener("change", () => this.#take(node("preset").value));
    node("save-preset").addEventListener("click", () => this.#save());
    node("delete-preset").addEventListener("click", () => this.#delete());
  }

  /** Read the person's own sets of weights. */
  async load() {
    this.own = await ownPresets();
    if (this.record) this.#offer(node("preset").value);
  }

  /** Show sliders for a garment of an answer, whose order counts until one is moved. */
  show(record, garment) {
    Object.assign(this, { record, garment });
    node("sliders").hidden = !record.garments.length;
    if (!record.garments.length) return;
    const asked = record.options.weights;
    const weights = asked ? this.#placed(asked) : this.#learnt();
    const { category } = record.garments[garment];
    const labels = record.versions.labels[category] ?? record.versions.labels.default ?? this.#names();
    node("weights").replaceChildren(...labels.map((label, place) => this.#slider(label, place)));
    this.inputs = [...node("weights").querySelectorAll("input")];
    this.#set(weights);
    this.#offer(ANSWERED);
    this.#take(ANSWERED);
  }

  /** Part -> 0..1. */
  weights() {
    return Object.fromEntries(this.#names().map((name, place) => [name, Number(this.inputs[place].value)]));
  }

  #names() {
    return this.record.versions.parts;
  }

  #learnt() {
    const { garment_part_weights: own, part_weights: usual } = this.record.versions;
    return scaled(own?.[this.garment] ?? usual);
  }

  #placed(named) {
    return this.#names().map((name) => named[name] ?? 0);
  }

  #slider(label, place) {
    const id = `weight-${place}`;
    const swatch = shape("svg", { class: "swatch", viewBox: "0 0 10 10", "aria-hidden": "true" }, shape("rect", { width: 10, height: 10, fill: colour(place) }));
    const input = element("input", { id, type: "range", min: 0, max: 1, step: 0.01, oninput: () => this.#moved() });
    return element("div", {}, element("label", { for: id }, swatch, ` ${term(label)}`), input, element("output", { for: id, class: "number" }));
  }

  #set(weights) {
    weights.forEach((weight, place) => (this.inputs[place].value = weight));
    this.#tell();
  }

  #tell() {
    for (const input of this.inputs) input.nextSibling.textContent = figure(Number(input.value));
  }

  #moved() {
    this.#tell();
    if (node("preset").value !== MOVED) this.#offer(MOVED);
    this.#weigh(t("your weights"));
  }

  #offer(chosen) {
    const { versions } = this.record;
    const answered = t("{name}, as answered", { name: rankingName(versions.ranking, versions) });
    const options = [[ANSWERED, answered]];
    if (versions.ranking !== PARTIAL && versions.rankings.includes(PARTIAL)) options.push([PARTIAL, rankingName(PARTIAL, versions)]);
    options.push([LEARNT, t("learnt weights")], [EQUAL, t("equal weights")], ...this.own.map(({ id, name }) => [`${OWN}${id}`, name]));
    if (chosen === MOVED) options.push([MOVED, t("your weights, not saved")]);
    node("preset").replaceChildren(...options.map(([value, label]) => element("option", { value }, label)));
    node("preset").value = options.some(([value]) => value === chosen) ? chosen : ANSWERED;
    node("delete-preset").hidden = !this.#chosen();
  }

  #chosen() {
    return this.own.find(({ id }) => node("preset").value === `${OWN}${id}`);
  }

  #take(value) {
    const { versions } = this.record;
    node("delete-preset").hidden = !this.#chosen();
    node("no-weight").hidden = true;
    if (value === ANSWERED) return this.order(null, rankingName(versions.ranking, versions));
    if (value === PARTIAL) return this.order((pair) => partialScore(pair.parts, versions), rankingName(PARTIAL, versions));
    if (value === LEARNT) this.#set(this.#learnt());
    if (value === EQUAL) this.#set(this.inputs.map(() => 1));
    if (this.#chosen()) this.#set(this.#placed(this.#chosen().weights));
    return this.#weigh(node("preset").selectedOptions[0].textContent);
  }

  #weigh(name) {
    const weights = this.inputs.map((input) => Number(input.value));
    const some = weights.some((weight) => weight > 0);
    node("no-weight").hidden = some;
    node("search-weighted").disabled = node("save-preset").disabled = !some;
    if (some) this.order((pair) => weightedScore(pair.parts, weights), name);
  }

  async #save() {
    const saved = await savePreset(this.weights(), this.#chosen()?.name ?? "");
    if (!saved) return;
    this.own = await ownPresets();
    this.#offer(`${OWN}${saved.id}`);
    this.#take(node("preset").value);
  }

  async #delete() {
    if (!(await deletePreset(this.#chosen()))) return;
    this.own = await ownPresets();
    this.#offer(MOVED);
  }
}
