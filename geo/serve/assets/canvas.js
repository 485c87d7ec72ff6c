// The map on three canvases: ground (redrawn when the view moves), people (only those that change), and what is
// in hand (stations, a route, closed roads). Coordinates are the study's metres; y points north.

import { growth } from './growth.js';
import { INK, SITE, drawNames } from './labels.js';

const QUIET = '#69707a', RED = '#b3202c', SHUT = '#d7301f';
const LAND = '#f5f4f0', SEA = '#d7e5ee';
export const SAME_IN_TIME = '#dfe2e6', SAME_LATE = '#b4b9c1';
/** @type {[string, number][]} */
const ROADS = [['#dcd8ce', 0.8], ['#cdc6b6', 1.5], ['#bcb29c', 2.4]];
const NOT_REACHED = 15, GAINS = 16, LOSES = 32, IN_TIME = 128;
const SLOW_MS = 24;
const BAR_PX = 56;
const FEW_ROADS = 12;
const FEW_PEOPLE = 3000;
const SETTLE_MS = 150;
const ROUND_UP_TO = 25000;

export class MapView {
  /** @param {{ground: HTMLCanvasElement, people: HTMLCanvasElement, hand: HTMLCanvasElement}} canvases */
  constructor(canvases) {
    this.canvases = canvases;
    this.view = { x: 0, y: 0, scale: 1 };
    this.drawn = { ...this.view };
    /** @type {any} */ this.scene = null;
    /** @type {any} */ this.arrays = null;
    this.codes = new Uint8Array(0);
    this.mode = 'time';
    /** @type {string[]} */ this.colours = [];
    /** @type {Record<string, string>} */ this.changeColours = {};
    /** @type {any[]} */ this.stations = [];
    /** @type {number[][][]} */ this.closedRoads = [];
    /** @type {any} */ this.place = null;
    /** @type {any} */ this.hand = null;
    /** What else stands at a place of the screen. @type {(px: number, py: number) => any} */ this.resourceAt = () => null;
    /** @type {number[] | null} where the pointer was last, in the study's metres */ this.pointer = null;
    this.chosen = '';
    this.hovered = '';
    this.slow = false;
    /** @type {((context: CanvasRenderingContext2D) => void)[]} drawn below and above the stations */
    this.below = [];
    /** @type {((context: CanvasRenderingContext2D) => void)[]} */
    this.above = [];
    this.width = 1;
    this.height = 1;
    this.ratio = 1;
    this.fitScale = 1;
    /** The view that shows all of it. @type {{x: number, y: number, scale: number} | null} */ this.whole = null;
    /** Of signs and letters: see growth. */ this.grow = 1;
    this.radius = new Float32Array(0);
    /** Shapes of the ground, in metres. @type {{roads: Path2D[], towns: Path2D, land: Path2D, water: Path2D, hasLand: boolean} | null} */
    this.paths = null;
    this.timer = 0;
    this.settling = 0;
    this.contexts = { ground: contextOf(canvases.ground), people: contextOf(canvases.people), hand: contextOf(canvases.hand) };
    /** A map that shows the same place, whatever this one is moved to. @type {MapView | null} */ this.linked = null;
  }

  /** Take the ground of another map, which is not made twice. @param {MapView} other */
  shareScene(other) {
    const { scene, arrays, paths, radius, fitScale, view } = other;
    Object.assign(this, { scene, arrays, paths, radius, fitScale, view: { ...view } });
  }

  /** @param {any} header @param {Record<string, any>} arrays */
  setScene(header, arrays) {
    this.scene = header;
    this.arrays = arrays;
    this.paths = {
      roads: [0, 1, 2].map(rank => roadPath(arrays, rank)),
      towns: shapePath(arrays.town_xy, arrays.town_start, true),
      land: shapePath(arrays.land_xy, arrays.land_start, true),
      water: shapePath(arrays.water_xy, arrays.water_start, true),
      hasLand: arrays.land_xy.length > 0,
    };
    const n = arrays.people.length;
    this.radius = new Float32Array(n);
    const typical = n ? Math.max(1, arrays.people.reduce((a, b) => a + b, 0) / n) : 1;
    for (let i = 0; i < n; i++) this.radius[i] = Math.min(2.4, Math.max(0.55, Math.sqrt(arrays.people[i] / typical)));
    this.fit();
  }

