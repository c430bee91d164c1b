/**
 * The change map: each part's box filled from changed to kept, by how far its similarity lies from its threshold.
 * It knows parts only, and its legend says so.
 */
import { element, shape } from "./dom.js";
import { t } from "./words.js";

const FAINT = 0.12;
const STRONG = 0.72;
let patterns = 0;

/** How strongly a part is filled, 0 to 1: faint at its threshold, strong far from it. */
export function strength({ similarity, threshold, kept }) {
  if (kept === null) return 0;
  const room = kept ? 1 - threshold : threshold;
  const share = Math.abs(similarity - threshold) / Math.max(room, 0.05);
  return FAINT + (STRONG - FAINT) * Math.min(share, 1);
}

/** A pattern of slanted lines, and the value of `fill` that names it. */
export function hatching() {
  const id = `changed-${(patterns += 1)}`;
  const lines = shape("path", { d: "M-2 2l4 -4M0 10l10 -10M8 12l4 -4", class: "hatching" });
  return [shape("pattern", { id, width: 10, height: 10, patternUnits: "userSpaceOnUse" }, lines), `url(#${id})`];
}

/** What the colours mean. */
export function legend() {
  const [pattern, fill] = hatching();
  const steps = [...Array(20).keys()].map((step) => {
    const far = Math.abs(step - 9.5) / 9.5;
    const mark = step < 10 ? "changed" : "kept";
    return shape("rect", { class: `fill ${mark}`, x: step * 10, y: 0, width: 10.2, height: 14, "fill-opacity": FAINT + (STRONG - FAINT) * far });
  });
  const scale = shape("svg", { viewBox: "0 0 200 14", preserveAspectRatio: "none", "aria-hidden": "true" }, shape("defs", {}, pattern), steps);
  scale.append(shape("rect", { x: 0, y: 0, width: 100, height: 14, fill }), shape("path", { class: "threshold", d: "M100 0v14" }));
  const ends = [t("changed, hatched"), t("threshold"), t("kept")].map((word) => element("span", {}, word));
  return element(
    "div",
    { class: "legend", hidden: true },
    element("div", { class: "scale" }, scale, element("div", { class: "ends" }, ends)),
    element("p", {}, t("By part: a box has one colour for its whole part. The map does not say where inside a part something was changed.")),
  );
}
