// Names on the map: stations first, then towns where there is room, so that none lies on another; and the legend.

export const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", "Segoe UI", Arial, sans-serif';
export const INK = '#23272e', SITE = '#6b2fa0';
const TOWN = '#6f757e';
const SIGN_PX = 9;

/** Rectangles that are taken by signs and names. */
class Places {
  constructor() {
    /** @type {number[][]} */ this.taken = [];
  }

  /** @param {number} x @param {number} y @param {number} w @param {number} h */
  isFree(x, y, w, h) {
    return !this.taken.some(([a, b, c, d]) => x < a + c && a < x + w && y < b + d && b < y + h);
  }

  /** @param {number} x @param {number} y @param {number} w @param {number} h */
  take(x, y, w, h) {
    const isFree = this.isFree(x, y, w, h);
    if (isFree) this.taken.push([x, y, w, h]);
    return isFree;
  }
}

/**
 * Draw the names of stations and towns.
 * @param {CanvasRenderingContext2D} context
 * @param {import('./canvas.js').MapView} map
 * @param {any[]} stations those that are shown
 */
export function drawNames(context, map, stations) {
  const free = new Places();
  const nearFirst = [...stations].sort((a, b) => Number(map.isNear(b)) - Number(map.isNear(a)));
  context.textAlign = 'center';
  for (const one of nearFirst) nameStation(context, map, one, free);
  for (const one of stations) {
    const [x, y] = map.toScreen(one.x, one.y);
    const reach = SIGN_PX * map.grow;
    free.taken.push([x - reach, y - reach, 2 * reach, 2 * reach]);
  }
  nameTowns(context, map, free);
}

/** @param {CanvasRenderingContext2D} context @param {import('./canvas.js').MapView} map @param {any} one @param {Places} free */
function nameStation(context, map, one, free) {
  const near = map.isNear(one);
  if (!one.name || (!near && !one.answers && map.view.scale < map.fitScale * 3)) return;
  const [x, y] = map.toScreen(one.x, one.y);
  if (x < -50 || y < -20 || x > map.width + 50 || y > map.height + 20) return;
  const { grow } = map;
  context.font = `${near ? '600 ' : ''}${12 * grow}px ${FONT}`;
  const width = context.measureText(one.name).width + 6;
  if (!free.take(x - width / 2, y + 10 * grow, width, 15 * grow) && !near) return;
  halo(context, one.name, x, y + 22 * grow, INK);
}

/** A town's name stands in its middle, or a little above or below. @param {CanvasRenderingContext2D} context @param {import('./canvas.js').MapView} map @param {Places} free */
function nameTowns(context, map, free) {
  const [ox, oy] = map.scene.origin, { grow } = map;
  context.font = `${12 * grow}px ${FONT}`;
  for (const [name, x, y] of map.scene.towns) {
    const [px, py] = map.toScreen(ox + x, oy + y), width = context.measureText(name).width + 8;
    if (px < -50 || py < -20 || px > map.width + 50 || py > map.height + 20) continue;
    const at = [0, -22, 22, -36, 40].map(dy => dy * grow).find(dy => free.isFree(px - width / 2, py + dy - 8 * grow, width, 16 * grow));
    if (at === undefined) continue;
    free.take(px - width / 2, py + at - 8 * grow, width, 16 * grow);
    halo(context, name, px, py + at + 4 * grow, TOWN);
  }
}

/** @param {CanvasRenderingContext2D} context @param {string} text @param {number} x @param {number} y @param {string} colour */
export function halo(context, text, x, y, colour) {
  context.lineWidth = 3;
  context.lineJoin = 'round';
  context.strokeStyle = 'rgba(255,255,255,.9)';
  context.strokeText(text, x, y);
  context.fillStyle = colour;
  context.fillText(text, x, y);
}

/**
 * Put the legend into the lower corner under which fewer people live at this view.
 * @param {HTMLElement} legend
 * @param {import('./canvas.js').MapView} map
 */
export function placeLegend(legend, map) {
  const { width, height } = legend.getBoundingClientRect(), w = width + 24 * map.grow, h = height + 24 * map.grow;
  const xy = map.arrays.demand_xy, { view } = map, covered = { left: 0, right: 0 };
  for (let i = 0; i < xy.length; i += 2) {
    const y = map.height / 2 - (xy[i + 1] - view.y) * view.scale;
    if (!(y >= map.height - h && y <= map.height)) continue;
    const x = map.width / 2 + (xy[i] - view.x) * view.scale;
    if (x >= 0 && x < w) covered.left++;
    if (x > map.width - w && x <= map.width) covered.right++;
  }
  legend.classList.toggle('live-left', covered.left < covered.right);
}
