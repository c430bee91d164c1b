/** Wheel, drag and pinch over panes, told as moves and zooms in the coordinates of the pane under the pointer. */

const PER_WHEEL_PIXEL = 0.0016;
const PER_PINCH_PIXEL = 0.01;
const LINE = 24;
const STILL = 4;

/** Tell `pan(right, down, pane)` and `zoom(factor, x, y, pane)` of what people do on the panes (`.layer`) of a stage. */
export function onGestures(stage, { pan, zoom }) {
  const fingers = new Fingers(stage, pan, zoom);
  stage.addEventListener("wheel", (event) => wheel(event, zoom), { passive: false });
  stage.addEventListener("pointerdown", (event) => fingers.down(event));
  stage.addEventListener("pointermove", (event) => fingers.move(event));
  for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, (event) => fingers.up(event));
  stage.addEventListener("click", (event) => fingers.swallow(event), { capture: true });
}

function wheel(event, zoom) {
  const pane = event.target.closest(".layer");
  if (!pane) return;
  event.preventDefault();
  const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE : 1);
  zoom(Math.exp(-pixels * (event.ctrlKey ? PER_PINCH_PIXEL : PER_WHEEL_PIXEL)), ...inside(pane, event.clientX, event.clientY), pane);
}

function inside(pane, x, y) {
  const edge = pane.getBoundingClientRect();
  return [x - edge.left, y - edge.top];
}

class Fingers {
  constructor(stage, pan, zoom) {
    Object.assign(this, { stage, pan, zoom, held: new Map(), pane: null, way: 0 });
  }

  down(event) {
    if (event.button !== 0 || !event.target.closest(".layer")) return;
    if (this.held.size === 0) {
      this.pane = event.target.closest(".layer");
      this.way = 0;
    }
    this.held.set(event.pointerId, [event.clientX, event.clientY]);
  }

  move(event) {
    if (!this.held.has(event.pointerId)) return;
    const before = this.#middleAndSpread();
    this.held.set(event.pointerId, [event.clientX, event.clientY]);
    const [[x, y], spread] = this.#middleAndSpread();
    const [right, down] = [x - before[0][0], y - before[0][1]];
    this.way += Math.abs(right) + Math.abs(down) + Math.abs(spread - before[1]);
    if (this.way < STILL) return;
    this.#take(event.pointerId);
    this.pan(right, down, this.pane);
    if (this.held.size > 1 && before[1] > 0) this.zoom(spread / before[1], ...inside(this.pane, x, y), this.pane);
  }

  up(event) {
    this.held.delete(event.pointerId);
    if (this.held.size === 0) delete this.stage.dataset.dragged;
  }

  /** A click that ends a drag means nothing. */
  swallow(event) {
    if (this.way >= STILL && event.detail > 0) event.stopPropagation();
  }

  /** From here on all moves of this pointer are ours, wherever it goes. */
  #take(pointer) {
    if (this.stage.hasPointerCapture(pointer)) return;
    this.stage.setPointerCapture(pointer);
    this.stage.dataset.dragged = "";
  }

  #middleAndSpread() {
    const points = [...this.held.values()];
    const middle = [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
    return [middle, points.length > 1 ? Math.hypot(points[0][0] - points[1][0], points[0][1] - points[1][1]) : 0];
  }
}
