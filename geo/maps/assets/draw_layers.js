// Layers: what is drawn on the map, each in a pane of its own so that switching keeps the order.

import { Circles, Lines, Rings, Signs, ringsOf, tellEach } from './fields.js';
import { RANKS, stacked } from './findings.js';
import { L, data, map } from './given.js';
import { state } from './main.js';
import { farthestCard, openPeople, openUnreached, peopleCard, unreachedCard } from './places.js';
import { engineWay, openPlace, wayRoom, withWays } from './routes.js';
import { isPhone, named } from './screen.js';
import { add, card, fill, make, toLatLng } from './shapes.js';
import { forTown } from './towns.js';

const ROAD_STYLES = {
  motorway: { color: '#8d8f99', weight: 2.6 },
  primary: { color: '#9c9da6', weight: 1.9 },
  secondary: { color: '#b0b0b5', weight: 1.4 },
  tertiary: { color: '#cbcac7', weight: 1, minZoom: 10.5 },
  minor: { color: '#d6d4ce', weight: 0.8, minZoom: 12.5 },
  ferry: { color: '#7f9db5', weight: 1, dashArray: '4 5' },
};
/** More elements than this are drawn on a canvas: a browser lays out and paints each of them at every step. */
const MOST_ELEMENTS = 150;
const PANES = { ground: 210, shade: 300, areas: 320, roads: 340, borders: 360, people: 420, veil: 450 };

export function makePanes() {
  for (const [name, order] of Object.entries(PANES)) {
    const pane = map.createPane(name);
    pane.style.zIndex = order;
    if (name !== 'people') pane.style.pointerEvents = 'none';
  }
}

/** Pop-ups keep clear of the buttons on the left and, where it stands open, of the legend. */
export function popupRoom(widest = 300) {
  const right = isPhone() ? 10 : 256 * state.growth, size = map.getSize();
  return {
    minWidth: 210 * state.growth, maxWidth: Math.min(widest * state.growth, size.x - 84), maxHeight: size.y - 80,
    autoPanPaddingTopLeft: [isPhone() ? 10 : 56, 20], autoPanPaddingBottomRight: [right, 24],
  };
}

function polygon(shape, pane, style) {
  return rings(() => shape.flat(), pane, style);
}

/** A polygon of rings that are unpacked when it is first shown. */
function rings(unpack, pane, style) {
  return new Rings(unpack, { pane, renderer: svgOf(pane), interactive: false, ...style });
}

/** @type {Record<string, any>} */
const renderers = {};
/** @type {{pane: string, renderer: any}[]} */
export const canvases = [];
export function svgOf(pane) {
  return renderers[pane] || (renderers[pane] = L.svg({ pane, padding: 0.3 }));
}

/** One canvas for all that can be pointed at: a second one above it would catch the pointer for both. */
export function peopleCanvas() {
  return renderers.people || (renderers.people = canvasOn('people', { padding: 0.2, tolerance: 3 }));
}

/** A canvas of a pane; it is kept, as paper is drawn from it too. */
function canvasOn(pane, options) {
  canvases.push({ pane, renderer: L.canvas({ pane, ...options }) });
  return canvases[canvases.length - 1].renderer;
}

export function groundLayer() {
  const land = { stroke: true, color: '#b9c3c4', weight: 0.8, fillColor: '#f7f5f0', fillOpacity: 1 };
  const water = { stroke: false, fillColor: '#d3e1e8', fillOpacity: 1 };
  return L.layerGroup([
    ...data.land.map(shape => polygon(shape, 'ground', land)),
    ...data.water.map(shape => polygon(shape, 'ground', water)),
  ]);
}

/** Roads by class; small roads appear, and all roads widen, as the reader comes nearer. */
export function roadLayer() {
  const renderer = canvasOn('roads', { padding: 0.3 });
  const group = L.layerGroup();
  const lines = data.roads.map(road => {
    const style = ROAD_STYLES[road.group];
    const line = new Lines(() => road.lines, { pane: 'roads', renderer, interactive: false, ...style });
    return { line, style };
  });
  function update() {
    const zoom = map.getZoom() + (state.isPrinting ? 1.5 : 0), wider = Math.min(2.4, Math.max(0.7, 1 + (zoom - 11) * 0.25));
    for (const { line, style } of lines) {
      line.setStyle({ weight: style.weight * wider * state.growth });
      if (zoom >= (style.minZoom || 0)) group.addLayer(line);
      else group.removeLayer(line);
    }
  }
  map.on('zoomend', update);
  update();
  return group;
}

