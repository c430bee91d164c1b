/** The similarity of each part as a small bar: filled where it was kept, hatched where it was changed. */
import { element, shape } from "./dom.js";
import { figure, t, term } from "./words.js";

export const COLOURS = ["#0b63a5", "#b5471b", "#00785a", "#a3387c", "#8a6500", "#5b4bb3", "#8c2f39", "#3f6b1f", "#006d77", "#7a4e2d", "#4a5568", "#b0126b"];
let patterns = 0;

/** The colour of a part by its place. */
export const colour = (place) => COLOURS[place % COLOURS.length];

/** A list of bars for the parts of a pair, as `Pair` of the desk has them. */
export const bars = (parts) => element("ul", { class: "bars" }, parts.map(row));

function row(part, place) {
  const mark = part.kept === null ? "absent" : part.kept ? "kept" : "changed";
  const words = { kept: t("kept"), changed: t("changed"), absent: t("not comparable") };
  const label = term(part.label);
  const said = `${label}: ${part.similarity === null ? "" : `${figure(part.similarity)}, `}${words[mark]}`;
  return element(
    "li",
    { class: mark },
    element("span", { class: "name", title: label }, `${mark === "changed" ? "≠ " : ""}${label}`),
    bar(part, place, mark, said),
    element("span", { class: "number", "aria-hidden": "true" }, figure(part.similarity)),
  );
}

/** One bar by itself; `mark`: kept, changed or absent; `said`: what it says to those who do not see it. */
export function bar(part, place, mark, said) {
  const share = Math.max(0, Math.min(1, part.similarity ?? 0)) * 100;
  const id = `hatch-${(patterns += 1)}`;
  const hatch = shape("pattern", { id, width: 4, height: 4, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, shape("rect", { width: 2, height: 4, fill: colour(place) }));
  return shape(
    "svg",
    { viewBox: "0 0 100 10", preserveAspectRatio: "none", role: "img", "aria-label": said },
    mark === "changed" ? shape("defs", {}, hatch) : null,
    shape("rect", { class: "track", x: 0, y: 1, width: 100, height: 8, "stroke-width": 0.5 }),
    shape("rect", { x: 0, y: 1, width: share, height: 8, fill: mark === "changed" ? `url(#${id})` : colour(place) }),
    shape("line", { class: "tick", x1: part.threshold * 100, x2: part.threshold * 100, y1: 0, y2: 10 }),
  );
}
