// Routes: the way to a place, drawn when it is clicked, and the parts of which its time is the sum.

import { popupRoom, svgOf } from './draw_layers.js';
import { L, data, map } from './given.js';
import { state } from './main.js';
import { nameOf } from './places.js';
import { isPhone } from './screen.js';
import { add, decodeLine, fill, make, sayTime, toLatLng, unpackNumbers } from './shapes.js';

/** The routes of the file, unpacked when they are first asked for. */
const unpackedRoutes = {};
function routes() {
  if (unpackedRoutes.leg) return unpackedRoutes;
  const { legs, leg, ms } = data.routes, r = Object.assign(unpackedRoutes, data.routes, { leg: unpackNumbers(leg), ms: unpackNumbers(ms) });
  r.legs = Object.fromEntries(Object.entries(legs).map(([name, text]) => [name, unpackNumbers(text)]));
  r.start = [0];
  r.legs.n.forEach((n, i) => r.start.push(r.start[i] + n));
  return r;
}

/** The legs of a way, the facility's first; none where no way is kept. */
function legsOf(way) {
  const legs = [], { leg, legs: { back } } = routes();
  for (let i = leg[way]; i >= 0; i = back[i] ? i - back[i] : -1) legs.unshift(i);
  return legs;
}

export function hasWay(way) {
  return Boolean(data.routes) && way >= 0 && routes().leg[way] >= 0;
}

/** The line of a way: each leg but the first begins where the one before it ends. */
function lineOf(way) {
  const { start, legs: { line } } = routes();
  return decodeLine(legsOf(way).flatMap(i => line.slice(start[i], start[i + 1])));
}

/** Where a way leads, and from which station, for the people that are drawn and those that are not. */
export function goalOf(way) {
  const n = data.demand.x.length, i = way - n, { extra } = routes();
  if (way < n) {
    return { at: toLatLng(data.demand.x[way], data.demand.y[way]), station: data.demand.station[way], s: data.demand.s[way], name: nameOf(way) };
  }
  return { at: toLatLng(extra.x[i], extra.y[i]), station: extra.station[i], s: extra.s[i], name: extra.name[i] };
}

/** The parts of a way's time in whole milliseconds, in the order in which it is travelled. */
function partsOf(way) {
  const w = data.words, r = routes(), [call, turnout, access] = r.stations[goalOf(way).station];
  const offRoad = ms => ({ text: w.route_off_road, length: fill(w.n_metres, { m: sayShort(ms * r.kph / 3600) }), kph: r.kph, ms });
  const parts = [];
  if (call) parts.push({ text: w.route_call, ms: call });
  if (turnout) parts.push({ text: r.is_to_facility ? w.route_walk : w.route_turnout, ms: turnout });
  const travel = [offRoad(access), ...byClass(way), offRoad(r.ms[way])].filter(part => part.ms > 0);
  return parts.concat(r.is_to_facility ? travel.reverse() : travel);
}

/** Kilometres and time on each class of road, in the order in which the classes come first. */
function byClass(way) {
  const { legs, classes } = routes(), sums = new Map();
  for (const i of legsOf(way)) {
    const sum = sums.get(legs.class[i]) || { dm: 0, ms: 0 };
    sums.set(legs.class[i], { dm: sum.dm + legs.dm[i], ms: sum.ms + legs.ms[i] });
  }
  return [...sums].map(([kind, { dm, ms }]) => ({
    text: classes[kind], length: fill(data.words.n_km, { km: (dm / 10000).toFixed(2) }), kph: Math.round(dm * 360 / Math.max(1, ms)), ms,
  }));
}

function sayShort(m) {
  return m < 10 ? String(Math.round(m * 10) / 10) : Math.round(m).toLocaleString('en-US');
}

