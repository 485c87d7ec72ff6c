// The roads that the station in hand reaches within the limit, as exact as its times: its service area.

const IN_REACH = 'rgba(0, 121, 107, .72)', REACH_PX = 3.2;

export class Reach {
  /** @param {import('./canvas.js').MapView} map @param {(isCut: boolean | null) => void} tell whether there are too many, or null where none is in hand */
  constructor(map, tell) {
    this.map = map;
    this.tell = tell;
    /** Edges that are reached whole, and shares of others. @type {{whole: Uint32Array, part: Uint32Array, share: Float32Array} | null} */ this.told = null;
    map.below.push(context => this.draw(context));
  }

  /** @param {any} header @param {Record<string, any>} arrays of a drag */
  take(header, arrays) {
    if (!arrays.area_whole) return;
    this.told = { whole: arrays.area_whole, part: arrays.area_part, share: arrays.area_share };
    this.tell(header.is_area_cut);
  }

  forget() {
    this.told = null;
    this.tell(null);
  }

  /** @param {CanvasRenderingContext2D} context */
  draw(context) {
    const { told, map } = this;
    if (!told) return;
    const xy = map.arrays.road_xy, start = map.arrays.road_start, pixel = map.inMetres(context);
    context.beginPath();
    for (const e of told.whole) {
      context.moveTo(xy[2 * start[e]], xy[2 * start[e] + 1]);
      for (let i = start[e] + 1; i < start[e + 1]; i++) context.lineTo(xy[2 * i], xy[2 * i + 1]);
    }
    told.part.forEach((e, k) => partPath(context, xy, start[e], start[e + 1], told.share[2 * k], told.share[2 * k + 1]));
    context.lineWidth = REACH_PX * map.grow * pixel;
    context.lineCap = context.lineJoin = 'round';
    context.strokeStyle = IN_REACH;
    context.stroke();
    context.lineCap = 'butt';
    context.setTransform(map.ratio, 0, 0, map.ratio, 0, 0);
  }
}

/**
 * The part of a line between two shares of its length.
 * @param {CanvasRenderingContext2D} context @param {Float32Array} xy @param {number} first @param {number} end @param {number} from @param {number} to
 */
function partPath(context, xy, first, end, from, to) {
  let length = 0;
  for (let i = first + 1; i < end; i++) length += Math.hypot(xy[2 * i] - xy[2 * i - 2], xy[2 * i + 1] - xy[2 * i - 1]);
  let gone = 0, isBegun = false;
  for (let i = first + 1; i < end; i++) {
    const [ax, ay, bx, by] = [xy[2 * i - 2], xy[2 * i - 1], xy[2 * i], xy[2 * i + 1]], step = Math.hypot(bx - ax, by - ay);
    const low = Math.max((from * length - gone) / step, 0), high = Math.min((to * length - gone) / step, 1);
    gone += step;
    if (!(low < high)) continue;
    if (!isBegun) context.moveTo(ax + low * (bx - ax), ay + low * (by - ay));
    isBegun = true;
    context.lineTo(ax + high * (bx - ax), ay + high * (by - ay));
  }
}
