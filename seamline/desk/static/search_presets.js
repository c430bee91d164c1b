/** Weights of parts that a person has saved by name. */
import { get, send } from "./api.js";
import { attempt } from "./banner.js";
import { ask } from "./search_dialog.js";

const node = (id) => document.getElementById(id);

/** All of them. */
export const ownPresets = async () => (await attempt(() => get("/api/presets"))) ?? [];

/** Ask for a name and save weights (part -> 0..1) under it; gives the preset, undefined where it was not saved. */
export async function savePreset(weights, name) {
  node("preset-name").value = name;
  if ((await ask(node("preset-dialog"))) !== "save") return undefined;
  return attempt(() => send("/api/presets", { name: node("preset-name").value, weights }));
}

/** Delete one; gives whether it is gone. */
export async function deletePreset({ id }) {
  return (await attempt(() => send(`/api/presets/${id}`, {}, { method: "DELETE" }))) !== undefined;
}
