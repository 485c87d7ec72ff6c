// Routes: the way to a place, drawn when it is clicked, and the parts of which its time is the sum.

import { popupRoom, svgOf } from './draw_layers.js';
import { said } from './findings.js';
import { L, data, map } from './given.js';
import { state } from './main.js';
import { nameOf } from './places.js';
import { isPhone } from './screen.js';
import { add, decodeLine, fill, make, sayTime, toLatLng, unpackNumbers } from './shapes.js';

/** A set of ways, unpacked when it is first asked for: that of the first engines, or one of `data.ways`. */
const unpackedSets = new Map();
function unpacked(set) {
  if (unpackedSets.has(set)) return unpackedSets.get(set);
  const { legs } = set, r = { ...set, leg: unpackNumbers(set.leg), ms: unpackNumbers(set.ms), start: [0] };
  r.legs = Object.fromEntries(Object.entries(legs).map(([name, text]) => [name, unpackNumbers(text)]));
  r.legs.n.forEach((n, i) => r.start.push(r.start[i] + n));
  unpackedSets.set(set, r);
  return r;
}

/** The way with a number in the set of the first engines. */
export function engineWay(way) {
  return { set: data.routes, way };
}

/** The ways of one row of a layer beside those of the engines. */
export function waysOf(layer, row) {
  return (layer.ways || []).filter(({ at }) => at[row] >= 0).map(({ set, at }) => ({ set: data.ways[set], way: at[row] }));
}

/** The legs of a way, the facility's first; none where no way is kept. */
function legsOf({ set, way }) {
  const legs = [], { leg, legs: { back } } = unpacked(set);
  for (let i = leg[way]; i >= 0; i = back[i] ? i - back[i] : -1) legs.unshift(i);
  return legs;
}

export function hasWay({ set, way }) {
  return Boolean(set) && way >= 0 && unpacked(set).leg[way] >= 0;
}

/** The line of a way: each leg but the first begins where the one before it ends. */
function lineOf(kept) {
  const { start, legs: { line } } = unpacked(kept.set);
  return decodeLine(legsOf(kept).flatMap(i => line.slice(start[i], start[i + 1])));
}

/** Where a way leads, and from which facility, for the people that are drawn and those that are not. */
export function goalOf({ set, way }) {
  if (set.goals) {
    const { x, y, station } = set.goals, { facilities } = set, i = station[way];
    const from = i < 0 ? null : { name: facilities.name[i], x: facilities.x[i], y: facilities.y[i] };
    return { at: toLatLng(x[way], y[way]), station: i, from };
  }
  const n = data.demand.x.length, i = way - n, { extra } = set;
  const station = way < n ? data.demand.station[way] : extra.station[i], from = data.stations[station];
  if (way < n) return { at: toLatLng(data.demand.x[way], data.demand.y[way]), station, from, name: nameOf(way) };
  return { at: toLatLng(extra.x[i], extra.y[i]), station, from, name: extra.name[i] };
}

/** The parts of a way's time in whole milliseconds, in the order in which it is travelled. */
function partsOf(kept) {
  const w = data.words, r = unpacked(kept.set), [call, turnout, access] = r.stations[goalOf(kept).station];
  const offRoad = (text, ms) => ({ text, dm: ms * r.kph / 360, kph: r.kph, ms, isShort: true });
  const [leave, arrive] = r.is_to_facility ? [w.route_to_facility, w.route_from_place] : [kept.set.goals ? w.route_from_facility : w.route_from_station, w.route_to_place];
  /** @type {{text: string, ms: number, dm?: number, kph?: number, isShort?: boolean}[]} */
  const parts = [];
  if (call) parts.push({ text: w.route_call, ms: call });
  if (turnout) parts.push({ text: r.is_to_facility ? w.route_walk : w.route_turnout, ms: turnout });
  const travel = [offRoad(leave, access), ...byClass(kept), offRoad(arrive, r.ms[kept.way])].filter(part => part.ms > 0);
  return parts.concat(r.is_to_facility ? travel.reverse() : travel);
}

/** Kilometres and time on each class of road, in the order in which the classes come first. */
function byClass(kept) {
  const { legs, classes } = unpacked(kept.set), sums = new Map();
  for (const i of legsOf(kept)) {
    const sum = sums.get(legs.class[i]) || { dm: 0, ms: 0 };
    sums.set(legs.class[i], { dm: sum.dm + legs.dm[i], ms: sum.ms + legs.ms[i] });
  }
  return [...sums].map(([kind, { dm, ms }]) => ({ text: classes[kind], dm, kph: Math.round(dm * 360 / Math.max(1, ms)), ms }));
}

