// Fields: very many corners, circles or signs, each drawn as one layer of Leaflet. Its own layers hold every corner as
// an object and are projected and asked one by one at each step of the zoom; these are numbers, and what is out of view
// or smaller than a pixel is passed over.

import { L } from './given.js';
import { unpackNumbers, worldOf } from './shapes.js';

/** Undo pack_shape of geo/maps/geometry.py: each ring as its number of steps, then the steps. */
export function ringsOf(text) {
  const numbers = unpackNumbers(text), rings = [];
  for (let i = 0; i < numbers.length; i += 1 + numbers[i]) rings.push(numbers.slice(i + 1, i + 1 + numbers[i]));
  return rings;
}

/** The corners of all parts in pixels of the world at zoom 0, where each part starts, and its box. */
function cornersOf(parts) {
  const n = parts.reduce((sum, part) => sum + part.length, 0), xy = new Float64Array(n);
  const start = new Uint32Array(parts.length + 1), box = new Float64Array(4 * parts.length), all = [Infinity, Infinity, -Infinity, -Infinity];
  parts.forEach((steps, k) => {
    const own = [Infinity, Infinity, -Infinity, -Infinity];
    let lng = 0, lat = 0, at = start[k];
    for (let i = 0; i < steps.length; i += 2) {
      lng += steps[i];
      lat += steps[i + 1];
      const [x, y] = worldOf(lng, lat);
      xy[at++] = x;
      xy[at++] = y;
      if (x < own[0]) own[0] = x;
      if (y < own[1]) own[1] = y;
      if (x > own[2]) own[2] = x;
      if (y > own[3]) own[3] = y;
    }
    start[k + 1] = at;
    box.set(own, 4 * k);
    for (let i = 0; i < 4; i++) all[i] = i < 2 ? Math.min(all[i], own[i]) : Math.max(all[i], own[i]);
  });
  return { xy, start, box, all };
}

/** Lines or polygons of one style: parts are unpacked when they are first shown, and drawn by what a pixel shows. */
function manyParts(Base) {
  return Base.extend({
    initialize(parts, options) {
      L.setOptions(this, options);
      this._unpack = parts;
      this._bounds = L.latLngBounds([]);
    },
    _project() {
      if (!this._corners) this._corners = cornersOf(this._unpack());
      const { all } = this._corners, at = this._at();
      this._rawPxBounds = L.bounds([all[0] * at.scale - at.x, all[1] * at.scale - at.y], [all[2] * at.scale - at.x, all[3] * at.scale - at.y]);
      this._pxBounds = null;
      if (this._corners.start.length > 1) this._updateBounds();
    },
    _at() {
      const { x, y } = this._map.getPixelOrigin();
      return { scale: Math.pow(2, this._map.getZoom()), x, y };
    },
    _clipPoints() {
      this._rings = this._pxBounds ? this._inView() : [];
      Base.prototype._clipPoints.call(this);
    },
    _inView() {
      const { xy, start, box } = this._corners, { scale, x: left, y: top } = this._at(), { min, max } = this._renderer._bounds;
      const edge = this.options.weight || 0, rings = [];
      const west = (min.x - edge + left) / scale, east = (max.x + edge + left) / scale, north = (min.y - edge + top) / scale, south = (max.y + edge + top) / scale;
      for (let k = 0; k + 1 < start.length; k++) {
        if (box[4 * k] > east || box[4 * k + 2] < west || box[4 * k + 1] > south || box[4 * k + 3] < north) continue;
        const ring = [];
        let x = NaN, y = NaN;
        for (let i = start[k], end = start[k + 1]; i < end; i += 2) {
          const nextX = Math.round(xy[i] * scale - left), nextY = Math.round(xy[i + 1] * scale - top);
          if (Math.abs(nextX - x) <= 1 && Math.abs(nextY - y) <= 1 && i + 2 < end) continue;
          ring.push(new L.Point(x = nextX, y = nextY));
        }
        rings.push(ring);
      }
      return rings;
    },
  });
}

export const Lines = manyParts(L.Polyline);
export const Rings = manyParts(L.Polygon);

