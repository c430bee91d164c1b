/** The list of what was done, which goes on while the page is open. */
import { get } from "./api.js";
import { attempt } from "./banner.js";
import { element } from "./dom.js";
import { t } from "./words.js";

export class CaseLog {
  #last;

  constructor(address, head) {
    this.address = address;
    this.#last = head;
  }

  /** Show what was done since. */
  async refresh() {
    const events = await attempt(() => get(`${this.address}/log?after=${this.#last}`));
    const list = document.getElementById("log");
    for (const event of events ?? []) {
      if (event.number <= this.#last) continue;
      this.#last = event.number;
      list.prepend(row(event));
    }
  }
}

function row({ number, at, exactly, who, told, digest }) {
  const details = element("details", {}, element("summary", {}, t("Digest")), element("span", { class: "fixed" }, `${exactly} ${digest}`));
  return element("li", { value: number }, element("time", { datetime: exactly }, at), " ", element("strong", {}, who), ` ${told}`, details);
}