  /** Take the measure of the page; say whether it is another than before. */
  measure() {
    const box = /** @type {HTMLElement} */ (this.canvases.hand.parentElement).getBoundingClientRect();
    const ratio = window.devicePixelRatio || 1, grow = growth();
    if (box.width === this.width && box.height === this.height && ratio === this.ratio && grow === this.grow) return false;
    Object.assign(this, { width: box.width, height: box.height, ratio, grow });
    for (const canvas of Object.values(this.canvases)) {
      canvas.width = Math.round(box.width * ratio);
      canvas.height = Math.round(box.height * ratio);
      canvas.style.width = `${box.width}px`;
      canvas.style.height = `${box.height}px`;
    }
    return true;
  }

  /** The whole map stays whole in a window of another size; a place that was looked up stays in the middle. */
  resize() {
    if (!this.measure()) return;
    const { view, whole } = this;
    if (this.scene && whole && view.x === whole.x && view.y === whole.y && view.scale === whole.scale) this.fit();
    else this.redraw();
  }

  fit() {
    this.measure();
    const [west, south, east, north] = this.scene.bounds;
    const bar = BAR_PX * this.grow, high = Math.max(this.height - bar, 1);
    const scale = 0.94 * Math.min(this.width / Math.max(east - west, 1), high / Math.max(north - south, 1));
    this.fitScale = scale;
    this.view = { x: (west + east) / 2, y: (south + north) / 2 + bar / 2 / scale, scale };
    this.whole = { ...this.view };
    this.redraw();
    if (!this.linked) return;
    Object.assign(this.linked, { view: { ...this.view }, fitScale: scale });
    this.linked.redraw();
  }

  /** @param {number} x @param {number} y metres, east and north of the study's zero @returns {[number, number]} */
  toScreen(x, y) {
    const { view } = this, [ox, oy] = this.scene.origin;
    return [this.width / 2 + (x - ox - view.x) * view.scale, this.height / 2 - (y - oy - view.y) * view.scale];
  }

  /** @param {number} px @param {number} py @returns {[number, number]} */
  toStudy(px, py) {
    const { view } = this, [ox, oy] = this.scene.origin;
    return [ox + view.x + (px - this.width / 2) / view.scale, oy + view.y - (py - this.height / 2) / view.scale];
  }

  /** @param {number} dx @param {number} dy pixels */
  pan(dx, dy) {
    this.view.x -= dx / this.view.scale;
    this.view.y += dy / this.view.scale;
    this.moved();
  }

  /** @param {number} factor @param {number} px @param {number} py what stays where it is */
  zoom(factor, px = this.width / 2, py = this.height / 2) {
    const scale = Math.min(Math.max(this.view.scale * factor, this.fitScale / 3), Math.max(2, this.fitScale));
    const kept = 1 / this.view.scale - 1 / scale;
    this.view.x += (px - this.width / 2) * kept;
    this.view.y -= (py - this.height / 2) * kept;
    this.view.scale = scale;
    this.moved();
  }

  /** Draw soon, and the map that is linked with it. */
  moved() {
    if (this.linked) {
      this.linked.view = { ...this.view };
      this.linked.drawSoon();
    }
    this.drawSoon();
  }

  /** Where a whole drawing is slow, move the old one meanwhile. */
  drawSoon() {
    if (this.slow) {
      const k = this.view.scale / this.drawn.scale;
      const dx = (this.drawn.x - this.view.x) * this.view.scale, dy = -(this.drawn.y - this.view.y) * this.view.scale;
      const css = `translate(${dx}px, ${dy}px) scale(${k})`;
      for (const name of ['ground', 'people']) this.canvases[name].style.transform = css;
      this.drawHand();
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => requestAnimationFrame(() => this.redraw()), this.slow ? 140 : 0);
  }

  redraw() {
    if (!this.scene || !this.paths) return;
    const began = performance.now();
    this.drawn = { ...this.view };
    for (const name of ['ground', 'people']) this.canvases[name].style.transform = '';
    this.drawGround();
    this.drawPeople(null);
    this.drawHand();
    this.slow = performance.now() - began > SLOW_MS;
  }

