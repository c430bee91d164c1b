/** The keys of a view of two garments. */
import { MODES } from "./compare_tools.js";
import { onKey } from "./keys.js";
import { t } from "./words.js";

const STEP = 60;
const ZOOM = 1.25;
const WAYS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** Let the keys of this page do what the view can, where it is seen. The key of a view leaves that view again. */
export function compareKeys(view) {
  const inSight = (key, name, action) => onKey(key, name, () => {
    action();
    view.stage.scrollIntoView({ block: "nearest" });
  });
  for (const { mode, key, name } of MODES) inSight(key, name, () => view.setMode(view.mode === mode ? "side" : mode));
  inSight("r", t("Regions on and off"), () => view.toggleRegions());
  inSight(" ", t("Swap the pictures by hand (flicker)"), () => view.step());
  inSight("+", t("Zoom in"), () => view.zoomBy(ZOOM));
  inSight("-", t("Zoom out"), () => view.zoomBy(1 / ZOOM));
  inSight("0", t("Show the garments whole"), () => view.fit());
  const names = { ArrowLeft: t("Look further left"), ArrowRight: t("Look further right"), ArrowUp: t("Look further up"), ArrowDown: t("Look further down") };
  for (const [key, [right, down]] of Object.entries(WAYS)) inSight(`Shift+${key}`, names[key], () => view.pan(right * STEP, down * STEP));
}
