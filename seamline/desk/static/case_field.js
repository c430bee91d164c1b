/** A text of a case that is saved by itself. What somebody else has saved meanwhile is shown beside what was typed. */
import { get, send } from "./api.js";
import { tell } from "./banner.js";
import { element } from "./dom.js";
import { t } from "./words.js";

/** Whether a field holds what was typed and not saved; the banner says so. */
export function anyUnsaved(fields) {
  const field = fields.find((one) => one.isTyped);
  if (!field) return false;
  tell(t("Save what you have typed first, or undo it."), { alert: true });
  field.input.focus();
  return true;
}

export class CaseField {
  /** `form`: of one text, named by its data-field, inside its pair if it is one of a pair. `data`: the page's. */
  constructor(form, data, address, log) {
    this.form = form;
    this.name = form.dataset.field;
    this.pair = form.closest("[data-pair]")?.dataset.pair ?? null;
    this.input = form.elements.value;
    this.button = form.querySelector("button:not([type])");
    this.state = form.querySelector(".state");
    this.address = address;
    this.log = log;
    this.typed = false;
    this.accept(data, data.head);
    if (!this.button) return;
    form.addEventListener("submit", (event) => this.#submit(event));
    this.input.addEventListener("input", () => this.changed());
    form.closest("[data-pair]")?.addEventListener("shown", ({ detail }) => this.#follow(detail));
    this.#show();
  }

  /** Whether there is something to save that a person has typed. */
  get isTyped() {
    return this.typed && this.input.value !== this.saved;
  }

  /** The text was changed in the page. */
  changed() {
    this.typed = true;
    this.#say("");
    this.#show();
  }

  /** What the case holds of this field, as of the log's entry `head`, is what the person knows from now on. */
  accept(data, head) {
    this.saved = this.#of(data);
    this.known = head;
  }

  /** What the case holds by now, unless somebody is writing here. */
  #follow(data) {
    if (this.isTyped) return;
    this.accept(data, data.head);
    this.input.value = this.saved;
    this.#show();
  }

  #of(data) {
    const value = this.pair ? data.pairs[this.pair]?.note : data.facts[this.name];
    return Array.isArray(value) ? value.join("\n") : (value ?? "");
  }

  /** The button is there only while there is something to save; one that stays can be pressed only then. */
  #show() {
    const clean = this.input.value === this.saved;
    if (clean && document.activeElement === this.button) this.input.focus();
    if ("stays" in this.button.dataset) this.button.disabled = clean;
    else this.button.hidden = clean;
  }

  async #submit(event) {
    event.preventDefault();
    const text = this.input.value;
    this.#say(t("Saving …"));
    try {
      const { head } = await this.#send(text);
      this.accept(await get(this.address), head);
      this.#saved(text);
    } catch (failure) {
      if (failure.status === undefined) throw failure;
      this.#say(t("Not saved."));
      tell(failure.message, { alert: true });
      if (failure.status === 409) await this.#showTheirs();
    }
  }

  #send(text) {
    if (this.pair) return send(`${this.address}/pairs/${this.pair}/note`, { note: text, known: this.known }, { method: "PUT" });
    const value = this.name === "people" ? text.split("\n") : text;
    return send(this.address, { field: this.name, value, known: this.known }, { method: "PATCH" });
  }

  /** The desk tidies blanks; what was typed while it was being saved stays. */
  #saved(text) {
    if (this.input.value === text) this.input.value = this.saved;
    if (this.name === "title") document.querySelector("h1").textContent = this.saved;
    this.form.querySelector("[data-unsaved]")?.toggleAttribute("hidden", Boolean(this.saved));
    this.form.querySelector(".theirs")?.remove();
    this.#say(t("Saved."));
    this.#show();
    this.form.dispatchEvent(new Event("saved"));
    this.log.refresh();
  }

  async #showTheirs() {
    const data = await get(this.address);
    const theirs = this.#of(data);
    if (theirs === this.saved) return;
    this.form.querySelector(".theirs")?.remove();
    const settle = (keep) => {
      this.accept(data, data.head);
      if (!keep) this.input.value = theirs;
      box.remove();
      this.#say(keep ? t("Save again to put your text in its place.") : "");
      this.#show();
      this.input.focus();
    };
    const box = element(
      "div",
      { class: "theirs", role: "group", "aria-label": t("What was saved meanwhile") },
      t("Saved meanwhile:"),
      element("pre", {}, theirs || t("(empty)")),
      element("div", { class: "row" }, element("button", { type: "button", onclick: () => settle(true) }, t("Keep mine")), element("button", { type: "button", onclick: () => settle(false) }, t("Take theirs"))),
    );
    this.form.append(box);
    this.log.refresh();
  }

  #say(words) {
    this.state.textContent = words;
  }
}