export function unionLayer() {
  return L.layerGroup(data.areas.union.map(area => rings(() => ringsOf(area.shape), 'areas', {
    color: '#2f6ea8', weight: 0.8, opacity: 0.55, fillColor: '#6aa6d8', fillOpacity: 0.2,
  })));
}

export function eachAreaLayer() {
  const hues = ['#1f4e8c', '#12806f', '#8c5a1f', '#6b4a9c', '#2b7fa8', '#5a7a1f'];
  const renderer = data.areas.each.length > MOST_ELEMENTS ? canvasOn('areas', { padding: 0.1 }) : svgOf('areas');
  return L.layerGroup(data.areas.each.map((area, i) => rings(() => ringsOf(area.shape), 'areas', {
    renderer, color: hues[i % hues.length], weight: 1.4, fillColor: hues[i % hues.length], fillOpacity: 0.12,
  })));
}

export function shadeLayer() {
  return L.layerGroup(data.zones.map(zone => polygon(zone.shape, 'shade', {
    stroke: true, color: '#ffffff', weight: 1,
    fillColor: zone.class === null ? '#c9c9c9' : data.zone_classes[zone.class].colour, fillOpacity: 0.75,
  })));
}

/** Borders and names; a name steps aside for stations, gaps and bigger zones, or waits until there is room. */
export function zoneNameLayer() {
  const borders = data.zones.map(zone => polygon(zone.shape, 'borders', {
    color: '#77777d', weight: 1, dashArray: '5 3', opacity: 0.75, fill: false,
  }));
  const ordered = data.zones.filter(zone => zone.x !== null).sort((a, b) => b.people - a.people);
  const names = ordered.map(zone => {
    const icon = L.divIcon({ className: 'geo-zone', html: make('span', '', zone.name), iconSize: [0, 0] });
    return L.marker(toLatLng(zone.x, zone.y), { icon, keyboard: false, zIndexOffset: -3000 })
      .bindPopup(() => card(zone.name, '', zone.rows), popupRoom());
  });
  const group = L.layerGroup([...borders, ...names]);
  const update = () => placeNames(names);
  state.placeNames = update;
  map.on('zoomend', update);
  group.on('add', () => setTimeout(update, 0));
  return group;
}

function boxAround(place, dx, dy, halfWidth, halfHeight) {
  const x = place.x + dx, y = place.y + dy;
  return L.bounds([x - halfWidth, y - halfHeight], [x + halfWidth, y + halfHeight]);
}

function placeOf(marker) {
  return map.latLngToContainerPoint(marker.getLatLng());
}

/** Where the middle of a marker's sign lies from its place: gaps hang above and to the left. */
function centreOf(marker) {
  return marker.isGap ? [-11 * state.growth, -11 * state.growth] : [0, 0];
}

function placeNames(names) {
  const g = state.growth, hasStations = state.entries.stations && state.entries.stations.box.checked;
  const signs = [...(hasStations ? state.stationMarkers : []), ...state.gapMarkers.filter(m => m && map.hasLayer(m))].filter(Boolean);
  const taken = signs.map(m => boxAround(placeOf(m), ...centreOf(m), 12 * g, 12 * g));
  for (const name of names) {
    const label = name.getElement() && name.getElement().firstChild;
    if (!label) continue;
    const half = [label.offsetWidth / 2 + 2, label.offsetHeight / 2 - 1], side = half[0] + 12 * g;
    const offsets = [[0, 0], [0, 20 * g], [0, -20 * g], [side, 0], [-side, 0], [0, 34 * g], [0, -34 * g]];
    const place = placeOf(name), box = (/** @type {number[]} */ [dx, dy]) => boxAround(place, dx, dy, half[0], half[1]);
    const free = offsets.find(offset => {
      const own = box(offset);
      return !taken.some(other => other.intersects(own));
    });
    label.style.visibility = free ? '' : 'hidden';
    if (!free) continue;
    label.style.left = free[0] + 'px';
    label.style.top = free[1] + 'px';
    taken.push(box(free));
  }
}

/** Radius in pixels of a circle whose area shows people; only the least, which would vanish, are drawn larger. */
export function radiusOf(people) {
  const zoomed = Math.min(2.4, Math.pow(1.3, Math.max(0, map.getZoom() - state.homeZoom)));
  return Math.max(1.2, Math.sqrt(people * state.pixelsPerPerson / Math.PI) * zoomed);
}

