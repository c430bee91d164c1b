/** What is shown of either side of a pair, as `Pair` of the desk has it. */
import { areaOf } from "./compare_geometry.js";
import { cornersOf } from "./photo_overlay.js";
import { t, term } from "./words.js";

/** The parts that have a place in the photo: { place, part, label, corners }, by their places in the query. */
export function regionsOf(pair, side) {
  return pair.parts
    .map((part, place) => ({ place, part, label: term(side === "query" ? part.label : part.other_label), corners: placeOf(pair, side, place) }))
    .filter(({ corners }) => corners !== null && areaOf(corners) > 0);
}

/** What people need to know of a photo that is not shown as it is. */
export const remarkOn = (pair, side) => (side === "hit" && pair.mirrored ? t("shown mirrored") : "");

/** Pairs that were kept before there were corners have boxes alone. */
function placeOf(pair, side, place) {
  const own = side === "query" ? place : pair.parts[place].partner;
  const box = pair[side].part_boxes[own];
  return box && (pair[side].part_corners?.[own] ?? cornersOf(box));
}
