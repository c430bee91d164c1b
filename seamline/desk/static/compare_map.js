/**
 * The change map: each part's box filled from changed to kept, by how far its similarity lies from its threshold.
 * It knows parts only, and its legend says so.
 */
import { element, shape } from "./dom.js";
import { t } from "./words.js";

const COLOURS = { kept: [[222, 240, 233], [0, 110, 82]], changed: [[252, 230, 219], [176, 62, 16]] };
const STEPS = 10;
let patterns = 0;

/** The colour of a part: pale at its threshold, full as far from it as a similarity can be, and most steps near it. */
export function fillOf({ similarity, threshold, kept }) {
  if (kept === null) return "none";
  const room = Math.max(kept ? 1 - threshold : threshold, 0.05);
  return shade(kept ? "kept" : "changed", Math.sqrt(Math.min(Math.abs(similarity - threshold) / room, 1)));
}

function shade(mark, share) {
  const [pale, full] = COLOURS[mark];
  return `rgb(${pale.map((value, n) => Math.round(value + (full[n] - value) * share)).join(" ")})`;
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
  const steps = [...Array(2 * STEPS).keys()].map((step) => {
    const [mark, share] = step < STEPS ? ["changed", 1 - step / STEPS] : ["kept", (step - STEPS + 1) / STEPS];
    return shape("rect", { x: step * STEPS, y: 0, width: STEPS + 0.3, height: 14, fill: shade(mark, share) });
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
