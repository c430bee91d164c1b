/** The pairs of a case: verdicts, taking one out, and keys that go from one to the next. */
import { get, send } from "./api.js";
import { attempt } from "./banner.js";
import { goesOn } from "./case_dialog.js";
import { onKey } from "./keys.js";
import { t } from "./words.js";

export class CasePairs {
  constructor(data, address, log) {
    this.address = address;
    this.log = log;
    this.pairs = data.pairs;
    this.known = new Map(Object.keys(data.pairs).map((number) => [number, data.head]));
  }

  listen() {
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-verdict], [data-remove], [data-take]");
      if (!button) return;
      const row = button.closest("[data-pair]");
      if ("remove" in button.dataset) this.#remove(row);
      else if ("take" in button.dataset) this.#take(row);
      else this.#judge(row, button);
    });
    onKey("j", t("Next pair"), () => step(1));
    onKey("k", t("Pair before"), () => step(-1));
    for (const [key, verdict, words] of [["c", "copy", t("Judge: a copy")], ["n", "not_copy", t("Judge: not a copy")], ["u", "unsure", t("Judge: unsure")]]) {
      onKey(key, words, () => current()?.querySelector(`[data-verdict="${verdict}"]:enabled`)?.click());
    }
  }

  /** Pressing the verdict that stands takes it back. */
  async #judge(row, button) {
    const number = row.dataset.pair;
    const verdict = button.getAttribute("aria-pressed") === "true" ? null : button.dataset.verdict;
    await attempt(() => send(`${this.address}/pairs/${number}/verdict`, { verdict, known: this.known.get(number) }, { method: "PUT" }));
    await this.#show(row);
  }

  /** What was said of the pair in the queue. */
  async #take(row) {
    const number = row.dataset.pair;
    const body = { said: this.pairs[number].earlier.id, known: this.known.get(number) };
    if (await attempt(() => send(`${this.address}/pairs/${number}/verdict/taken`, body))) row.focus();
    await this.#show(row);
  }

  /** What stands now, also where somebody else was faster. */
  async #show(row) {
    const number = row.dataset.pair;
    const now = await attempt(() => get(this.address));
    if (!now?.pairs[number]) return;
    this.pairs = now.pairs;
    const { verdict, judged, earlier } = now.pairs[number];
    for (const button of row.querySelectorAll("[data-verdict]")) button.setAttribute("aria-pressed", String(button.dataset.verdict === verdict));
    row.querySelector("[data-judged]").textContent = judged;
    row.querySelector(".earlier").hidden = !earlier;
    row.querySelector(".earlier p").textContent = earlier?.words ?? "";
    this.known.set(number, now.head);
    row.dispatchEvent(new CustomEvent("shown", { detail: now }));
    this.log.refresh();
  }

  async #remove(row) {
    document.querySelector("#removing .which").textContent = row.querySelector("h3").textContent;
    if (!(await goesOn("removing"))) return;
    if (!(await attempt(() => send(`${this.address}/pairs/${row.dataset.pair}`, {}, { method: "DELETE" })))) return;
    (row.nextElementSibling ?? row.previousElementSibling)?.focus();
    row.remove();
    document.getElementById("no-pairs").hidden = rows().length > 0;
    this.log.refresh();
  }
}

const rows = () => [...document.querySelectorAll("[data-pair]")];
const current = () => document.activeElement.closest("[data-pair]");

function step(by) {
  const all = rows();
  const place = all.indexOf(current());
  all[place < 0 ? 0 : Math.max(0, Math.min(all.length - 1, place + by))]?.focus();
}
