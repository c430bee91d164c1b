/** What is asked of the server beside the photo. */
import { get } from "./api.js";
import { element } from "./dom.js";
import { besideWhole } from "./search_weights.js";
import { t } from "./words.js";

/** Hits of a garment that the server gives at most. */
export const MOST = 200;

const LAST = "seamline-collection";
const node = (id) => document.getElementById(id);

/** What people call a ranking. `versions`: what the server said of itself, if it was asked. */
export function rankingName(name, versions) {
  const known = { partial: partialName(versions), weighted: t("all parts by weight"), global: t("garment as a whole") };
  return known[name] ?? name;
}

function partialName(versions) {
  if (!versions) return t("best parts");
  return besideWhole(versions.parts) ? t("best {n} parts or the whole", { n: versions.best_of }) : t("best {n} parts", { n: versions.best_of });
}

/** Offer these rankings, the first one as the system's own; `chosen` stays chosen. */
export function offerRankings(names, chosen, versions) {
  const options = names.map((name, place) => element("option", { value: name }, place ? rankingName(name, versions) : t("{name} (usual)", { name: rankingName(name, versions) })));
  node("ranking").replaceChildren(...options);
  node("ranking").value = names.includes(chosen) ? chosen : names[0];
}

/** Offer the collections that there are; where the index is away, their names are written. */
export async function offerCollections(usual) {
  const { collections, problem } = await get("/api/collections");
  const wanted = node("collection").value || localStorage.getItem(LAST);
  if (problem) return writeCollection(wanted || usual, t("The collections cannot be listed just now: {problem}. Write the name.", { problem }));
  const names = collections.map((one) => one.name);
  const options = collections.map((one) => element("option", { value: one.name }, t("{name} ({n} garments)", { name: one.name, n: one.garments })));
  node("collection").replaceChildren(...options);
  chooseCollection([wanted, usual].find((name) => names.includes(name)) ?? names[0] ?? "");
  if (!names.length) note(t("There is no collection yet; index one first on the page Catalogue."));
}

function writeCollection(name, problem) {
  const field = element("input", { id: "collection", value: name, required: true, maxlength: 63, spellcheck: "false", autocomplete: "off" });
  node("collection").replaceWith(field);
  note(problem);
}

function note(sentence) {
  node("collection-note").textContent = sentence;
  node("collection-note").hidden = false;
}

/** Let this collection be the chosen one, also one that is not in the list any more. */
export function chooseCollection(name) {
  const field = node("collection");
  if (field.options && name && ![...field.options].some((option) => option.value === name)) field.append(element("option", { value: name }, name));
  field.value = name;
}

/** Show what a search was asked. */
export function showOptions({ collection, options }) {
  chooseCollection(collection);
  if (options.top_k) {
    const offered = [...node("top-k").options].map((option) => Number(option.value));
    node("top-k").value = offered.find((number) => number >= options.top_k) ?? MOST;
  }
  node("category").value = options.categories?.[0] ?? "";
}

/** What the fields say; `all`: as many hits as the server gives. */
export function chosenOptions(all) {
  const collection = node("collection").value.trim();
  localStorage.setItem(LAST, collection);
  const category = node("category").value;
  return { collection, ranking: node("ranking").value, top_k: all ? MOST : Number(node("top-k").value), categories: category ? [category] : [] };
}

/** The same as the query of an address. */
export function asQuery({ collection, ranking, top_k, categories }) {
  const query = new URLSearchParams({ collection, ranking, top_k });
  for (const category of categories) query.append("category", category);
  return query;
}

/** Whether an answer has all the hits that the server would give. */
export const hasAll = (record) => (record.options.top_k ?? 0) >= MOST || record.pairs.every((row) => row.length < (record.options.top_k ?? 0));
