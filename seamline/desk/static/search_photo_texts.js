/** What is written below the searched photo: its garments, what to do now, and what of the photo is not in the answer. */
import { element } from "./dom.js";
import { isCorrected } from "./search_corrected.js";
import { percent, t, term } from "./words.js";

/** A button for each garment. A box that a person gave has no detection to be sure of. */
export function showGarments(record, chosen, choose) {
  const list = document.getElementById("garments");
  const sure = (garment) => (isCorrected(record) ? t("corrected by hand") : percent(garment.score));
  const buttons = record.garments.map((garment, place) =>
    element(
      "button",
      { type: "button", "aria-pressed": String(place === chosen), onclick: () => choose(place) },
      t("{number} {category}", { number: place + 1, category: term(garment.category) }),
      element("small", {}, ` ${sure(garment)}`),
    ),
  );
  const focused = [...list.children].indexOf(document.activeElement);
  list.replaceChildren(...buttons);
  buttons[focused]?.focus();
}

/** What can be done on the photo in this mode. */
export function hint(mode, found) {
  if (mode === "box") return t("Draw a box around the garment, or move and resize this one. Keys: arrow keys move it, Shift and arrow keys resize it, Enter searches again, + and − zoom, 0 shows the whole photo.");
  if (mode === "points") return t("Drag a landmark to where it belongs. Keys: Tab goes to the next one, arrow keys move it, Delete says that it is not visible, Enter searches again, + and − zoom, 0 shows the whole photo.");
  return found ? "" : t("Draw a box around the garment with “Correct box”, and search again.");
}

/** A line for each warning of an answer. */
export function showWarnings(warnings) {
  const list = document.getElementById("warnings");
  list.replaceChildren(...warnings.map((warning) => element("li", { "data-code": warning.code }, said(warning))));
  list.hidden = !warnings.length;
}

function said({ code, message }) {
  const known = {
    no_garment: t("No garment was found in this photo."),
    too_many_garments: t("More garments were found than an answer holds; the clearest ones are here."),
    truncated: t("The photo's file is cut off; what is missing counts as plain ground."),
    first_frame: t("The photo's file holds several pictures; the first one was searched."),
    colour_profile: t("The photo's colour profile cannot be read; its colours may be off."),
  };
  return known[code] ?? message;
}
