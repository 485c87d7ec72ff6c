// Findings: result layers of the rooms, built only when the reader switches them on.

import { peopleCanvas, popupRoom } from './draw_layers.js';
import { L, data, map } from './given.js';
import { openLegendAt } from './legend.js';
import { goHome, state } from './main.js';
import { openPlace, wayCard, waysOf } from './routes.js';
import { isPhone, named, showMap } from './screen.js';
import { add, card, decodeLine, fill, make, toLatLng } from './shapes.js';

const MAX_PINS = 400;

/** Lower ranks lie below: areas under lines, lines under people, people under what was found as points. */
export const RANKS = { polygons: 0, lines: 1, people: 2, unreached: 3, points: 4, signs: 5 };

/** Keep the order on the one canvas, whatever was switched on last. */
export function restack() {
  state.stack.filter(item => map.hasLayer(item.group)).sort((a, b) => a.rank - b.rank)
    .forEach(item => item.group.bringToFront());
}

export function stacked(group, rank) {
  state.stack.push({ group, rank });
  return group;
}

/** Colours of the class's outline and of the text that stands on it. */
function darker(colour) {
  return '#' + [1, 3, 5].map(i => Math.round(parseInt(colour.slice(i, i + 2), 16) * 0.72).toString(16).padStart(2, '0')).join('');
}

function inkOn(colour) {
  const [r, g, b] = [1, 3, 5].map(i => parseInt(colour.slice(i, i + 2), 16));
  return 0.299 * r + 0.587 * g + 0.114 * b > 150 ? '#23272e' : '#ffffff';
}

function colourOf(finding, row) {
  const i = finding.class[row];
  return finding.classes[i < 0 ? finding.classes.length - 1 : i].colour;
}

export function said(column, row) {
  return column.texts[column.at[row]];
}

function findingCard(finding, row) {
  const rows = finding.columns.map((label, i) => [label, said(finding.values[i], row)]);
  const more = finding.more ? finding.more[row] : 0;
  const titled = said(finding.title, row), i = finding.class[row];
  const kind = finding.classes.length > 1 ? finding.classes[i < 0 ? finding.classes.length - 1 : i].label : finding.label;
  const box = card(titled === '—' ? finding.label : titled, titled === '—' && kind === finding.label ? '' : kind, rows);
  if (more) add(box, make('p', 'geo-quiet', fill(data.words.more_here, { n: more.toLocaleString('en-US') })));
  return box;
}

export function findingLayer(finding) {
  const groups = [], canvas = { pane: 'people', renderer: peopleCanvas() };
  const part = (name, draw) => {
    const { row, shape } = finding[name];
    if (!row.length) return;
    const shapes = shape.map((steps, i) => {
      const drawn = draw(steps, row[i]);
      drawn.row = row[i];
      return drawn;
    });
    groups.push(stacked(L.featureGroup(shapes), RANKS[name]));
  };
  part('polygons', (rings, row) => L.polygon(rings.map(decodeLine), {
    ...canvas, color: darker(colourOf(finding, row)), weight: 1.2, fillColor: colourOf(finding, row), fillOpacity: 0.42,
  }));
  part('lines', (steps, row) => L.polyline(decodeLine(steps), {
    ...canvas, color: colourOf(finding, row), weight: finding.size, opacity: 0.95,
  }));
  const hasPins = finding.mark && finding.points.row.length <= MAX_PINS;
  part('points', ([x, y], row) => (hasPins ? pin(finding, row, toLatLng(x, y)) : L.circleMarker(toLatLng(x, y), {
    ...canvas, radius: finding.size, color: '#ffffff', weight: finding.size > 3.5 ? 1.2 : 0.7,
    fillColor: colourOf(finding, row), fillOpacity: 0.95,
  })));
  for (const group of groups) bindCards(group, finding);
  const all = L.featureGroup(groups), update = () => resize(finding, groups);
  all.on('add', () => { update(); map.on('zoomend', update); }).on('remove', () => map.off('zoomend', update));
  return all;
}

