// Pointer and keyboard on the map: pan, zoom, take a station, let it go, click a place.

const CLICK_PX = 4;
const STEP_PX = 60;
const NUDGE_PX = 8;

/**
 * Listen to the map.
 * @param {HTMLCanvasElement} canvas
 * @param {import('./canvas.js').MapView} map
 * @param {{
 *   tool: () => string, canDrag: (station: any) => boolean,
 *   grab: (station: any | null, x: number, y: number) => void, drag: (x: number, y: number, at: number) => void,
 *   ahead: (x: number, y: number, at: number) => void,
 *   drop: (isDropped: boolean) => void, click: (station: any | null, x: number, y: number) => void,
 *   nudge: (dx: number, dy: number) => void,
 * }} act
 */
export function listen(canvas, map, act) {
  /** @type {any} */
  let press = null;
  /** @type {Map<number, number[]>} */
  const fingers = new Map();
  const at = /** @param {MouseEvent} event @returns {[number, number]} */ event => { const box = canvas.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };

  canvas.addEventListener('pointerdown', event => {
    if (event.button !== 0) return;
    const [px, py] = at(event);
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, [px, py]);
    if (fingers.size === 2) { if (press && press.held) act.drop(false); press = null; return; }
    const station = map.stationAt(px, py, event.pointerType === 'touch' ? 24 : 14);
    press = { px, py, lastX: px, lastY: py, station, isMoved: false, held: false };
  });

  canvas.addEventListener('pointermove', event => {
    const [px, py] = at(event);
    map.pointer = map.toStudy(px, py);
    if (fingers.size === 2 && fingers.has(event.pointerId)) return pinch(event.pointerId, px, py);
    if (!press) {
      const station = map.stationAt(px, py), id = station ? station.id : '';
      canvas.style.cursor = station ? 'grab' : act.tool() === 'look' ? '' : 'crosshair';
      if (id !== map.hovered) { map.hovered = id; map.drawHand(); }
      return;
    }
    if (!press.isMoved && Math.hypot(px - press.px, py - press.py) < CLICK_PX) return;
    if (!press.isMoved) {
      press.isMoved = true;
      const isNew = act.tool() === 'add' && !press.station;
      if (isNew || (press.station && act.canDrag(press.station))) {
        press.held = true;
        canvas.style.cursor = 'grabbing';
        act.grab(isNew ? null : press.station, ...map.toStudy(press.px, press.py));
      }
    }
    if (press.held) act.drag(...map.toStudy(px, py), event.timeStamp);
    else map.pan(px - press.lastX, py - press.lastY);
    press.lastX = px;
    press.lastY = py;
  });

  // A place of what is in hand as it comes, before the frame that will draw it: by then the answer may be there.
  canvas.addEventListener('pointerrawupdate', event => {
    const { timeStamp } = event, [px, py] = at(/** @type {PointerEvent} */ (event));
    if (press && press.held && fingers.size === 1) act.ahead(...map.toStudy(px, py), timeStamp);
  });

  canvas.addEventListener('pointerup', event => {
    fingers.delete(event.pointerId);
    if (!press) return;
    const { isMoved, held, station, px, py } = press;
    press = null;
    canvas.style.cursor = '';
    if (held) act.drop(true);
    else if (!isMoved) act.click(station, ...map.toStudy(px, py));
  });

  canvas.addEventListener('pointercancel', event => {
    fingers.delete(event.pointerId);
    if (press && press.held) act.drop(false);
    press = null;
  });

  canvas.addEventListener('wheel', event => {
    event.preventDefault();
    map.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0016)), ...at(event));
  }, { passive: false });

  canvas.addEventListener('keydown', event => {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const step = steps[event.key];
    if (step && event.altKey) act.nudge(step[0] * NUDGE_PX / map.view.scale, step[1] * NUDGE_PX / map.view.scale);
    else if (step) map.pan(-step[0] * STEP_PX, step[1] * STEP_PX);
    else if (event.key === '+' || event.key === '=') map.zoom(1.3);
    else if (event.key === '-') map.zoom(1 / 1.3);
    else if (event.key === 'Escape' && press && press.held) { press = null; act.drop(false); }
    else return;
    event.preventDefault();
  });

  /** @param {number} id @param {number} px @param {number} py */
  function pinch(id, px, py) {
    const [a, b] = [...fingers.values()], before = Math.hypot(a[0] - b[0], a[1] - b[1]);
    fingers.set(id, [px, py]);
    const [c, d] = [...fingers.values()], after = Math.hypot(c[0] - d[0], c[1] - d[1]);
    map.zoom(after / Math.max(before, 1), (c[0] + d[0]) / 2, (c[1] + d[1]) / 2);
  }
}
