/** Items of a collection: photos that cannot be read say so, and an item is deleted once its id was written again. */
import { get, send } from "./api.js";
import { attempt } from "./banner.js";
import { element } from "./dom.js";
import { t } from "./words.js";

for (const image of document.querySelectorAll("img[data-photo]")) {
  const gone = () => {
    image.closest("figure").querySelector("svg").remove();
    image.replaceWith(element("p", { class: "empty" }, t("The photo is not where it was when it was indexed.")));
  };
  if (image.complete && !image.naturalWidth) gone();
  else image.addEventListener("error", gone, { once: true });
}

const dialog = document.getElementById("delete");
const typed = document.getElementById("typed");
const now = document.getElementById("delete-now");
const problem = document.getElementById("delete-problem");
const collection = document.querySelector("[data-collection]").dataset.collection;
let toDelete = "";

async function ask(item) {
  const found = await attempt(() => get(`/api/catalogue/${collection}/item?${new URLSearchParams({ item })}`));
  if (!found) return;
  toDelete = item;
  const stays = found.cases + found.searches + found.suspects;
  const facts = [
    t("From the index go: garments {garments}, photos {photos}.", found),
    found.versions > 1 ? t("They go from all {versions} versions of the collection, also those kept for going back.", found) : "",
    stays ? t("At the desk stay: cases {cases}, searches {searches}, suspects {suspects}.", found) : "",
  ];
  document.getElementById("delete-facts").replaceChildren(...facts.filter(Boolean).map((fact) => element("li", {}, fact)));
  document.getElementById("typed-label").textContent = t("Write the item's id to confirm: {item}", { item });
  problem.hidden = true;
  typed.value = "";
  now.disabled = true;
  dialog.showModal();
  typed.focus();
}

async function deleteNow(event) {
  event.preventDefault();
  now.disabled = true;
  now.textContent = t("Deleting …");
  try {
    const { receipt } = await send(`/api/catalogue/${collection}/delete`, { item: toDelete, typed: typed.value });
    location.assign(`/catalogue/receipts/${receipt}`);
  } catch (failure) {
    if (failure.status === undefined) throw failure;
    problem.textContent = failure.message;
    problem.hidden = false;
    now.disabled = false;
    now.textContent = t("Delete and write a receipt");
  }
}

if (dialog) {
  document.querySelectorAll("[data-delete]").forEach((button) => button.addEventListener("click", () => ask(button.dataset.delete)));
  typed.addEventListener("input", () => (now.disabled = typed.value !== toDelete));
  document.getElementById("delete-form").addEventListener("submit", deleteNow);
  document.getElementById("delete-cancel").addEventListener("click", () => dialog.close());
}
