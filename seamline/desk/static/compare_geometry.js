/** Where things lie. A transform is [a, b, c, d, e, f] as in CSS: x' = a x + c y + e, y' = b x + d y + f. */

const MARGIN = 1.25;
const LEAST = 0.2;
const MOST = 30;

/** The point (x, y) moved by a transform. */
export const moved = ([a, b, c, d, e, f], x, y) => [a * x + c * y + e, b * x + d * y + f];

/** First `inner`, then `outer`. */
export function composed(outer, inner) {
  const [a, b, c, d] = outer;
  const [e, f] = moved(outer, inner[4], inner[5]);
  return [a * inner[0] + c * inner[1], b * inner[0] + d * inner[1], a * inner[2] + c * inner[3], b * inner[2] + d * inner[3], e, f];
}

/** The transform of a 2 x 3 matrix in rows. */
export const fromRows = ([[a, c, e], [b, d, f]]) => [a, b, c, d, e, f];

/** The area within the corners of a polygon. */
export const areaOf = (corners) => Math.abs(corners.reduce((sum, [x, y], n) => sum + x * corners.at(n - 1)[1] - y * corners.at(n - 1)[0], 0)) / 2;

/** How far a similarity turns, in radians; one that flips does so before it turns. */
export const turnOf = ([, , c, d]) => Math.atan2(-c, d);

/** A turn by an angle about a point. */
export function turnAbout(angle, x, y) {
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  return [cosine, sine, -sine, cosine, x - cosine * x + sine * y, y - sine * x - cosine * y];
}

const within = (value, least, most) => Math.min(Math.max(value, least), most);

/**
 * What of the query is looked at: a centre, as shares of the garment's box, and a zoom, of which 1 shows the garment
 * whole. Both stay when another pair is shown or the panes change their size.
 */
export class Viewpoint {
  constructor() {
    this.size = this.box = null;
    this.fit();
  }

  /** Look at another query: the size of its photo and the garment's box. */
  lookAt(size, box) {
    this.size = size;
    this.box = box;
  }

  /** Show the garment whole. */
  fit() {
    this.centre = [0.5, 0.5];
    this.zoom = 1;
  }

  /** The transform from pixels of the query to those of a pane of this size. */
  transform(width, height) {
    const scale = this.#scale(width, height);
    const [x, y] = this.#middle();
    return [scale, 0, 0, scale, width / 2 - scale * x, height / 2 - scale * y];
  }

  /** Zoom by a factor; what lies at (x, y) of the pane stays there. */
  zoomAt(factor, x, y, width, height) {
    const before = this.#scale(width, height);
    this.zoom = within(this.zoom * factor, LEAST, MOST);
    const kept = 1 / before - 1 / this.#scale(width, height);
    this.#move((x - width / 2) * kept, (y - height / 2) * kept);
  }

  /** Move the picture by pixels of the pane. */
  pan(right, down, width, height) {
    const scale = this.#scale(width, height);
    this.#move(-right / scale, -down / scale);
  }

  #scale(width, height) {
    const [x0, y0, x1, y1] = this.box;
    return (this.zoom * Math.min(width / Math.max(x1 - x0, 1), height / Math.max(y1 - y0, 1))) / MARGIN;
  }

  #middle() {
    const [x0, y0, x1, y1] = this.box;
    return [x0 + this.centre[0] * (x1 - x0), y0 + this.centre[1] * (y1 - y0)];
  }

  /** By pixels of the query, and never off its photo. */
  #move(right, down) {
    const [x0, y0, x1, y1] = this.box;
    const [x, y] = this.#middle();
    this.centre = [
      (within(x + right, 0, this.size[0]) - x0) / Math.max(x1 - x0, 1),
      (within(y + down, 0, this.size[1]) - y0) / Math.max(y1 - y0, 1),
    ];
  }
}
