/** Thresholds of watches. */
import { send } from "./api.js";
import { attempt, tell } from "./banner.js";
import { percent, t } from "./words.js";

document.getElementById("watches")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const body = { watch: form.dataset.watch, at_least: form.elements.at_least.valueAsNumber / 100 };
  const done = await attempt(() => send("/api/feedback/threshold", body));
  if (!done) return;
  form.closest("tr").querySelector("[data-now]").textContent = percent(done.at_least);
  tell(t("The threshold was set."));
});
