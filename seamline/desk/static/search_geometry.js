/** Boxes [x0, y0, x1, y1] that are moved and resized inside a photo of `size` (width, height). */

const LEAST = 8;
const MARGIN = 1.3;
const CLOSEST = 0.05;
const within = (value, low, high) => Math.max(low, Math.min(high, value));

/** Moved as a whole, as far as the photo goes. */
export function moved([x0, y0, x1, y1], [dx, dy], [width, height]) {
  const right = within(dx, -x0, width - x1);
  const down = within(dy, -y0, height - y1);
  return [x0 + right, y0 + down, x1 + right, y1 + down];
}

/** With the edges that `edges` names (of n, s, w and e) moved; no side gets shorter than a few pixels. */
export function resized([x0, y0, x1, y1], edges, [dx, dy], [width, height]) {
  const has = (edge) => edges.includes(edge);
  return [
    has("w") ? within(x0 + dx, 0, x1 - LEAST) : x0,
    has("n") ? within(y0 + dy, 0, y1 - LEAST) : y0,
    has("e") ? within(x1 + dx, x0 + LEAST, width) : x1,
    has("s") ? within(y1 + dy, y0 + LEAST, height) : y1,
  ];
}

/** Between two corners, whichever they are. */
export const spanned = ([ax, ay], [bx, by]) => [Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by)];

/** Half of the photo, in its middle: where a box begins that nobody has drawn yet. */
export const central = ([width, height]) => [width / 4, height / 4, (3 * width) / 4, (3 * height) / 4];

/** The part of a photo around a box, in the proportions of the photo: x, y, width, height. */
export function windowAround([x0, y0, x1, y1], size) {
  const share = MARGIN * Math.max((x1 - x0) / size[0], (y1 - y0) / size[1]);
  return windowAt([(x0 + x1) / 2, (y0 + y1) / 2], share, size);
}

/** The part around a place whose sides are this share of the photo's, as far as the photo goes. */
export function windowAt(place, share, size) {
  const sides = size.map((side) => side * within(share, CLOSEST, 1));
  const corner = place.map((at, axis) => within(at - sides[axis] / 2, 0, size[axis] - sides[axis]));
  return [...corner, ...sides];
}

/** Whether a window (x, y, width, height) shows all of a box. */
export const holds = ([x, y, width, height], [x0, y0, x1, y1]) => x0 >= x && y0 >= y && x1 <= x + width && y1 <= y + height;

/** What an arrow key means, in steps. */
export const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
