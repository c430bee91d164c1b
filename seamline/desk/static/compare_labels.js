/** Places for the labels of boxes, clear of one another. */

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

/** Places in a box, the most usual one first. */
function within(points, width, height) {
  const across = points.map(([x]) => x);
  const down = points.map(([, y]) => y);
  const [left, right, top, bottom] = [Math.min(...across), Math.max(...across) - width, Math.min(...down), Math.max(...down) - height];
  const [middle, centre] = [(left + right) / 2, (top + bottom) / 2];
  return [[left, top], [right, top], [left, bottom], [right, bottom], [middle, top], [middle, bottom], [left, centre], [right, centre], [middle, centre]];
}

function crowding([x, y, width], taken, height) {
  const shared = ([otherX, otherY, otherWidth]) =>
    Math.max(0, Math.min(x + width, otherX + otherWidth) - Math.max(x, otherX)) * Math.max(0, height - Math.abs(y - otherY));
  return taken.reduce((sum, other) => sum + shared(other), 0);
}
