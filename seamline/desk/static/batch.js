/** The summary of a batch: each verdict can be changed until the batch is closed. */
import { send } from "./api.js";
import { attempt } from "./banner.js";
import { t, whole } from "./words.js";

const root = document.querySelector("[data-batch]");
const base = `/api/batches/${root.dataset.batch}`;

async function change(row) {
  const [verdict, note] = ["verdict", "note"].map((name) => row.querySelector(`[name="${name}"]`).value);
  const state = row.querySelector("[data-state]");
  state.textContent = t("Saving …");
  const found = await attempt(() => send(`${base}/verdicts/${row.dataset.suspect}`, { verdict, note: note.trim() }));
  state.textContent = found ? t("Saved.") : t("Not saved; what stands is what was saved before.");
  for (const [word, number] of Object.entries(found?.counts ?? {})) document.querySelector(`[data-count="${word}"]`).textContent = whole(number);
}

/** Closing is final, so it is asked for. */
function ask() {
  const [copy, other, unsure] = ["copy", "not_copy", "unsure"].map((word) => document.querySelector(`[data-count="${word}"]`).textContent);
  document.querySelector("[data-closing]").textContent = t("Copies: {copy}. Not copies: {other}. Unsure: {unsure}.", { copy, other, unsure });
  document.getElementById("closing").showModal();
}

async function close() {
  const closed = await attempt(async () => {
    await send(`${base}/close`);
    return true;
  });
  if (closed) location.reload();
}

for (const row of document.querySelectorAll("[data-suspect]")) row.addEventListener("change", () => change(row));
document.querySelector("[data-close]")?.addEventListener("click", ask);
document.querySelector("[data-close-now]")?.addEventListener("click", close);
