/** The page of a case. */
import { send } from "./api.js";
import { attempt } from "./banner.js";
import { listenToExport } from "./case_export.js";
import { CaseField, anyUnsaved } from "./case_field.js";
import { CaseLog } from "./case_log.js";
import { listenToNotice } from "./case_notice.js";
import { CasePairs } from "./case_pairs.js";
import { pageData } from "./dom.js";

const data = pageData("case");
const address = `/api/cases/${data.id}`;
const log = new CaseLog(address, data.head);
const fields = [...document.querySelectorAll("form[data-field]")].map((form) => new CaseField(form, data, address, log));

async function setStatus(event) {
  if (anyUnsaved(fields)) return;
  const done = await attempt(() => send(`${address}/${event.target.dataset.status}`));
  if (done) location.reload();
}

new CasePairs(data, address, log).listen();
listenToNotice(fields, address);
listenToExport(fields, data.id, address, log);
document.querySelector("[data-status]")?.addEventListener("click", setStatus);
window.addEventListener("beforeunload", (event) => {
  if (fields.some((field) => field.isTyped)) event.preventDefault();
});