export function peopleLayer() {
  const { x, y, people, band } = data.demand, isWide = people.map(n => radiusOf(n) > 2.5);
  const looks = data.bands.map(({ colour }) => [false, true].map(stroke => ({
    stroke, color: '#ffffff', weight: 0.6, opacity: 0.8, fill: true, fillColor: colour, fillOpacity: 0.9,
  })));
  const circles = new Circles({
    pane: 'people', renderer: peopleCanvas(), x, y, weight: 0.6, radius: i => radiusOf(people[i]), style: i => looks[band[i]][Number(isWide[i])],
  });
  return stacked(tellEach(circles, peopleCard, openPeople), RANKS.people);
}

/** A circle with a cross in it: unreachable people are told by shape as well as by colour. */
export const Cross = L.CircleMarker.extend({
  _updatePath() {
    this._renderer._updateCircle(this);
    const pen = this._renderer._ctx, at = this._point, arm = this._radius * 0.5;
    if (!this._renderer._drawing || this._empty()) return;
    pen.beginPath();
    pen.moveTo(at.x - arm, at.y - arm);
    pen.lineTo(at.x + arm, at.y + arm);
    pen.moveTo(at.x + arm, at.y - arm);
    pen.lineTo(at.x - arm, at.y + arm);
    pen.lineWidth = Math.max(1.5, this._radius * 0.22);
    pen.strokeStyle = '#ffffff';
    pen.globalAlpha = 1;
    pen.stroke();
  },
});

export function unreachedLayer() {
  const points = data.unreached, renderer = peopleCanvas();
  const size = i => Math.max(5.5 * state.growth, radiusOf(points.people[i]));
  const marks = points.people.map((people, i) => new Cross(toLatLng(points.x[i], points.y[i]), {
    pane: 'people', renderer, radius: size(i), color: '#ffffff', weight: 1.5, fillColor: UNREACHED, fillOpacity: 1,
  }).bindTooltip(() => unreachedCard(i), { sticky: true, opacity: 1 }).on('click', () => openUnreached(i)));
  map.on('zoomend', () => marks.forEach((mark, i) => mark.setRadius(size(i))));
  return stacked(L.featureGroup(marks), RANKS.unreached);
}

const UNREACHED = '#3f0d4a';
const FLAME = 'M12 3.2c.6 3-3.9 5.1-3.9 9.3a4 4 0 0 0 1.5 3.1c-.2-1.9.7-3 1.9-4 .2 1.6 2.4 2.3 2.1 4.3a4 4 0 0 0 2.3-3.6c0-2.1-1.2-2.9-1.6-4.2-.6.5-.8 1.1-.8 1.7C12.2 8.5 13.4 5.4 12 3.2z';
export const KINDS = {
  shelter: { colour: '#2f7d4f', path: 'M12 5 4.5 11.5h2V18h4v-4h3v4h4v-6.5h2z' },
  depot: { colour: '#7a5a2e', path: 'M5 8.5 12 5l7 3.5V18H5zm3 3V16h8v-4.5z' },
  hydrant: { colour: '#1f7a9c', path: 'M9.5 6.5a2.5 2.5 0 0 1 5 0V8h1v2h1.5v4H15.5v3h1v1.5h-9V17h1v-3H7v-4h1.5V8h1z' },
  water_point: { colour: '#1f7a9c', path: 'M12 4.5c2.5 3.5 4.5 5.700 4.5 8.5a4.5 4.5 0 0 1-9 0c0-2.800 2-5 4.5-8.5z' },
  base: { colour: '#6b4a9c', path: 'M12 4.5l2.200 4.800 5.200.6-3.900 3.5 1.1 5.100L12 15.900l-4.600 2.600 1.1-5.100L4.600 9.900l5.200-.6z' },
  micro_station: { colour: '#b5432e', path: FLAME },
  team: { colour: '#6b4a9c', path: 'M12 5a2.800 2.800 0 1 1 0 5.600A2.800 2.800 0 0 1 12 5zm-5.5 13c0-3.5 2.5-6 5.5-6s5.5 2.5 5.5 6z' },
  gas_repair: { colour: '#8a6d0f', path: 'M6 17.5l6-6a3.5 3.5 0 0 1 4.5-4.5l-2 2 .5 1.5 1.5.5 2-2a3.5 3.5 0 0 1-4.5 4.5l-6 6z' },
};

/** Our own drawing of a sign, as an SVG element: shape by kind, outline by status. */
export function sign({ path, colour, isOpen, letter, size, round }) {
  const line = isOpen ? `stroke="${colour}" stroke-width="1.6" stroke-dasharray="3 1.8"` : 'stroke="#fff" stroke-width="1.5"';
  const box = make('span', 'geo-sign');
  box.innerHTML = `<svg viewBox="0 0 24 24" width="${size}" height="${size}" aria-hidden="true">`
    + `<rect x="1" y="1" width="22" height="22" rx="${round}" fill="${isOpen ? '#fff' : colour}" ${line}/>`
    + `<path d="${path}" fill="${isOpen ? colour : '#fff'}" fill-rule="evenodd"/></svg>`;
  if (letter) add(box, make('b', isOpen ? 'geo-open' : '', letter));
  return box;
}

