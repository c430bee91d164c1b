/** A receipt: printed, looked up anew, and hastened. */
import { send } from "./api.js";
import { attempt } from "./banner.js";

const receipt = document.querySelector("[data-receipt]").dataset.receipt;

async function change(what, button) {
  button.disabled = true;
  if (await attempt(() => send(`/api/receipts/${receipt}/${what}`))) location.reload();
  button.disabled = false;
}

for (const what of ["check", "compact"]) {
  const button = document.getElementById(what);
  button?.addEventListener("click", () => change(what, button));
}
document.getElementById("print").addEventListener("click", () => {
  document.querySelectorAll("details").forEach((details) => (details.open = true));
  window.print();
});
