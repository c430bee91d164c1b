/** What a correction by hand has changed, against the search of the whole photo that it began with. */
import { get } from "./api.js";
import { element } from "./dom.js";
import { figure, t, term } from "./words.js";

const SHIFTED = 1;
const ALIKE = 0.005;
const node = (id) => document.getElementById(id);

/** Whether a person has put right what is searched. */
export const isCorrected = ({ options }) => Boolean(options.box || options.landmarks);

/** Say below the photo what the correction of this answer has changed. */
export async function tellCorrected(record) {
  const note = node("corrected");
  note.dataset.search = record.id;
  note.hidden = !isCorrected(record);
  note.replaceChildren(element("strong", {}, t("Corrected by hand")));
  const before = record.options.whole && isCorrected(record) ? await earlier(record) : null;
  if (!before || note.dataset.search !== record.id) return;
  note.append(element("ul", {}, differences(before, record).map((sentence) => element("li", {}, sentence))));
}

/** The garment and its hits as they were found; null where the earlier search cannot be looked at. */
async function earlier(record) {
  const whole = await get(`/api/search/${record.options.whole}`).catch((failure) => {
    if (failure.status === undefined) throw failure;
    return null;
  });
  const [garment] = record.garments;
  if (!whole || !garment) return null;
  const shares = whole.garments.map((one) => overlap(one.box, garment.box));
  const place = shares.indexOf(Math.max(...shares));
  return shares[place] > 0 ? { garment: whole.garments[place], pairs: whole.pairs[place] } : null;
}

function overlap(one, other) {
  const side = (axis) => Math.max(0, Math.min(one[axis + 2], other[axis + 2]) - Math.max(one[axis], other[axis]));
  const area = ([x0, y0, x1, y1]) => (x1 - x0) * (y1 - y0);
  const shared = side(0) * side(1);
  return shared / (area(one) + area(other) - shared);
}

function differences(before, record) {
  const [garment] = record.garments;
  const labels = record.versions.labels[garment.category] ?? record.versions.labels.default ?? record.versions.parts;
  const moved = labels.filter((_, place) => shifted(before.garment.part_boxes[place], garment.part_boxes[place])).map(term);
  const regions = moved.length ? t("Regions that moved: {parts}.", { parts: moved.join(", ") }) : t("No region moved: a region spans several landmarks, and follows those at its edge.");
  return [regions, similarities(before.pairs, record.pairs[0]), bounded(before.garment, record)].filter(Boolean);
}

function shifted(one, other) {
  return one.some((edge, at) => (edge === null) !== (other[at] === null) || Math.abs(edge - other[at]) >= SHIFTED);
}

/** Of the first hit that both answers have. */
function similarities(before, after) {
  const first = after.find((pair) => before.some((one) => one.hit.item === pair.hit.item));
  if (!first) return t("No hit of the earlier search is left.");
  const known = before.find((one) => one.hit.item === first.hit.item);
  const changed = first.parts
    .map((part, place) => [term(part.label), known.parts[place].similarity, part.similarity])
    .filter(([, one, other]) => (one === null) !== (other === null) || Math.abs(one - other) >= ALIKE)
    .map(([label, one, other]) => `${label} ${figure(one)} → ${figure(other)}`);
  const { item } = first.hit;
  return changed.length ? t("Similarity to {item}: {changes}.", { item, changes: changed.join(", ") }) : t("No similarity to {item} changed.", { item });
}

/** Why a region may not have followed a landmark. */
function bounded(before, record) {
  const [x0, y0, x1, y1] = record.garments[0].box;
  const outside = ([x, y, seen]) => seen > 0 && (x <= x0 + SHIFTED || y <= y0 + SHIFTED || x >= x1 - SHIFTED || y >= y1 - SHIFTED);
  const moved = ([x, y], [wasX, wasY]) => Math.hypot(x - wasX, y - wasY) >= SHIFTED;
  const names = (record.options.landmarks?.[0] ?? [])
    .map((point, place) => (outside(point) && moved(point, before.landmarks[place]) ? term(record.versions.landmarks[place]) : null))
    .filter(Boolean);
  return names.length ? t("On or beyond the garment's box: {names}. Regions end soon after the box; correct the box too.", { names: names.join(", ") }) : "";
}
