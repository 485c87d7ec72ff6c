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

/** The corners that differ by a dot or more at a zoom; first and last ones stay. */
function thinned({ xy, start, box, all }, zoom) {
  const thin = new Float64Array(xy.length), starts = new Uint32Array(start.length), least = Math.pow(2, -zoom);
  let at = 0;
  for (let k = 0; k + 1 < start.length; k++) {
    for (let i = start[k], end = start[k + 1]; i < end; i += 2) {
      const isInside = i > start[k] && i + 2 < end;
      if (isInside && Math.abs(xy[i] - thin[at - 2]) <= least && Math.abs(xy[i + 1] - thin[at - 1]) <= least) continue;
      thin[at++] = xy[i];
      thin[at++] = xy[i + 1];
    }
    starts[k + 1] = at;
  }
  return { xy: thin.slice(0, at), start: starts, box, all };
}

const FULL_ZOOM = 16;

/**
 * Lines or polygons of one style: parts are unpacked when they are first shown, and each whole zoom keeps the corners
 * that it shows. A canvas gets them as they are; for SVG, and for paper, Leaflet cuts them at the edge.
 */
function manyParts(Base) {
  return Base.extend({
    initialize(parts, options) {
      L.setOptions(this, options);
      this._unpack = parts;
      this._levels = {};
    },
    _project() {
      if (!this._corners) this._corners = cornersOf(this._unpack());
      const { all, start } = this._corners, { scale, x, y } = this._view();
      this._pxBounds = null;
      if (start.length < 2) return;
      this._rawPxBounds = L.bounds([all[0] * scale - x, all[1] * scale - y], [all[2] * scale - x, all[3] * scale - y]);
      this._updateBounds();
    },
    _view() {
      const { x, y } = this._map.getPixelOrigin(), zoom = this._map.getZoom(), level = Math.ceil(zoom);
      if (this._corners && level <= FULL_ZOOM && !this._levels[level]) this._levels[level] = thinned(this._corners, level);
      return { scale: Math.pow(2, zoom), x, y, corners: this._levels[level] || this._corners };
    },
    /** Call `move` and `line` with the corners of each part that bounds show, and `end` after it. */
    _trace({ min, max }, move, line, end) {
      const { scale, x: left, y: top, corners: { xy, start, box } } = this._view(), edge = this.options.weight || 0;
      const west = (min.x - edge + left) / scale, east = (max.x + edge + left) / scale, north = (min.y - edge + top) / scale, south = (max.y + edge + top) / scale;
      for (let k = 0; k + 1 < start.length; k++) {
        if (box[4 * k] > east || box[4 * k + 2] < west || box[4 * k + 1] > south || box[4 * k + 3] < north) continue;
        move(Math.round(xy[start[k]] * scale - left), Math.round(xy[start[k] + 1] * scale - top));
        for (let i = start[k] + 2; i < start[k + 1]; i += 2) line(Math.round(xy[i] * scale - left), Math.round(xy[i + 1] * scale - top));
        end();
      }
    },
    _clipPoints() {
      this._rings = [];
      if (this._pxBounds) {
        const put = (x, y) => this._rings[this._rings.length - 1].push(new L.Point(x, y));
        this._trace(this._renderer._bounds, (x, y) => { this._rings.push([]); put(x, y); }, put, () => {});
      }
      Base.prototype._clipPoints.call(this);
    },
    _update() {
      if (!(this._renderer instanceof L.Canvas)) Base.prototype._update.call(this);
    },
    _updatePath() {
      const renderer = this._renderer, pen = renderer._ctx, isRing = this instanceof L.Polygon;
      if (!(renderer instanceof L.Canvas)) return Base.prototype._updatePath.call(this);
      if (!renderer._drawing || !this._pxBounds) return undefined;
      pen.beginPath();
      this._trace(renderer._redrawBounds || renderer._bounds, (x, y) => pen.moveTo(x, y), (x, y) => pen.lineTo(x, y), () => isRing && pen.closePath());
      return renderer._fillStroke(pen, this);
    },
    /** What is in view as Leaflet's own layers have it. */
    parts() {
      this._clipPoints();
      return this._parts;
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
