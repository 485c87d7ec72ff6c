// Online base maps: none is asked for until the reader chooses one.

import { L } from './given.js';

/** WGS 84 -> GCJ-02, degrees; the public formula on Krasovsky's ellipsoid. */
function toGcj02(lat, lng) {
  const A = 6378245.0, EE = 0.00669342162296594323, PI = Math.PI;
  const x = lng - 105, y = lat - 35;
  const wave = (20 * Math.sin(6 * x * PI) + 20 * Math.sin(2 * x * PI)) * 2 / 3;
  let dLat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) + wave;
  dLat += (20 * Math.sin(y * PI) + 40 * Math.sin(y / 3 * PI)) * 2 / 3;
  dLat += (160 * Math.sin(y / 12 * PI) + 320 * Math.sin(y * PI / 30)) * 2 / 3;
  let dLng = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) + wave;
  dLng += (20 * Math.sin(x * PI) + 40 * Math.sin(x / 3 * PI)) * 2 / 3;
  dLng += (150 * Math.sin(x / 12 * PI) + 300 * Math.sin(x / 30 * PI)) * 2 / 3;
  const sin = Math.sin(lat / 180 * PI), magic = 1 - EE * sin * sin, root = Math.sqrt(magic);
  return L.latLng(
    lat + dLat * 180 / ((A * (1 - EE)) / (magic * root) * PI),
    lng + dLng * 180 / (A / root * Math.cos(lat / 180 * PI) * PI));
}

/**
 * Tiles drawn in GCJ-02, laid under a WGS 84 map. The whole layer is moved by the shift at the middle of
 * the view, again after every move; the shift changes so slowly that the edge is off by a pixel or two.
 */
const ShiftedTiles = L.TileLayer.extend({
  _setZoomTransform(level, center, zoom) {
    L.TileLayer.prototype._setZoomTransform.call(this, level, toGcj02(center.lat, center.lng), zoom);
  },
  _getTiledPixelBounds(center) {
    return L.TileLayer.prototype._getTiledPixelBounds.call(this, toGcj02(center.lat, center.lng));
  },
  _onMoveEnd() {
    if (!this._map || this._map._animatingZoom) return;
    this._setZoomTransforms(this._map.getCenter(), this._map.getZoom());
    this._update();
  },
});

export function makeBasemap(basemap) {
  const Tiles = basemap.is_gcj02 ? ShiftedTiles : L.TileLayer;
  const options = { maxZoom: 18, attribution: basemap.attribution, subdomains: basemap.subdomains || 'abc' };
  return L.layerGroup(basemap.urls.map(url => new Tiles(url, options)));
}