/**
 * Circles of one canvas as one layer; `at` is the one that was last pointed at. The options `x` and `y` are steps of a
 * degree, `radius` gives the pixels of a circle and `style` its look, as Leaflet's of a path; the first lie below.
 */
export const Circles = L.Path.extend({
  initialize(options) {
    L.setOptions(this, options);
    const n = options.x.length;
    this._world = new Float64Array(2 * n);
    this._points = new Float64Array(2 * n);
    this._radii = new Float64Array(n);
    for (let i = 0; i < n; i++) this._world.set(worldOf(options.x[i], options.y[i]), 2 * i);
    this.at = -1;
  },
  _reset() {
    this._project();
    this._update();
  },
  _project() {
    const { x: left, y: top } = this._map.getPixelOrigin(), scale = Math.pow(2, this._map.getZoom()), { _world: world, _points: points } = this;
    const box = [Infinity, Infinity, -Infinity, -Infinity], edge = (this.options.weight || 0) + 1;
    for (let i = 0; i < this._radii.length; i++) {
      const x = points[2 * i] = Math.round(world[2 * i] * scale - left), y = points[2 * i + 1] = Math.round(world[2 * i + 1] * scale - top);
      const r = this._radii[i] = this.options.radius(i);
      box[0] = Math.min(box[0], x - r);
      box[1] = Math.min(box[1], y - r);
      box[2] = Math.max(box[2], x + r);
      box[3] = Math.max(box[3], y + r);
    }
    this._pxBounds = this._radii.length ? L.bounds([box[0] - edge, box[1] - edge], [box[2] + edge, box[3] + edge]) : null;
  },
  _update() {
    if (this._map) this._updatePath();
  },
  _updatePath() {
    const renderer = this._renderer, bounds = renderer._redrawBounds || renderer._bounds;
    if (renderer._drawing) this.eachIn(bounds, (i, x, y, r) => this.drawOne(renderer._ctx, i, x, y, r));
  },
  /** Call for each circle that bounds show, in the order of drawing. */
  eachIn({ min, max }, call) {
    const { _points: points, _radii: radii } = this, edge = (this.options.weight || 0) + 1;
    for (let i = 0; i < radii.length; i++) {
      const x = points[2 * i], y = points[2 * i + 1], r = radii[i] + edge;
      if (x + r >= min.x && x - r <= max.x && y + r >= min.y && y - r <= max.y) call(i, x, y, radii[i]);
    }
  },
  drawOne(pen, i, x, y, r) {
    const look = this.options.style(i);
    pen.beginPath();
    pen.arc(x, y, Math.max(Math.round(r), 1), 0, Math.PI * 2, false);
    pen.globalAlpha = look.fillOpacity;
    pen.fillStyle = look.fillColor;
    pen.fill();
    if (!look.stroke) return;
    pen.globalAlpha = look.opacity;
    pen.lineWidth = look.weight;
    pen.strokeStyle = look.color;
    pen.stroke();
  },
  _containsPoint({ x, y }) {
    const { _points: points, _radii: radii } = this, more = this._clickTolerance();
    for (let i = radii.length - 1; i >= 0; i--) {
      const dx = points[2 * i] - x, dy = points[2 * i + 1] - y, reach = radii[i] + more;
      if (dx * dx + dy * dy > reach * reach) continue;
      this.at = i;
      return true;
    }
    return false;
  },
});

/** Let circles tell in a tooltip which of them is pointed at, and open it when it is clicked. */
export function tellEach(circles, card, open) {
  let told = -1;
  circles.bindTooltip(() => card(told = circles.at), { sticky: true, opacity: 1 });
  circles.on('mousemove', () => {
    if (circles.at !== told && circles.isTooltipOpen()) circles.getTooltip().update();
  });
  circles.on('click', () => {
    circles.closeTooltip();
    open(circles.at);
  });
  return circles;
}

/** Signs drawn as pictures: `picture` gives the canvas of one, of twice as many dots as pixels. */
export const Signs = Circles.extend({
  drawOne(pen, i, x, y) {
    const drawn = this.options.picture(i), width = drawn.width / 2, height = drawn.height / 2;
    pen.globalAlpha = 1;
    pen.drawImage(drawn, x - width / 2, y - height / 2, width, height);
  },
});