/** A table of the parts. Shown in whole seconds, rounded so that they add up to the time that is told. */
function partTable(way) {
  const table = make('table', 'geo-parts'), parts = partsOf(way);
  let before = 0;
  const shown = ms => Math.ceil(ms / 1000 - 1e-9);
  const row = (/** @type {string} */ className, /** @type {{text: string, length?: string, kph?: number, ms: number}} */ { text, length, kph, ms }, /** @type {number} */ seconds) => {
    const time = make('td', '', sayTime(seconds));
    time.title = fill(data.words.seconds, { s: (ms / 1000).toFixed(3) });
    add(table, add(make('tr', className), make('th', '', text), make('td', '', length || ''),
      make('td', '', kph ? fill(data.words.n_kph, { kph }) : ''), time));
  };
  for (const part of parts) {
    row('', part, shown(before + part.ms) - shown(before));
    before += part.ms;
  }
  row('geo-total', { text: data.words.route_total, ms: before }, shown(before));
  return add(make('div'), table, make('p', 'geo-quiet', data.words.route_note));
}

/** What a pop-up says of a way: from where, and its parts. */
export function wayCard(way, heading) {
  return hasWay(way) ? add(make('div', 'geo-way'), make('h3', '', heading), partTable(way)) : null;
}

/** Draw a way on the roads, dashed where it leaves them; the pop-up that told of it stays in view. */
function showWay(way, popup) {
  clearWay();
  if (!hasWay(way)) return;
  const { at, station } = goalOf(way), from = data.stations[station], line = lineOf(way);
  if (!map.getPane('ways')) {
    const pane = map.createPane('ways');
    pane.style.zIndex = 425;
    pane.style.pointerEvents = 'none';
  }
  const draw = (points, style) => L.polyline(points, { pane: 'ways', renderer: svgOf('ways'), interactive: false, ...style });
  const ends = [[at, line[line.length - 1]], ...(from.x === null ? [] : [[toLatLng(from.x, from.y), line[0]]])];
  state.way = L.featureGroup([
    draw(line, { color: '#ffffff', weight: 8, opacity: 0.9, className: 'geo-way-edge' }),
    draw(line, { color: '#0b57d0', weight: 4.5, className: 'geo-way-line' }),
    ...ends.map(end => draw(end, { color: '#0b57d0', weight: 3, dashArray: '2 6', className: 'geo-way-off' })),
    L.circleMarker(at, { pane: 'ways', renderer: svgOf('ways'), interactive: false, radius: 6, color: '#0b57d0', weight: 3, fillColor: '#ffffff', fillOpacity: 1 }),
  ]).addTo(map);
  if (!showWhole(state.way.getBounds())) return;
  // Leaflet leaves out the first update after a pan of its own; the second moves the map.
  popup.update();
  popup.update();
}

/** Step back until the whole way is seen, if it is not; say whether that was needed. */
function showWhole(bounds) {
  if (map.getBounds().contains(bounds)) return false;
  const legend = /** @type {HTMLDetailsElement | null} */ (document.querySelector('.geo-legend')), right = legend && legend.open && !isPhone() ? legend.getBoundingClientRect().width + 24 : 30;
  const room = right < map.getSize().x / 2 ? right : 30;
  map.fitBounds(bounds, { paddingTopLeft: [60, 60], paddingBottomRight: [room, 40], maxZoom: map.getZoom(), animate: false });
  return true;
}

function clearWay() {
  if (state.way) state.way.remove();
  state.way = null;
}

/** Open a pop-up of our own at a place, with the way to it where there is one. */
export function openPlace(content, at, way) {
  const popup = L.popup(wayRoom(way)).setLatLng(at).setContent(content);
  popup.on('remove', clearWay);
  map.openPopup(popup);
  showWay(way, popup);
}

/** Pop-ups that hold the parts of a way are wider. */
export function wayRoom(way) {
  return popupRoom(hasWay(way) ? 370 : 300);
}

/** Let a marker's own pop-up also draw a way. */
export function withWay(marker, way) {
  return marker.on('popupopen', event => showWay(way, event.popup)).on('popupclose', clearWay);
}
