// The best spot near the pointer: asked while a station is in hand, or by a key; shown with what it brings.

import { FONT, SITE, halo } from './labels.js';
import { say, signed } from './words.js';

const QUIET_SITE = '#8f7aa8';
const AGAIN_MS = 300;
export const DISTANCES = [500, 1000, 2000, 3000, 5000, 10000];

export class Spot {
  /**
   * @param {import('./canvas.js').MapView} map
   * @param {import('./line.js').Line} line
   */
  constructor(map, line) {
    this.map = map;
    this.line = line;
    this.isOn = false;
    this.within = 3000;
    /** @type {any} */ this.told = null;
    /** @type {any} where it is asked for next */ this.next = null;
    this.isBusy = false;
    map.above.push(context => this.draw(context));
  }

  toggle() {
    this.isOn = !this.isOn;
    this.forget();
  }

  forget() {
    this.told = null;
    this.next = null;
    this.map.drawHand();
  }

  /** Ask for the best spot near a place, always for the newest one. @param {string} station @param {number} x @param {number} y */
  async ask(station, x, y) {
    if (!this.isOn) return;
    this.next = { station, x, y };
    if (this.isBusy) return;
    this.isBusy = true;
    while (this.next) {
      const asked = this.next;
      this.next = null;
      const answer = await this.line.ask({ do: 'near', ...asked, within_m: this.within });
      if (!answer || answer.header.kind !== 'near') { this.told = null; break; }
      if (!answer.header.is_ready) {
        await new Promise(done => setTimeout(done, AGAIN_MS));
        this.next = this.next || asked;
        continue;
      }
      if (this.isOn) this.told = { ...answer.header, ...answer.arrays, ...asked };
      this.map.drawHand();
    }
    this.isBusy = false;
  }

  /** @param {CanvasRenderingContext2D} context */
  draw(context) {
    const { told, map } = this;
    if (!told || !this.isOn) return;
    const [cx, cy] = map.toScreen(told.x, told.y);
    context.beginPath();
    context.arc(cx, cy, this.within * map.view.scale, 0, 6.2832);
    context.lineWidth = 1;
    context.strokeStyle = QUIET_SITE;
    context.setLineDash([3, 4]);
    context.stroke();
    context.setLineDash([]);
    if (!told.best) return halo(context, say('spot_none'), cx, cy - 18 * map.grow, SITE);
    context.fillStyle = QUIET_SITE;
    for (let i = 1; i < told.spot_x.length; i++) {
      const [x, y] = map.toScreen(told.spot_x[i], told.spot_y[i]);
      const r = 2.5 * map.grow;
      context.fillRect(x - r, y - r, 2 * r, 2 * r);
    }
    const [x, y] = map.toScreen(told.best.x, told.best.y);
    star(context, x, y, 12 * map.grow);
    context.font = `600 ${13 * map.grow}px ${FONT}`;
    context.textAlign = 'center';
    halo(context, `${told.best.name} ${say('spot_gain', { n: signed(told.best.gain_people) })}`, x, y - 18 * map.grow, SITE);
  }
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} r */
function star(context, x, y, r) {
  context.beginPath();
  for (let k = 0; k < 10; k++) {
    const a = -Math.PI / 2 + (k * Math.PI) / 5, s = k % 2 ? r * 0.45 : r;
    context.lineTo(x + s * Math.cos(a), y + s * Math.sin(a));
  }
  context.closePath();
  context.fillStyle = SITE;
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = '#ffffff';
  context.stroke();
}
