/** Pairs for a second look, which a lead puts back into the queue. */
import { send } from "./api.js";
import { attempt, tell } from "./banner.js";
import { t } from "./words.js";

async function askAgain(row) {
  const done = await attempt(async () => {
    await send(`/api/suspects/${row.dataset.suspect}/again`);
    return true;
  });
  if (!done) return;
  row.remove();
  tell(t("The pair is in the queue again."));
}

for (const button of document.querySelectorAll("[data-again]")) button.addEventListener("click", () => askAgain(button.closest("[data-suspect]")));
