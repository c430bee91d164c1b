/** The ZIP of a case: made, fetched, and the digest that its log ends with. */
import { send } from "./api.js";
import { tell } from "./banner.js";
import { goesOn } from "./case_dialog.js";
import { anyUnsaved } from "./case_field.js";
import { element } from "./dom.js";
import { t } from "./words.js";

const AWAY = 503;

export function listenToExport(fields, id, address, log) {
  const button = document.getElementById("export");
  button?.addEventListener("click", async () => {
    if (anyUnsaved(fields)) return;
    button.disabled = true;
    tell(t("The file is being made …"));
    try {
      const made = await exported(address, button.dataset.stamped === "true");
      if (made) show(made, id);
    } catch (failure) {
      if (failure.status === undefined) throw failure;
      tell(failure.message, { alert: true });
    } finally {
      button.disabled = false;
      log.refresh();
    }
  });
}

async function exported(address, stamped) {
  try {
    return await send(`${address}/export`, { stamped });
  } catch (failure) {
    if (failure.status !== AWAY || !stamped || !(await goesWithout(failure.message))) throw failure;
    return send(`${address}/export`, { stamped: false });
  }
}

function goesWithout(reason) {
  document.querySelector("#unstamped .reason").textContent = reason;
  return goesOn("unstamped");
}

function show({ token, head, pdf, stamped, unfinished }, id) {
  const said = [t("The file was made.")];
  if (!pdf) said.push(t("It holds no PDF, which this machine cannot make; the evidence page is in it."));
  if (stamped) said.push(t("It holds a time stamp."));
  document.querySelector(".exported-said").textContent = said.join(" ");
  const left = document.getElementById("unfinished");
  left.textContent = t("The notice in it still holds what a person has to replace: {places}", { places: unfinished.join(", ") });
  left.hidden = !unfinished.length;
  document.getElementById("head").textContent = head;
  document.getElementById("exported").hidden = false;
  const link = element("a", { href: `/cases/${id}/case.zip?token=${token}`, download: "" });
  document.body.append(link);
  link.click();
  link.remove();
}