function sayShort(m) {
  return m < 10 ? String(Math.round(m * 10) / 10) : Math.round(m).toLocaleString('en-US');
}

function sayLength({ dm, isShort }) {
  if (!dm) return '';
  return isShort ? fill(data.words.n_metres, { m: sayShort(dm / 10) }) : fill(data.words.n_km, { km: (dm / 10000).toFixed(2) });
}

/** A table of the parts. Shown in whole seconds, rounded so that they add up to the time that is told. */
function partTable(kept) {
  const table = make('table', 'geo-parts'), parts = partsOf(kept);
  let before = 0;
  const shown = ms => Math.ceil(ms / 1000 - 1e-9);
  const row = (className, part, seconds) => {
    const time = make('td', '', sayTime(seconds));
    time.title = fill(data.words.seconds, { s: (part.ms / 1000).toFixed(3) });
    add(table, add(make('tr', className), make('th', '', part.text), make('td', '', sayLength(part)),
      make('td', '', part.kph ? fill(data.words.n_kph, { kph: part.kph }) : ''), time));
  };
  for (const part of parts) {
    row('', part, shown(before + part.ms) - shown(before));
    before += part.ms;
  }
  const dm = parts.reduce((sum, part) => sum + (part.dm || 0), 0);
  row('geo-total', { text: data.words.route_total, dm, ms: before }, shown(before));
  return add(make('div'), table, make('p', 'geo-quiet', kept.set.goals && kept.set.is_to_facility ? '' : data.words.route_note));
}

const ENGINE_COLOUR = '#0b57d0';

/** What a pop-up says of a way: from where or to where, what there is to say of it, and its parts. */
export function wayCard(kept, heading) {
  const { set, way } = kept, goals = set && set.goals, note = goals ? said(goals.note, way) : '';
  if (!hasWay(kept) && !goals) return null;
  const from = goals && goalOf(kept).from;
  const title = make('h3', '', heading || (from ? fill(set.heading, { facility: from.name }) : set.none));
  title.style.color = set.colour || ENGINE_COLOUR;
  return add(make('div', 'geo-way'), title, note ? make('p', 'geo-way-note', note) : null, hasWay(kept) ? partTable(kept) : null);
}

/** Draw ways on the roads, dashed where they leave them; the pop-up that told of them stays in view. */
function showWays(ways, popup) {
  clearWay();
  const drawn = ways.filter(hasWay);
  if (!drawn.length) return;
  if (!map.getPane('ways')) {
    const pane = map.createPane('ways');
    pane.style.zIndex = 425;
    pane.style.pointerEvents = 'none';
  }
  state.way = L.featureGroup(drawn.flatMap(wayLines)).addTo(map);
  if (!showWhole(state.way.getBounds())) return;
  // Leaflet leaves out the first update after a pan of its own; the second moves the map.
  popup.update();
  popup.update();
}

function wayLines(kept) {
  const { at, from } = goalOf(kept), line = lineOf(kept), color = kept.set.colour || ENGINE_COLOUR;
  const plain = { pane: 'ways', renderer: svgOf('ways'), interactive: false };
  const ends = [[at, line[line.length - 1]], ...(!from || from.x === null ? [] : [[toLatLng(from.x, from.y), line[0]]])];
  return [
    L.polyline(line, { ...plain, color: '#ffffff', weight: 8, opacity: 0.9, className: 'geo-way-edge' }),
    L.polyline(line, { ...plain, color, weight: 4.5, className: 'geo-way-line' }),
    ...ends.map(end => L.polyline(end, { ...plain, color, weight: 3, dashArray: '2 6', className: 'geo-way-off' })),
    L.circleMarker(at, { ...plain, radius: 6, color, weight: 3, fillColor: '#ffffff', fillOpacity: 1 }),
  ];
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

/** Open a pop-up of our own at a place, with the ways to it where there are some. */
export function openPlace(content, at, ways) {
  const popup = L.popup(wayRoom(ways)).setLatLng(at).setContent(content);
  popup.on('remove', clearWay);
  map.openPopup(popup);
  showWays(ways, popup);
}

/** Pop-ups that hold the parts of a way are wider. */
export function wayRoom(ways) {
  return popupRoom(ways.some(hasWay) ? 370 : 300);
}

/** Let a marker's own pop-up also draw ways. */
export function withWays(marker, ways) {
  return marker.on('popupopen', event => showWays(ways, event.popup)).on('popupclose', clearWay);
}
