/** What is shown of either side of a pair, as `Pair` of the desk has it. */
import { t, term } from "./words.js";

/** The parts that have a place in the photo: { place, part, label, box }, by their places in the query. */
export function regionsOf(pair, side) {
  return pair.parts
    .map((part, place) => ({ place, part, label: term(side === "query" ? part.label : part.other_label), box: boxOf(pair, side, place) }))
    .filter(({ box }) => box !== null && box[2] > box[0] && box[3] > box[1]);
}

/** What people need to know of a photo that is not shown as it is. */
export const remarkOn = (pair, side) => (side === "hit" && pair.mirrored ? t("shown mirrored") : "");

const boxOf = (pair, side, place) => (side === "query" ? pair.query.part_boxes[place] : pair.hit.part_boxes[pair.parts[place].partner]);
