/** A photo with boxes and landmarks over it. All coordinates are pixels of the upright photo. */
import { colour } from "./bars.js";
import { shape } from "./dom.js";

/** The confidence from which a landmark counts. */
export const COUNTS_FROM = 0.2;

export class PhotoOverlay {
  /** `resized` is called whenever a pixel of the screen spans another number of pixels of the photo. */
  constructor(svg, resized) {
    this.svg = svg;
    this.size = [1, 1];
    this.picture = shape("image", { x: 0, y: 0, preserveAspectRatio: "none" });
    this.layer = shape("g");
    svg.append(this.picture, this.layer);
    new ResizeObserver(resized).observe(svg);
  }

  /** Show the photo at an address; `size` is its width and height. */
  show(address, size) {
    this.size = size;
    const [width, height] = size;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.style.aspectRatio = `${width} / ${height}`;
    for (const [name, value] of Object.entries({ width, height, href: address })) this.picture.setAttribute(name, value);
  }

  /** Draw these over the photo instead of what was there. */
  draw(shapes) {
    this.layer.replaceChildren(...shapes.flat());
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

/** The boxes of a garment's parts, coloured as its bars; one that is not seen has none. */
export function partBoxes(garment) {
  return garment.part_boxes
    .map((box, place) => (box.includes(null) || !(garment.part_visible[place] > 0) ? null : shape("rect", { ...rect(box), class: "part", stroke: colour(place) })))
    .filter(Boolean);
}

/** The landmarks that count, as small dots. */
export function landmarkDots(overlay, landmarks) {
  return landmarks.filter((point) => point[2] >= COUNTS_FROM).map(([x, y]) => shape("circle", { cx: x, cy: y, r: overlay.span(3), class: "dot" }));
}