  /** @param {CanvasRenderingContext2D} context */
  inMetres(context) {
    const { view, ratio } = this, k = view.scale * ratio;
    context.setTransform(k, 0, 0, -k, ratio * this.width / 2 - view.x * k, ratio * this.height / 2 + view.y * k);
    return 1 / view.scale;
  }

  drawGround() {
    if (!this.paths) return;
    const context = this.contexts.ground, { paths } = this;
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.fillStyle = paths.hasLand ? SEA : LAND;
    context.fillRect(0, 0, this.width, this.height);
    const pixel = this.inMetres(context);
    context.lineJoin = 'round';
    if (paths.hasLand) { context.fillStyle = LAND; context.fill(paths.land, 'evenodd'); }
    context.fillStyle = SEA;
    context.fill(paths.water, 'evenodd');
    const thick = this.grow * Math.min(2.2, Math.max(1, Math.sqrt(this.view.scale / this.fitScale) * 0.8));
    ROADS.forEach(([colour, width], rank) => {
      context.strokeStyle = colour;
      context.lineWidth = width * thick * pixel;
      context.stroke(paths.roads[rank]);
    });
    context.strokeStyle = '#9a9da6';
    context.lineWidth = pixel;
    context.setLineDash([5 * pixel, 4 * pixel]);
    context.stroke(paths.towns);
    context.setLineDash([]);
  }

  /**
   * Draw the points that changed; what shows of their old colours at their edges goes when nothing changes for a moment.
   * @param {Uint32Array | null} index points that changed; null for all
   */
  drawChanged(index) {
    const isPart = index !== null && this.codes.length > FEW_PEOPLE;
    this.drawPeople(isPart ? index : null);
    clearTimeout(this.settling);
    if (isPart) this.settling = setTimeout(() => requestAnimationFrame(() => this.drawPeople(null)), SETTLE_MS);
  }

  /** @param {Uint32Array | null} index points to draw anew; all when null */
  drawPeople(index) {
    const context = this.contexts.people, { codes } = this;
    if (!index) {
      context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      context.clearRect(0, 0, this.width, this.height);
    }
    /** @type {Map<string, number[]>} */
    const byColour = new Map();
    const n = index ? index.length : codes.length;
    for (let k = 0; k < n; k++) {
      const i = index ? index[k] : k, colour = this.colourOf(codes[i]);
      const list = byColour.get(colour);
      if (list) list.push(i); else byColour.set(colour, [i]);
    }
    const grown = Math.pow(Math.max(this.view.scale / this.fitScale, 1), 0.42), many = codes.length;
    const size = this.grow * grown * (many > 20000 ? 1.15 : many > FEW_PEOPLE ? 1.7 : 4.2);
    const isChanged = colour => this.mode === 'change' && (colour === this.changeColours.gains || colour === this.changeColours.loses);
    const order = ([a, one], [b, other]) => Number(isChanged(a)) - Number(isChanged(b)) || other.length - one.length;
    for (const [colour, list] of [...byColour].sort(order)) {
      context.fillStyle = colour;
      const shown = isChanged(colour) ? size * 1.5 : size;
      if (many <= ROUND_UP_TO) this.fillRound(context, list, shown);
      else this.fillSquares(context, list, shown);
    }
  }

  /** @param {CanvasRenderingContext2D} context @param {number[]} list @param {number} size */
  fillRound(context, list, size) {
    const xy = this.arrays.demand_xy, { view, radius } = this, edge = 9 * this.grow;
    context.beginPath();
    for (const i of list) {
      const x = this.width / 2 + (xy[2 * i] - view.x) * view.scale;
      const y = this.height / 2 - (xy[2 * i + 1] - view.y) * view.scale;
      if (x < -edge || y < -edge || x > this.width + edge || y > this.height + edge) continue;
      const r = radius[i] * size;
      context.moveTo(x + r, y);
      context.arc(x, y, r, 0, 6.2832);
    }
    context.fill();
    if (this.codes.length <= FEW_PEOPLE) { context.strokeStyle = 'rgba(255,255,255,.75)'; context.lineWidth = 0.8; context.stroke(); }
  }

