/** What is done and what is left, and the sellers to choose from. */
import { get } from "./api.js";
import { attempt } from "./banner.js";
import { element } from "./dom.js";
import { t, whole } from "./words.js";

const SECONDS = 30;
const numbers = (value) => (value === null ? "–" : whole(value));

/** When this person's day began, which only the browser knows. */
export function midnight() {
  const day = new Date();
  day.setHours(0, 0, 0, 0);
  return `midnight=${encodeURIComponent(day.toISOString())}`;
}

export class Figures {
  /** `watch`: with its id and collections; `chosen(seller)` is told whose cards are wanted, null for everybody's. */
  constructor(watch, chosen) {
    Object.assign(this, { watch: watch.id, chosen, seller: null, last: null, left: null });
    this.option = document.querySelector("#watch option:checked");
    this.name = `${watch.listings} → ${watch.originals}`;
    this.batch = document.querySelector("[data-batch]");
    this.list = document.querySelector("[data-sellers]");
    this.named = document.getElementById("named");
    this.named.addEventListener("input", () => this.refresh());
  }

  /** Ask now, and again and again. */
  async begin() {
    const done = await attempt(() => get(`/api/queue/${this.watch}/done?${midnight()}`));
    if (done) this.show(done);
    await this.refresh();
    setInterval(() => document.hidden || this.refresh(), SECONDS * 1000);
  }

  /** A person's work, as the desk counts it. */
  show(done) {
    this.last = done.last;
    const all = done.copy + done.not_copy + done.unsure;
    for (const [name, value] of Object.entries({ ...done, batch: all })) this.#set(name, value);
    this.batch.hidden = done.batch === null;
    this.batch.href = `/queue/batches/${done.batch}`;
  }

  /** One more, or one less, is left. */
  count(change) {
    if (this.left === null) return;
    this.#leave(Math.max(0, this.left + change));
  }

  /** What is left, by seller. */
  async refresh() {
    const named = this.named.value.trim();
    const found = await attempt(() => get(`/api/queue/${this.watch}/left?named=${encodeURIComponent(named)}`));
    if (!found || named !== this.named.value.trim()) return;
    this.#leave(found.suspects);
    this.#list(found.sellers);
  }

  #leave(number) {
    this.left = number;
    this.#set("left", number);
    this.option.textContent = `${this.name} (${whole(number)})`;
  }

  #set(name, value) {
    const place = document.querySelector(`[data-figure="${name}"]`);
    if (place) place.textContent = numbers(value);
  }

  #list(sellers) {
    const focused = this.list.contains(document.activeElement) ? document.activeElement.value : null;
    const all = this.#button(null, t("All sellers"), null);
    this.list.replaceChildren(...[all, ...sellers.map(({ name, suspects }) => this.#button(name, name || t("no seller named"), suspects))].map((one) => element("li", {}, one)));
    if (focused !== null) [...this.list.querySelectorAll("button")].find((one) => one.value === focused)?.focus();
  }

  #button(seller, label, number) {
    const count = number === null ? null : element("span", { class: "number" }, whole(number));
    const value = seller === null ? "all" : `=${seller}`;
    return element("button", { type: "button", value, "aria-pressed": String(seller === this.seller), onclick: () => this.#choose(seller) }, element("bdi", {}, label), count);
  }

  #choose(seller) {
    this.seller = seller;
    const wanted = seller === null ? "all" : `=${seller}`;
    for (const one of this.list.querySelectorAll("button")) one.setAttribute("aria-pressed", String(one.value === wanted));
    this.chosen(seller);
  }
}
