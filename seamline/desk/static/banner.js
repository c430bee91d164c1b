/** The line below the menu: what is wrong just now, or what was just done. */

const banner = document.getElementById("banner");
let timer = 0;

/** Show a sentence; `alert` ones stay until `clear`, others go after some seconds. */
export function tell(sentence, { alert = false } = {}) {
  clearTimeout(timer);
  banner.textContent = sentence;
  banner.classList.toggle("alert", alert);
  banner.setAttribute("role", alert ? "alert" : "status");
  banner.hidden = false;
  if (!alert) timer = setTimeout(clear, 6000);
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
