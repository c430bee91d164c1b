/** The buttons around the searched photo. */
import { COUNTS_FROM } from "./photo_overlay.js";

const node = (id) => document.getElementById(id);
const NEARER = 1.5;

/** Let the buttons do what the photo can; Enter on what is being corrected searches. */
export function onTools(photo) {
  const actions = {
    undo: () => photo.undo(),
    "new-box": () => photo.redraw(),
    "hide-point": () => photo.points.hide(),
    unseen: () => photo.showAllPoints(!photo.points.showsAll),
    nearer: () => photo.zoom(NEARER),
    further: () => photo.zoom(1 / NEARER),
    "whole-photo": () => photo.zoom(null),
  };
  for (const [id, action] of Object.entries(actions)) node(id).addEventListener("click", action);
  node("modes").addEventListener("click", (event) => event.target.dataset.mode && photo.begin(event.target.dataset.mode));
  node("overlay").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || photo.mode === "choose" || node("search-corrected").hidden) return;
    event.preventDefault();
    node("search-corrected").click();
  });
}

/** Show which mode this is. */
export function showMode(mode, hasPoints) {
  node("overlay").dataset.mode = mode;
  for (const button of node("modes").children) button.setAttribute("aria-pressed", button.dataset.mode === mode);
  node("modes").querySelector('[data-mode="points"]').hidden = !hasPoints;
  node("said").textContent = "";
}

/** Show the buttons that do something in this mode. */
export function showTools(mode, corrected, points, showsAll) {
  node("search-corrected").hidden = node("undo").hidden = !corrected;
  node("new-box").hidden = mode !== "box";
  node("hide-point").hidden = mode !== "points";
  node("unseen").hidden = mode !== "points" || points.every((point) => point[2] >= COUNTS_FROM);
  node("unseen").setAttribute("aria-pressed", String(showsAll));
  node("changes").hidden = !corrected && mode === "choose";
}