/** Pop-ups of a group's rows; a row with ways has them in a pop-up of its own size, and draws them. */
function bindCards(group, finding) {
  if (!(finding.ways || []).length) {
    group.bindPopup(shape => findingCard(finding, shape.row), popupRoom());
    return;
  }
  group.on('click', event => {
    const shape = event.propagatedFrom;
    if (!shape) return;  // the group itself is no place
    openFound(finding, shape.row, shape.getLatLng ? shape.getLatLng() : event.latlng);
  });
}

export function openFound(finding, row, at) {
  const ways = waysOf(finding, row);
  openPlace(add(findingCard(finding, row), ...[...ways].reverse().map(kept => wayCard(kept))), at, ways);
}

/** Lines and dots widen as the reader comes nearer; where there are very many they start thin. */
function resize(finding, groups) {
  const nearer = Math.max(0, map.getZoom() - state.homeZoom), many = finding.class.length > 1000;
  const size = finding.size * (many ? Math.min(1.3, 0.6 + 0.18 * nearer) : Math.min(1.6, 1 + 0.12 * nearer));
  for (const group of groups) {
    group.eachLayer(shape => {
      if (shape instanceof L.CircleMarker) shape.setRadius(Math.max(1.8, size) * state.growth);
      else if (shape instanceof L.Polyline && !(shape instanceof L.Polygon)) shape.setStyle({ weight: size * state.growth });
    });
  }
}

/** A numbered marker: its text, such as the rank of a site, is from the data and stays text. */
function pin(finding, row, at) {
  const mark = make('span', '', said(finding.mark, row)), colour = colourOf(finding, row);
  mark.style.background = colour;
  mark.style.color = inkOn(colour);
  const icon = L.divIcon({ className: 'geo-pin', html: mark, iconSize: [24, 24] });
  const titled = said(finding.title, row);
  return named(L.marker(at, { icon, title: titled, zIndexOffset: 1500 - row }), `${finding.label} ${said(finding.mark, row)} ${titled}`);
}

/** Switch a finding, or a layer of the map itself, on and go to it. */
export function showFinding(name) {
  const entry = state.entries['finding_' + name] || state.entries[name];
  if (!entry) return;
  openLegendAt(entry);
  showMap();
  if (!entry.box.checked) entry.box.click();
  const bounds = entry.layer.getBounds ? entry.layer.getBounds() : null;
  if (!bounds) { goHome(); return; }
  if (!bounds.isValid()) return;
  const legend = state.parts.legend, room = legend.open && !isPhone() ? legend.getBoundingClientRect().width + 24 : 40;
  const right = room < map.getSize().x / 2 ? room : 40;
  map.fitBounds(bounds, { paddingTopLeft: [56, 40], paddingBottomRight: [right, 40], maxZoom: 14, animate: false });
}

const SHAPES = { points: 'geo-dot', lines: 'geo-line', polygons: 'geo-fill' };

function shapeOf(finding) {
  return ['polygons', 'lines', 'points'].find(name => finding[name].row.length) || 'points';
}

function mini(finding, colour) {
  const box = make('i', 'geo-mini ' + SHAPES[shapeOf(finding)]);
  box.style.background = colour;
  box.style.borderColor = shapeOf(finding) === 'polygons' ? darker(colour) : colour;
  return box;
}

/** The sign of a layer beside its tick box: up to three of its colours, in its kind of shape. */
export function findingSymbol(finding) {
  const colours = finding.classes.filter(c => c.n).map(c => c.colour);
  return add(make('span', 'geo-minis'), ...(colours.length ? colours : [finding.classes[0].colour]).slice(0, 3)
    .map(colour => mini(finding, colour)));
}

export function findingClasses(finding) {
  const used = finding.classes.filter(c => c.n);
  const caution = finding.caution ? [make('p', 'geo-caution', finding.caution)] : [];
  if (!finding.classes[0].label || !used.length) return caution.length ? caution : undefined;
  return [...used.map(c => add(make('div', 'geo-class'), mini(finding, c.colour), make('span', '', c.label),
    make('small', '', c.n.toLocaleString('en-US')))), ...caution];
}
