/** Taking a hit into a case. */
import { get, send } from "./api.js";
import { attempt, tell } from "./banner.js";
import { element } from "./dom.js";
import { ask } from "./search_dialog.js";
import { t } from "./words.js";

const node = (id) => document.getElementById(id);

/** Ask which case, and add the pair: a hit of a garment of a search, by their places. */
export async function addToCase({ search, garment, hit, item }) {
  const cases = await attempt(() => get("/api/cases?open=1"));
  if (!cases) return;
  const options = cases.map((one) => element("option", { value: one.id }, one.title));
  node("case").replaceChildren(...options, element("option", { value: "" }, t("a new case")));
  node("case-hit").textContent = item;
  if ((await ask(node("case-dialog"))) !== "add") return;
  const chosen = node("case").value || null;
  const added = await attempt(() => send("/api/cases/pairs", { search, garment, hit, case: chosen }));
  if (added) tell(chosen ? t("{item} was added to the case.", { item }) : t("A new case was opened with {item}.", { item }));
}