  /** @param {CanvasRenderingContext2D} context @param {number[]} list @param {number} size */
  fillSquares(context, list, size) {
    const xy = this.arrays.demand_xy, { view, radius } = this, edge = 9 * this.grow;
    for (const i of list) {
      const x = this.width / 2 + (xy[2 * i] - view.x) * view.scale;
      const y = this.height / 2 - (xy[2 * i + 1] - view.y) * view.scale;
      if (x < -edge || y < -edge || x > this.width + edge || y > this.height + edge) continue;
      const r = radius[i] * size;
      context.fillRect(x - r, y - r, 2 * r, 2 * r);
    }
  }

  /** @param {number} code as the server's code_of makes it */
  colourOf(code) {
    if (this.mode === 'change') {
      if (code & GAINS) return this.changeColours.gains;
      if (code & LOSES) return this.changeColours.loses;
      return code & IN_TIME ? SAME_IN_TIME : SAME_LATE;
    }
    const band = code & 15;
    return this.colours[band === NOT_REACHED ? this.colours.length - 1 : band];
  }

  /** @param {Record<string, any>} arrays @returns {Uint32Array | null} what must be drawn anew */
  takeCodes(arrays) {
    if (!arrays.code) return new Uint32Array(0);
    if (!arrays.index) {
      this.codes = arrays.code.slice();
      return null;
    }
    for (let k = 0; k < arrays.index.length; k++) this.codes[arrays.index[k]] = arrays.code[k];
    return arrays.index;
  }

  drawHand() {
    const context = this.contexts.hand;
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    if (!this.scene) return;
    for (const draw of this.below) draw(context);
    this.drawClosed(context);
    if (this.place) this.drawPlace(context);
    const shown = this.stations.filter(one => !(this.hand && this.hand.id === one.id));
    for (const one of shown) this.drawMove(context, one);
    for (const one of shown) this.drawStation(context, one);
    drawNames(context, this, shown);
    if (this.hand) this.drawPin(context);
    for (const draw of this.above) draw(context);
  }

  /** @param {any} one */
  isNear(one) {
    return one.id === this.chosen || one.id === this.hovered;
  }

  /** Closed roads, finer where there are many. @param {CanvasRenderingContext2D} context */
  drawClosed(context) {
    const isFine = this.closedRoads.length > FEW_ROADS;
    context.beginPath();
    for (const road of this.closedRoads) {
      road.forEach(([x, y], i) => {
        const [px, py] = this.toScreen(x, y);
        if (i) context.lineTo(px, py); else context.moveTo(px, py);
      });
    }
    context.lineWidth = isFine ? 3 : 7;
    context.strokeStyle = '#ffffff';
    context.stroke();
    context.lineWidth = isFine ? 1.8 : 4;
    context.strokeStyle = SHUT;
    context.setLineDash(isFine ? [4, 3] : [6, 4]);
    context.stroke();
    context.setLineDash([]);
  }

  /** @param {CanvasRenderingContext2D} context */
  drawPlace(context) {
    const { place } = this;
    context.beginPath();
    for (const [x, y] of place.route || []) context.lineTo(...this.toScreen(x, y));
    context.lineWidth = 6;
    context.lineJoin = 'round';
    context.strokeStyle = '#ffffff';
    context.stroke();
    context.lineWidth = 3.5;
    context.strokeStyle = INK;
    context.stroke();
    const [x, y] = this.toScreen(place.x, place.y);
    ring(context, x, y, 8, 'transparent', INK, 2.5);
  }

  /** A line from where a station was. @param {CanvasRenderingContext2D} context @param {any} one */
  drawMove(context, one) {
    if (one.change !== 'moved') return;
    const from = this.toScreen(one.was_x, one.was_y), to = this.toScreen(one.x, one.y);
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(...to);
    context.lineWidth = 1.5;
    context.strokeStyle = RED;
    context.setLineDash([4, 4]);
    context.stroke();
    context.setLineDash([]);
    ring(context, ...from, 6, 'rgba(255,255,255,.8)', RED, 1.5);
  }

  /** @param {CanvasRenderingContext2D} context @param {any} one */
  drawStation(context, one) {
    const [x, y] = this.toScreen(one.x, one.y), near = this.isNear(one), r = (near ? 10 : 8) * this.grow;
    if (one.id === this.chosen) ring(context, x, y, r + 5, 'rgba(31,78,140,.18)', '#1f4e8c', 2);
    if (one.answers) {
      ring(context, x, y, r, one.change === 'added' ? SITE : RED, '#ffffff', 2);
      sign(context, x, y, r, '#ffffff');
    } else if (one.status === 'closed') {
      ring(context, x, y, r - 1, '#ffffff', '#8a8f98', 1.5);
      cross(context, x, y, r - 4);
    } else {
      ring(context, x, y, r - 1, '#ffffff', one.status === 'planned' ? SITE : '#8a8f98', 2);
    }
  }

