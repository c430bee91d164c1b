/** The catalogue's first page: indexing is begun, and jobs are watched. */
import { attempt, tell } from "./banner.js";
import { send } from "./api.js";
import { watchJobs } from "./catalogue_jobs.js";
import { prepareUpload } from "./catalogue_upload.js";
import { pageData } from "./dom.js";
import { t } from "./words.js";

const known = pageData("known");
const look = watchJobs(known.may_index);
const collection = () => document.getElementById("collection").value.trim();

async function indexFolder(event) {
  event.preventDefault();
  const folder = document.getElementById("folder").value.trim();
  const job = await attempt(() => send("/api/jobs", { collection: collection(), folder }));
  if (!job) return;
  tell(t("{folder} will be indexed into {collection}.", { folder: job.source, collection: job.collection }));
  look();
}

if (known.may_index) {
  prepareUpload(collection, look, known.max_bytes);
  document.getElementById("folder-form").addEventListener("submit", indexFolder);
}