function stationLook(status) {
  const colour = status === 'closed' ? '#77777d' : status === 'candidate' ? '#6b4a9c' : '#b3202c';
  return { path: FLAME, colour, isOpen: status !== 'existing', size: 24, round: 6 };
}

export function stationSign(status, letter) {
  return sign({ ...stationLook(status), letter });
}

function stationCard(station) {
  const box = card(station.name, station.about, station.rows);
  if (station.load === null) return box;
  const bar = make('div', station.load > 1 ? 'geo-load geo-over' : 'geo-load'), inner = make('i');
  inner.style.width = Math.min(100, station.load * 100) + '%';
  const words = add(make('p', 'geo-quiet'), make('span', '', data.words.load), make('b', '', station.load_text));
  return add(box, words, add(bar, inner), make('p', 'geo-quiet', data.words.load_note));
}

/** A station's marker; its open pop-up also shows its own service area. */
function stationMarker(station, i) {
  if (station.x === null) return null;
  const way = data.routes ? data.routes.of_stations[i] : -1;
  const marker = named(
    L.marker(toLatLng(station.x, station.y), { icon: new StationIcon({ station }), title: station.name, zIndexOffset: 1000 }), `${station.name} ${station.about}`);
  withWays(marker.bindPopup(() => add(stationCard(station), farthestCard(way)), wayRoom([engineWay(way)])), [engineWay(way)]);
  let own = null;
  marker.on('popupopen', () => {
    own = own || L.layerGroup(data.areas.each.filter(area => area.station === i).map(area => rings(() => ringsOf(area.shape), 'areas', {
      color: '#b3202c', weight: 2, fillColor: '#b3202c', fillOpacity: 0.1,
    })));
    own.addTo(map);
  }).on('popupclose', () => own && own.remove());
  return marker;
}

/** An icon whose sign is made when it is first shown. */
const StationIcon = L.DivIcon.extend({
  options: { className: 'geo-station', iconSize: [24, 24] },
  createIcon(old) {
    const { status, letter } = this.options.station;
    this.options.html = stationSign(status, letter);
    return L.DivIcon.prototype.createIcon.call(this, old);
  },
});

/** Stations: markers, which keys reach too; where very many are in view, pictures on the canvas until the reader comes nearer. */
export function stationLayer() {
  const group = L.layerGroup(), markers = state.stationMarkers = data.stations.map(stationMarker), placed = [...markers.keys()].filter(i => markers[i]);
  if (placed.length <= MOST_ELEMENTS) {
    placed.forEach(i => group.addLayer(markers[i]));
    return group;
  }
  const signs = stationSigns(placed, i => markers[i].addTo(group).openPopup());
  const update = () => {
    const seen = map.getBounds().pad(0.1), near = placed.filter(i => seen.contains(markers[i].getLatLng())), areFew = near.length <= MOST_ELEMENTS;
    const shown = new Set(areFew ? near : []);
    if (areFew) group.removeLayer(signs);
    else group.addLayer(signs);
    for (const i of placed) {
      if (shown.has(i) || (group.hasLayer(markers[i]) && markers[i].isPopupOpen())) group.addLayer(markers[i]);
      else group.removeLayer(markers[i]);
    }
  };
  map.on('moveend', update);
  update();
  return group;
}

function stationSigns(placed, open) {
  const { stations } = data, pictures = {}, w = data.words, isFar = () => map.getContainer().classList.contains('geo-far');
  const picture = k => {
    const { status, letter } = stations[placed[k]], size = state.growth * (isFar() ? 0.68 : 1), key = [status, isFar() ? '' : letter, size].join();
    return pictures[key] || (pictures[key] = pictureOf({ ...stationLook(status), letter: isFar() ? '' : letter }, size));
  };
  const signs = new Signs({
    pane: 'people', renderer: peopleCanvas(), picture, x: placed.map(i => stations[i].x), y: placed.map(i => stations[i].y),
    weight: 10, radius: () => 12 * state.growth * (isFar() ? 0.68 : 1),
  });
  tellEach(signs, k => card(stations[placed[k]].name, stations[placed[k]].about, []), k => open(placed[k]));
  return stacked(signs, RANKS.signs);
}

