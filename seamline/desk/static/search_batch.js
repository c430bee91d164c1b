/** Photos that wait for their search, two of which are searched at a time. */
import { element } from "./dom.js";
import { t } from "./words.js";

const AT_ONCE = 2;

export class Batch {
  /** `search(file)` gives a record, `open(record)` shows one, `failed(file, sentence)` is told of a lone photo's failure. */
  constructor(list, { search, open, failed }) {
    Object.assign(this, { list, search, open, failed, waiting: [], newest: [], running: 0 });
  }

  /** Search these; a lone photo is opened once it is answered, of several the first that is. */
  add(files) {
    const alone = files.length === 1;
    this.newest = files.map((file) => ({ file, alone, state: "", record: null, problem: "", line: element("li") }));
    if (!alone) this.list.replaceChildren(...this.newest.map((row) => row.line));
    this.list.hidden = !this.list.children.length;
    this.newest.forEach((row) => this.#wait(row));
  }

  #wait(row) {
    this.#become(row, "waiting");
    this.waiting.push(row);
    this.#go();
  }

  #go() {
    if (this.running < AT_ONCE && this.waiting.length) this.#run(this.waiting.shift());
  }

  async #run(row) {
    this.running += 1;
    this.#become(row, "searching");
    try {
      row.record = await this.search(row.file);
      this.#become(row, "done");
      this.#openFirst(row);
    } catch (failure) {
      if (failure.status === undefined) throw failure;
      row.problem = failure.message;
      this.#become(row, "failed");
      if (row.alone && this.newest.includes(row)) this.failed(row.file, row.problem);
    } finally {
      this.running -= 1;
      this.#go();
    }
  }

  #openFirst(row) {
    if (!this.newest.includes(row)) return;
    this.newest = [];
    this.open(row.record);
  }

  #become(row, state) {
    row.state = state;
    const hits = row.record?.pairs.reduce((sum, pairs) => sum + pairs.length, 0);
    const states = { waiting: t("waiting"), searching: t("searching…"), done: t("{n} hits", { n: hits }), failed: row.problem };
    row.line.className = state;
    row.line.replaceChildren(element("span", { class: "item" }, row.file.name), element("span", { class: "soft", role: "status" }, states[state]), ...this.#actions(row));
  }

  #actions(row) {
    const button = (label, action) => element("button", { type: "button", "aria-label": `${label}: ${row.file.name}`, onclick: action }, label);
    if (row.state === "done") return [button(t("Open"), () => this.open(row.record))];
    return row.state === "failed" ? [button(t("Try again"), () => this.#wait(row))] : [];
  }
}
