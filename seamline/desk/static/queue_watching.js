/** Screening new listings from the page, for leads. */
import { get, send } from "./api.js";
import { attempt } from "./banner.js";
import { element } from "./dom.js";
import { t } from "./words.js";

const SECONDS = 1;

export class Watching {
  /** `ended(watch)` hears of a look that has come to its end here. */
  constructor(root, ended) {
    Object.assign(this, { ended, form: root.querySelector("form"), said: root.querySelector("[data-progress]"), watch: null });
    this.problems = root.querySelector("[data-problems]");
    this.stop = root.querySelector("[data-stop]");
    this.form.addEventListener("submit", (event) => this.#begin(event));
    this.stop.addEventListener("click", () => attempt(() => send(`/api/watches/${this.watch}/stop`)));
  }

  /** Follow a look that was begun before, if one is under way. */
  async follow(watch) {
    const state = await attempt(() => get(`/api/watches/${watch}`));
    if (state?.running) this.#follow(state);
  }

  async #begin(event) {
    event.preventDefault();
    const { listings, originals, at_least: bound } = this.form.elements;
    const asked = { listings: listings.value, originals: originals.value, at_least: Number(bound.value) };
    this.said.textContent = t("Asking the index …");
    const state = await attempt(() => send("/api/watches", asked));
    if (state) this.#follow(state);
    else this.said.textContent = "";
  }

  async #follow(state) {
    this.watch = state.id;
    for (let now = state; now; now = await attempt(() => get(`/api/watches/${this.watch}`))) {
      this.#show(now);
      if (!now.running) return this.ended(this.watch);
      await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
    }
    return undefined;
  }

  #show(now) {
    this.stop.hidden = !now.running;
    this.form.querySelector("button.main").disabled = now.running;
    this.said.textContent = [
      now.problem,
      now.waiting_for && t("Waiting: {what}.", { what: now.waiting_for }),
      t("{screened} of {total} garments screened, {suspects} new suspects.", now),
      now.failed > 0 && t("{failed} could not be screened and are tried again by the next watch:", now),
    ].filter(Boolean).join(" ");
    this.problems.replaceChildren(...now.problems.map(({ item, reason }) => element("li", {}, element("bdi", {}, item), `: ${reason}`)));
  }
}