/** The sign of `sign` as a picture, with the shadow and the letter that map.css gives it. */
function pictureOf({ path, colour, isOpen, letter, round }, size) {
  const canvas = document.createElement('canvas'), pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')), room = 44;
  canvas.width = canvas.height = Math.ceil(2 * room * size);
  pen.scale(2 * size, 2 * size);
  pen.translate(room / 2 - 12, room / 2 - 12);
  pen.shadowColor = 'rgba(0, 0, 0, .35)';
  pen.shadowBlur = 3 * size;
  pen.shadowOffsetY = 2 * size;
  const box = new Path2D();
  box.roundRect(1, 1, 22, 22, round);
  pen.fillStyle = isOpen ? '#fff' : colour;
  pen.fill(box);
  pen.shadowColor = 'transparent';
  pen.lineWidth = isOpen ? 1.6 : 1.5;
  pen.strokeStyle = isOpen ? colour : '#fff';
  pen.setLineDash(isOpen ? [3, 1.8] : []);
  pen.stroke(box);
  pen.fillStyle = isOpen ? colour : '#fff';
  pen.fill(new Path2D(path), 'evenodd');
  if (letter) drawLetter(pen, letter);
  return canvas;
}

function drawLetter(pen, letter) {
  const label = new Path2D();
  pen.font = '600 10px "Noto Sans CJK SC", "Microsoft YaHei", sans-serif';
  const width = Math.max(14, pen.measureText(letter).width + 6), left = 31 - width;
  label.roundRect(left + 0.5, 15.5, width - 1, 14, 7);
  pen.setLineDash([]);
  pen.fillStyle = '#fff';
  pen.fill(label);
  pen.lineWidth = 1;
  pen.strokeStyle = pen.fillStyle = '#b3202c';
  pen.stroke(label);
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillText(letter, left + width / 2, 23);
}

/** One kind of other facilities: signs while they are few, dots when there are more than 400. */
export function facilityLayer({ kind, label, places }) {
  const look = KINDS[kind] || { colour: '#555555', path: 'M6 6h12v12H6z' }, placed = places.filter(place => place.x !== null);
  const cardOf = place => card(place.name, place.about, place.rows);
  if (places.length > 400) {
    const style = { stroke: true, color: '#fff', weight: 0.8, opacity: 1, fill: true, fillColor: look.colour, fillOpacity: 1 };
    const dots = new Circles({
      pane: 'people', renderer: peopleCanvas(), x: placed.map(place => place.x), y: placed.map(place => place.y), weight: 0.8, radius: () => 3, style: () => style,
    });
    return dots.on('click', () => openPlace(cardOf(placed[dots.at]), toLatLng(placed[dots.at].x, placed[dots.at].y), []));
  }
  const icon = () => L.divIcon({ className: 'geo-facility', html: sign({ ...look, size: 18, round: 9 }), iconSize: [18, 18] });
  return L.layerGroup(placed.map(place => named(L.marker(toLatLng(place.x, place.y), { icon: icon() }), `${label} ${place.name}`)
    .bindPopup(() => cardOf(place), popupRoom())));
}

/** Gaps by rank: ten when all is seen, twice as many with each step nearer. */
export function gapLayer() {
  state.gapMarkers = data.gaps.map((gap, i) => {
    if (gap.x === null) return null;
    const className = gap.is_unreached ? 'geo-gap geo-lost' : 'geo-gap';
    const icon = L.divIcon({ className, html: make('span', '', i + 1), iconSize: [22, 22], iconAnchor: [22, 22], popupAnchor: [-11, -18] });
    const words = fill(data.words.gap_label, { i: i + 1, name: gap.name, people: gap.people, time: gap.time });
    const way = data.routes ? data.routes.gaps[i] : -1;
    const marker = named(L.marker(toLatLng(gap.x, gap.y), { icon, title: gap.name, zIndexOffset: 2000 - i }), words);
    marker.isGap = true;
    return withWays(marker.bindPopup(() => add(card(`${i + 1}  ${gap.name}`, '', gap.rows), farthestCard(way)), wayRoom([engineWay(way)])), [engineWay(way)]);
  });
  const group = L.layerGroup();
  function update() {
    const n = 10 * Math.pow(2, Math.max(0, map.getZoom() - state.homeZoom));
    let shown = 0;
    state.gapMarkers.forEach((marker, i) => {
      if (!marker) return;
      const isHere = !state.town || data.gaps[i].zone === state.town.name, isShown = isHere && shown < n;
      shown += Number(isShown);
      if (isShown || (isHere && marker.isPopupOpen())) group.addLayer(marker);
      else group.removeLayer(marker);
    });
  }
  map.on('zoomend', update);
  forTown(update);
  return group;
}
