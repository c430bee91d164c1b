/** The keys of a view of two garments. */
import { MODES } from "./compare_tools.js";
import { onKey } from "./keys.js";
import { t } from "./words.js";

const STEP = 60;
const ZOOM = 1.25;
const WAYS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** Let the keys of this page do what the view can. */
export function compareKeys(view) {
  for (const { mode, key, name } of MODES) onKey(key, name, () => view.setMode(mode));
  onKey("r", t("Regions on and off"), () => view.toggleRegions());
  onKey(" ", t("Swap the pictures by hand (flicker)"), () => view.step());
  onKey("+", t("Zoom in"), () => view.zoomBy(ZOOM));
  onKey("-", t("Zoom out"), () => view.zoomBy(1 / ZOOM));
  onKey("0", t("Show the garments whole"), () => view.fit());
  const names = { ArrowLeft: t("Look further left"), ArrowRight: t("Look further right"), ArrowUp: t("Look further up"), ArrowDown: t("Look further down") };
  for (const [key, [right, down]] of Object.entries(WAYS)) onKey(`Shift+${key}`, names[key], () => view.pan(right * STEP, down * STEP));
}