  /** @param {CanvasRenderingContext2D} context */
  drawPin(context) {
    const { hand } = this, [x, y] = this.toScreen(hand.x, hand.y), colour = hand.isOnRoad === false ? '#8a8f98' : hand.isNew ? SITE : RED;
    if (hand.fromX !== undefined) {
      const from = this.toScreen(hand.fromX, hand.fromY);
      context.beginPath();
      context.moveTo(...from);
      context.lineTo(x, y);
      context.setLineDash([4, 4]);
      context.strokeStyle = colour;
      context.lineWidth = 1.5;
      context.stroke();
      context.setLineDash([]);
      ring(context, ...from, 6, 'rgba(255,255,255,.8)', colour, 1.5);
    }
    context.shadowColor = 'rgba(30,40,60,.45)';
    context.shadowBlur = 8;
    context.shadowOffsetY = 3;
    ring(context, x, y, 12 * this.grow, colour, '#ffffff', 2.5);
    context.shadowColor = 'transparent';
    sign(context, x, y, 12 * this.grow, '#ffffff');
  }

  /** The station under a place of the screen. @param {number} px @param {number} py @param {number} reach */
  stationAt(px, py, reach = 14) {
    let best = null, least = reach * this.grow;
    for (const one of this.stations) {
      const [x, y] = this.toScreen(one.x, one.y), away = Math.hypot(x - px, y - py);
      if (away <= least) { best = one; least = away; }
    }
    return best || this.resourceAt(px, py);
  }
}

/** @param {HTMLCanvasElement} canvas @returns {CanvasRenderingContext2D} */
function contextOf(canvas) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
}

/** @param {any} arrays @param {number} rank */
function roadPath(arrays, rank) {
  const path = new Path2D(), xy = arrays.road_xy, start = arrays.road_start;
  for (let e = 0; e < arrays.road_rank.length; e++) {
    if (arrays.road_rank[e] !== rank) continue;
    for (let k = start[e]; k < start[e + 1]; k++) {
      if (k === start[e]) path.moveTo(xy[2 * k], xy[2 * k + 1]); else path.lineTo(xy[2 * k], xy[2 * k + 1]);
    }
  }
  return path;
}

/** @param {Float32Array} xy @param {Uint32Array} start @param {boolean} closed */
function shapePath(xy, start, closed) {
  const path = new Path2D();
  for (let s = 0; s + 1 < start.length; s++) {
    for (let k = start[s]; k < start[s + 1]; k++) {
      if (k === start[s]) path.moveTo(xy[2 * k], xy[2 * k + 1]); else path.lineTo(xy[2 * k], xy[2 * k + 1]);
    }
    if (closed) path.closePath();
  }
  return path;
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} r @param {string} fill @param {string} line @param {number} width */
function ring(context, x, y, r, fill, line, width) {
  context.beginPath();
  context.arc(x, y, r, 0, 6.2832);
  context.fillStyle = fill;
  context.fill();
  context.lineWidth = width;
  context.strokeStyle = line;
  context.stroke();
}

/** A small house. @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} r @param {string} colour */
function sign(context, x, y, r, colour) {
  const s = r * 0.52;
  context.beginPath();
  context.moveTo(x, y - s * 1.1);
  context.lineTo(x + s, y - s * 0.15);
  context.lineTo(x + s, y + s * 0.9);
  context.lineTo(x - s, y + s * 0.9);
  context.lineTo(x - s, y - s * 0.15);
  context.closePath();
  context.fillStyle = colour;
  context.fill();
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} s */
function cross(context, x, y, s) {
  context.beginPath();
  context.moveTo(x - s, y - s);
  context.lineTo(x + s, y + s);
  context.moveTo(x + s, y - s);
  context.lineTo(x - s, y + s);
  context.lineWidth = 1.8;
  context.strokeStyle = QUIET;
  context.stroke();
}
