/** Places for the labels of boxes, clear of one another. */

/** Degrees up to which the labels of a turned box lie as those of an upright one. */
const LEAST_TURN = 5;

/** For each box (its corners in a pane) and width of its label, the label's top left corner. */
export function placed(boxes, widths, height) {
  const taken = [];
  return boxes.map((points, n) => {
    const spots = within(points, widths[n], height).map(([x, y]) => [x, y, widths[n]]);
    const best = spots.reduce((one, other) => (crowding(other, taken, height) < crowding(one, taken, height) ? other : one));
    taken.push(best);
    return best;
  });
}

/** Places in a box, the most usual one first; in one that is turned, beside its corners, which its edges leave at a slant. */
function within(points, width, height) {
  if (isTurned(points)) return slanted(points, width, height);
  const across = points.map(([x]) => x);
  const down = points.map(([, y]) => y);
  const [left, right, top, bottom] = [Math.min(...across), Math.max(...across) - width, Math.min(...down), Math.max(...down) - height];
  const [middle, centre] = [(left + right) / 2, (top + bottom) / 2];
  return [[left, top], [right, top], [left, bottom], [right, bottom], [middle, top], [middle, bottom], [left, centre], [right, centre], [middle, centre]];
}

/** Whether the edges of a box are far from the pane's directions. */
function isTurned([[x0, y0], [x1, y1]]) {
  const turn = Math.abs((Math.atan2(y1 - y0, x1 - x0) * 180) / Math.PI) % 90;
  return turn > LEAST_TURN && turn < 90 - LEAST_TURN;
}

function slanted(points, width, height) {
  const mean = (axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length;
  const centre = [mean(0), mean(1)];
  const reach = 0.7 * Math.hypot(width, height);
  const inner = points.map(([x, y]) => {
    const [right, down] = [centre[0] - x, centre[1] - y];
    const share = reach / Math.max(Math.hypot(right, down), 1);
    return [x + right * share, y + down * share];
  });
  const middles = points.map(([x, y], n) => [(x + points.at(n - 1)[0]) / 2, (y + points.at(n - 1)[1]) / 2]);
  return [...inner, ...middles, centre].map(([x, y]) => [x - width / 2, y - height / 2]);
}

function crowding([x, y, width], taken, height) {
  const shared = ([otherX, otherY, otherWidth]) =>
    Math.max(0, Math.min(x + width, otherX + otherWidth) - Math.max(x, otherX)) * Math.max(0, height - Math.abs(y - otherY));
  return taken.reduce((sum, other) => sum + shared(other), 0);
}
