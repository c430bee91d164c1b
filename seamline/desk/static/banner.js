/** The line below the menu: what is wrong just now, or what was just done. */
import { element } from "./dom.js";

const banner = document.getElementById("banner");
let timer = 0;

/** Show a sentence and perhaps a link { text, href }; `alert` ones stay until `clear`, others go after some seconds. */
export function tell(sentence, { alert = false, link = null } = {}) {
  clearTimeout(timer);
  banner.replaceChildren(element("div", {}, sentence, link && " ", link && element("a", { href: link.href }, link.text)));
  banner.classList.toggle("alert", alert);
  banner.setAttribute("role", alert ? "alert" : "status");
  banner.hidden = false;
  if (!alert) timer = setTimeout(clear, link ? 12000 : 6000);
}

/** Take the line away. */
export function clear() {
  banner.hidden = true;
}

/** Do something and tell of its failure; gives undefined then. */
export async function attempt(work) {
  try {
    return await work();
  } catch (failure) {
    if (failure.name === "AbortError") return undefined;
    if (failure.status === undefined) throw failure;
    tell(failure.message, { alert: true });
    return undefined;
  }
}
