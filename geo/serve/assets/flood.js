// An area under water: its corners by clicks, its end by a double click or Enter; and those that are there.

import { add, make } from './shapes.js';
import { say } from './words.js';

const WATER = 'rgba(33, 102, 172, .22)', SHORE = '#2166ac';
const SAME_PX = 6;
const LEAST = 3;

export class Flood {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {import('./canvas.js').MapView} map
   * @param {{tool: () => string, tell: (nMissing: number) => void, flood: (corners: {x: number, y: number}[]) => void, leave: () => void}} act
   */
  constructor(canvas, map, act) {
    this.map = map;
    this.act = act;
    /** @type {{x: number, y: number}[]} */ this.corners = [];
    /** @type {number[] | null} where the pointer is, in the study's metres */ this.pointer = null;
    /** @type {number[][][]} */ this.floods = [];
    /** What a finger has in the place of keys. */ this.bar = make('div', 'live-flood live-group');
    this.bar.hidden = true;
    this.bar.setAttribute('role', 'toolbar');
    /** @type {HTMLElement} */ (canvas.closest('.live-map')).append(this.bar);
    map.below.push(context => drawFloods(context, map, this.floods));
    map.above.push(context => this.drawOutline(context));
    canvas.addEventListener('pointermove', event => this.follow(event));
    canvas.addEventListener('dblclick', event => { if (this.isOn()) { event.preventDefault(); this.end(); } });
    document.addEventListener('keydown', event => this.press(event), true);
  }

  isOn() {
    return this.act.tool() === 'flood';
  }

  /** Buttons to end, to take a corner back and to cancel, as long as an area is drawn. */
  show() {
    this.bar.hidden = !this.isOn();
    if (this.bar.hidden) return;
    const { length } = this.corners, button = (/** @type {string} */ word, /** @type {() => void} */ what, /** @type {boolean} */ isOff) => {
      const one = make('button', '', say(word));
      one.type = 'button';
      one.disabled = isOff;
      one.onclick = what;
      return one;
    };
    this.bar.setAttribute('aria-label', say('flood'));
    this.bar.replaceChildren();
    add(this.bar,
      button('flood_done', () => this.end(), length < LEAST),
      button('flood_back', () => this.back(), !length),
      button('flood_cancel', () => (this.corners.length ? this.forget() : this.act.leave()), false),
    );
  }

  back() {
    this.corners.pop();
    this.map.drawHand();
    this.show();
  }

  /** @param {number} x @param {number} y */
  add(x, y) {
    const last = this.corners[this.corners.length - 1];
    if (last && this.isSame(last, x, y)) return;
    if (this.corners.length >= LEAST && this.isSame(this.corners[0], x, y)) { this.end(); return; }
    this.corners.push({ x, y });
    this.map.drawHand();
    this.show();
    this.act.tell(0);
  }

  /** @param {{x: number, y: number}} corner @param {number} x @param {number} y */
  isSame(corner, x, y) {
    return Math.hypot(corner.x - x, corner.y - y) * this.map.view.scale < SAME_PX;
  }

  /** @param {PointerEvent} event */
  follow(event) {
    if (!this.isOn() || !this.corners.length) return;
    const box = /** @type {HTMLElement} */ (event.currentTarget).getBoundingClientRect();
    this.pointer = this.map.toStudy(event.clientX - box.left, event.clientY - box.top);
    this.map.drawHand();
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (!this.isOn() || target.closest('input, select, textarea, dialog')) return;
    const isOnButton = target.closest('button') !== null;
    if (event.key === 'Enter' && !isOnButton) this.end();
    else if (event.key === 'Backspace') this.back();
    else if (event.key === 'Escape' && this.corners.length) this.forget();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  end() {
    if (this.corners.length < LEAST) { this.act.tell(LEAST - this.corners.length); return; }
    const corners = this.corners;
    this.forget();
    this.act.leave();
    this.act.flood(corners);
  }

  forget() {
    this.corners = [];
    this.pointer = null;
    this.map.drawHand();
    this.show();
  }

  /** @param {CanvasRenderingContext2D} context */
  drawOutline(context) {
    if (!this.isOn() || !this.corners.length) return;
    const at = this.pointer ? [...this.corners, { x: this.pointer[0], y: this.pointer[1] }] : this.corners;
    trace(context, this.map, at);
    context.fillStyle = WATER;
    context.fill();
    context.lineWidth = 2;
    context.strokeStyle = SHORE;
    context.setLineDash([6, 4]);
    context.stroke();
    context.setLineDash([]);
    for (const corner of this.corners) {
      const [x, y] = this.map.toScreen(corner.x, corner.y);
      context.fillStyle = '#ffffff';
      context.fillRect(x - 4, y - 4, 8, 8);
      context.lineWidth = 1.5;
      context.strokeRect(x - 4, y - 4, 8, 8);
    }
  }
}

/**
 * Draw areas that are flooded.
 * @param {CanvasRenderingContext2D} context @param {import('./canvas.js').MapView} map @param {number[][][]} floods
 */
export function drawFloods(context, map, floods) {
  for (const ring of floods) {
    trace(context, map, ring.map(([x, y]) => ({ x, y })));
    context.closePath();
    context.fillStyle = WATER;
    context.fill();
    context.lineWidth = 1.5;
    context.strokeStyle = SHORE;
    context.stroke();
  }
}

/** @param {CanvasRenderingContext2D} context @param {import('./canvas.js').MapView} map @param {{x: number, y: number}[]} corners */
function trace(context, map, corners) {
  context.beginPath();
  corners.forEach((corner, i) => {
    const [x, y] = map.toScreen(corner.x, corner.y);
    if (i) context.lineTo(x, y); else context.moveTo(x, y);
  });
}
