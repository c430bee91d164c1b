/** The list of cases: opening a new one. */
import { get, send } from "./api.js";
import { element } from "./dom.js";
import { onKey } from "./keys.js";
import { t } from "./words.js";

const dialog = document.getElementById("new-case");

async function offerCollections() {
  const list = document.getElementById("collections");
  const known = new Set([...list.children].map((option) => option.value));
  const { collections } = await get("/api/collections").catch(() => ({ collections: [] }));
  list.append(...collections.filter(({ name }) => !known.has(name)).map(({ name }) => element("option", { value: name })));
}

function begin() {
  dialog.showModal();
  offerCollections();
}

async function open(event) {
  event.preventDefault();
  const alert = dialog.querySelector(".alert");
  const { title, reference, collection } = Object.fromEntries(new FormData(event.target));
  try {
    const { id } = await send("/api/cases", { title, reference, collection });
    location.assign(`/cases/${id}`);
  } catch (failure) {
    if (failure.status === undefined) throw failure;
    alert.textContent = failure.message;
    alert.hidden = false;
  }
}

if (dialog) {
  document.getElementById("new").addEventListener("click", begin);
  dialog.querySelector("form").addEventListener("submit", open);
  dialog.querySelector("[data-back]").addEventListener("click", () => dialog.close());
  onKey("n", t("New case"), begin);
}
onKey("/", t("Look for a case"), () => document.getElementById("q").focus());
