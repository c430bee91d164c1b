/** The buttons above the pictures. */
import { element } from "./dom.js";
import { t } from "./words.js";

export const MODES = [
  { mode: "side", key: "s", name: t("Side by side") },
  { mode: "flicker", key: "f", name: t("Flicker") },
  { mode: "wipe", key: "w", name: t("Slider") },
  { mode: "map", key: "m", name: t("Change map") },
];

/** Buttons that do what the view can. `flicker`: those that stand in the picture while it flickers. */
export class Tools {
  constructor(view) {
    this.modes = MODES.map(({ mode, key, name }) => button(name, key, () => view.setMode(mode), { "data-mode": mode }));
    this.regions = button(t("Regions"), "r", () => view.toggleRegions(), { "aria-pressed": "true" });
    this.run = button(t("Run"), "", () => view.toggleFlicker());
    this.flicker = group(t("Flicker"), [this.run, button(t("Swap"), "Space", () => view.step())]);
    this.flicker.classList.add("flickering");
    const zooms = [
      button("−", "-", () => view.zoomBy(1 / 1.4), { class: "square", "aria-label": t("Zoom out"), title: t("Zoom out") }),
      button(t("Whole"), "0", () => view.fit(), { title: t("Show the garments whole") }),
      button("+", "+", () => view.zoomBy(1.4), { class: "square", "aria-label": t("Zoom in"), title: t("Zoom in") }),
    ];
    this.root = element("div", { class: "tools" }, group(t("View"), this.modes), group(t("Parts"), [this.regions]), group(t("Zoom"), zooms));
  }

  /** Let the buttons say how the view is. */
  show({ mode, regions, runs }) {
    for (const one of this.modes) one.setAttribute("aria-pressed", one.dataset.mode === mode);
    this.regions.setAttribute("aria-pressed", regions);
    this.run.setAttribute("aria-pressed", runs);
    this.flicker.hidden = mode !== "flicker";
  }
}

const group = (label, buttons) => element("div", { class: "group", role: "group", "aria-label": label }, buttons);

/** A pointer leaves the button, so that Space then steps the flicker instead of pressing it again. */
function button(name, key, action, more = {}) {
  const onclick = (event) => {
    action();
    if (event.detail > 0) event.currentTarget.blur();
  };
  const hint = key && !more["aria-label"] ? element("kbd", { "aria-hidden": "true" }, (key === "Space" ? t("Space") : key).toUpperCase()) : null;
  const shortcut = key === "+" ? "Plus" : key;
  return element("button", { type: "button", "aria-keyshortcuts": shortcut || null, onclick, ...more }, name, hint);
}
