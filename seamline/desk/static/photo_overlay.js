/** A photo with boxes and landmarks over it. All coordinates are pixels of the upright photo. */
import { colour } from "./bars.js";
import { shape } from "./dom.js";
import { holds, windowAround, windowAt } from "./search_geometry.js";

/** The confidence from which a landmark counts. */
export const COUNTS_FROM = 0.2;

export class PhotoOverlay {
  /** `changed` is called whenever a pixel of the screen spans another number of pixels of the photo. */
  constructor(svg, changed) {
    Object.assign(this, { svg, changed, size: [1, 1], window: [0, 0, 1, 1] });
    this.picture = shape("image", { x: 0, y: 0, preserveAspectRatio: "none" });
    this.layer = shape("g");
    svg.append(this.picture, this.layer);
    new ResizeObserver(changed).observe(svg);
  }

  /** Show the photo at an address; `size` is its width and height. */
  show(address, size) {
    this.size = size;
    const [width, height] = size;
    this.svg.style.aspectRatio = `${width} / ${height}`;
    for (const [name, value] of Object.entries({ width, height, href: address })) this.picture.setAttribute(name, value);
    this.look(null);
  }

  /** Look at a box with some margin, or at the whole photo where there is none. */
  look(box) {
    this.#open(box ? windowAround(box, this.size) : [0, 0, ...this.size]);
  }

  /** Look from nearer (a factor over 1) or from further away, at a place (x, y) or at what is in the middle now. */
  zoom(factor, place) {
    const [x, y, width, height] = this.window;
    this.#open(windowAt(place ?? [x + width / 2, y + height / 2], width / this.size[0] / factor, this.size));
  }

  /** Let a box be in view as near as the photo is looked at now, if it fits. */
  reveal(box) {
    const inside = box.map((edge, at) => Math.max(0, Math.min(this.size[at % 2], edge)));
    const [x0, y0, x1, y1] = inside;
    const [, , width, height] = this.window;
    const fits = x1 - x0 <= width && y1 - y0 <= height;
    if (fits && !holds(this.window, inside)) this.zoom(1, [(x0 + x1) / 2, (y0 + y1) / 2]);
  }

  #open(window) {
    this.window = window;
    this.svg.setAttribute("viewBox", window.join(" "));
    this.changed();
  }

  /** Draw these over the photo instead of what was there; what is drawn again keeps the focus. */
  draw(shapes) {
    const focused = this.layer.contains(document.activeElement) ? document.activeElement : null;
    this.layer.replaceChildren(...shapes.flat());
    if (focused?.isConnected) focused.focus({ preventScroll: true });
  }

  /** How many pixels of the photo lie below `pixels` of the screen. */
  span(pixels) {
    return pixels / (this.svg.getScreenCTM()?.a || 1);
  }

  /** Where a pointer is, kept inside the photo. */
  place(event) {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.svg.getScreenCTM().inverse());
    return [point.x, point.y].map((value, axis) => Math.max(0, Math.min(this.size[axis], value)));
  }
}

/** The attributes of a box. */
export const rect = ([x0, y0, x1, y1]) => ({ x: x0, y: y0, width: Math.max(0, x1 - x0), height: Math.max(0, y1 - y0) });

/** The corners of a box, x0, y0, x1, y1, in turn. */
export const cornersOf = ([x0, y0, x1, y1]) => [[x0, y0], [x1, y0], [x1, y1], [x0, y1]];

/** A garment's box, with its number in the corner. */
export function garmentBox(overlay, box, { number, chosen = false, onchoose = null }) {
  const label = { x: box[0] + overlay.span(5), y: box[1] + overlay.span(17), "font-size": overlay.span(15) };
  return shape(
    "g",
    { class: `garment${chosen ? " chosen" : ""}`, onclick: onchoose },
    shape("rect", { ...rect(box), class: "halo" }),
    shape("rect", { ...rect(box), class: "line" }),
    shape("text", { ...label, "aria-hidden": "true" }, String(number)),
  );
}

/** The boxes of a garment's parts as the garment is turned, coloured as its bars; one that is not seen has none. */
export function partBoxes(garment) {
  return garment.part_boxes
    .map((box, place) => (box.includes(null) || !(garment.part_visible[place] > 0) ? null : partBox(garment.part_corners?.[place] ?? cornersOf(box), place)))
    .filter(Boolean);
}

const partBox = (corners, place) => shape("polygon", { points: corners.join(" "), class: "part", stroke: colour(place) });

/** The landmarks that count, as small dots. */
export function landmarkDots(overlay, landmarks) {
  return landmarks.filter((point) => point[2] >= COUNTS_FROM).map(([x, y]) => shape("circle", { cx: x, cy: y, r: overlay.span(3), class: "dot" }));
}
