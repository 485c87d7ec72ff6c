// Paper: the sheet that printing gives. It shows what the screen shows, on one page, with its legend beside it.

import { Cross, canvases } from './draw_layers.js';
import { Circles, Signs } from './fields.js';
import { L, data, map } from './given.js';
import { drawSizes } from './legend.js';
import { isHome, state, viewNow } from './main.js';
import { isPhone, setGrowth } from './screen.js';
import { add, fill, make } from './shapes.js';
import { homeBounds } from './towns.js';

/** What is left of a sheet inside its margins, in mm, and how much larger signs and letters are on it. */
export const PAPERS = { A4: { width: 281, height: 193, growth: 1 }, A3: { width: 404, height: 280, growth: 1.3 } };
const SIDES = [62, 62, 76, 96, 120, 140];
const LETTERS = [1, 0.9, 0.85, 0.8, 0.72, 0.6];
const MOST_SOURCES = 600;
const EDGE = 10; // pixels between the map and what it must show

export function printOn(paper) {
  state.paper = paper;
  window.print();
}

export function printerSign(paper) {
  const box = make('span', 'geo-printer');
  box.innerHTML = '<svg viewBox="0 0 24 24" width="17" height="17" aria-hidden="true"><path fill="currentColor" '
    + 'd="M7 3h10v5H7zM5 9h14a2 2 0 0 1 2 2v6h-3v4H6v-4H3v-6a2 2 0 0 1 2-2zm3 6v4h8v-4z"/></svg>';
  return add(box, make('b', '', paper));
}

export function readyToPrint() {
  const paper = window.matchMedia('print');
  window.addEventListener('beforeprint', layOutPaper);
  window.addEventListener('afterprint', clearPaper);
  paper.addEventListener('change', () => (paper.matches ? layOutPaper() : clearPaper()));
}

/** Lay the page out as the sheet, at once: a browser takes its picture as soon as this ends. */
function layOutPaper() {
  if (state.isPrinting) return;
  const paper = state.paper || 'A4', body = document.body, bounds = isHome() ? homeBounds() : map.getBounds();
  const { growth, homeZoom, pixelsPerPerson } = state;
  state.onScreen = { ...viewNow(), isPhone: isPhone(), snap: map.options.zoomSnap, growth, homeZoom, pixelsPerPerson };
  state.isPrinting = true;
  body.classList.remove('geo-phone');
  body.classList.add('geo-printing');
  setGrowth(PAPERS[paper].growth);
  state.sheet = makeSheet(paper);
  body.prepend(...Object.values(state.sheet));
  map.getContainer().appendChild(state.sheet.north = northArrow());
  fitSheet(paper);
  map.options.zoomSnap = 0;
  map.invalidateSize({ animate: false, pan: false });
  map.fitBounds(bounds, { padding: [EDGE, EDGE], animate: false });
  fitPopup(bounds);
  const nearer = map.getZoom() - state.onScreen.zoom;
  state.homeZoom += nearer;
  state.pixelsPerPerson *= Math.pow(4, nearer);
  map.fire('zoomend');
  state.placeNames();
  drawSheetSizes(state.sheet.side);
  for (const { pane, renderer } of canvases) drawAsLines(pane, renderer);
}

/** Show less large what the popup that is open would be cut off from: its heading stands above the map else. @param {any} bounds */
function fitPopup(bounds) {
  const open = state.popup && state.popup.getElement(), room = map.getContainer().getBoundingClientRect();
  let top = EDGE, left = EDGE, right = EDGE;
  for (let turn = 0; open && turn < 5; turn++) {
    const box = open.getBoundingClientRect();
    const over = [room.top - box.top, room.left - box.left, box.right - room.right].map(n => (n > 0 ? n + EDGE : 0));
    if (!Math.max(...over) || top + over[0] > room.height * 0.8) return;
    [top, left, right] = [top + over[0], left + over[1], right + over[2]];
    map.fitBounds(bounds, { paddingTopLeft: [left, top], paddingBottomRight: [right, EDGE], animate: false });
  }
}

function clearPaper() {
  if (!state.isPrinting) return;
  const { centre, zoom, growth, snap, homeZoom, pixelsPerPerson } = state.onScreen, body = document.body;
  state.isPrinting = false;
  for (const part of [...Object.values(state.sheet), ...document.querySelectorAll('.geo-vector')]) part.remove();
  body.classList.remove('geo-printing');
  body.classList.toggle('geo-phone', state.onScreen.isPhone);
  setGrowth(growth);
  Object.assign(state, { homeZoom, pixelsPerPerson });
  map.options.zoomSnap = snap;
  map.invalidateSize({ animate: false, pan: false });
  map.setView(centre, zoom, { animate: false });
  map.fire('zoomend');
}

// ---- The texts around the map

function makeSheet(paper) {
  const size = PAPERS[paper], page = make('style', '', `@page { size: ${paper} landscape; margin: 8mm; }`);
  document.body.style.setProperty('--sheet-width', size.width + 'mm');
  document.body.style.setProperty('--sheet-height', size.height + 'mm');
  return { page, head: sheetHead(), side: sheetSide(), foot: sheetFoot() };
}

function sheetHead() {
  const head = make('header', 'geo-sheet-head'), title = make('h1', '', data.title);
  if (state.town) add(title, make('small', '', state.town.name));
  if (data.badge) add(title, make('span', 'geo-badge', data.badge));
  return add(head, title, data.standard ? make('p', '', data.standard) : null);
}

/** What is switched on, as the legend shows it, without its switches; people with their numbers by band. */
function sheetSide() {
  const side = make('aside', 'geo-sheet-side'), legend = make('div', 'geo-sheet-legend'), w = data.words;
  const numbers = document.querySelector('.geo-panel .geo-figures');
  for (const [layer, entry] of Object.entries(state.entries)) {
    if (!entry.box.checked) continue;
    const row = entry.box.closest('.geo-layer'), block = add(make('div', 'geo-sheet-layer'), copyOf(row));
    const below = row.nextElementSibling, bands = document.querySelector('.geo-panel .geo-bands');
    if (layer === 'people' && bands) add(block, copyOf(bands), copyOf(below.querySelector('.geo-sizes')));
    else if (below.children.length) add(block, copyOf(below));
    add(legend, block);
  }
  return add(side, numbers ? copyOf(numbers) : null, make('h2', '', w.legend_of_paper), legend, sheetGaps());
}

function copyOf(element) {
  const copy = element.cloneNode(true);
  for (const input of copy.querySelectorAll('input')) input.remove();
  return copy;
}

function sheetGaps() {
  const list = document.querySelector('.geo-panel .geo-gaps > ol');
  if (!list || !state.entries.gaps || !state.entries.gaps.box.checked) return null;
  const box = add(make('div', 'geo-sheet-gaps'), make('h2', '', data.words.gaps));
  for (const row of list.children) add(box, add(make('div', 'geo-gaps'), copyOf(row.firstChild)));
  return box;
}

function sheetFoot() {
  const foot = make('footer', 'geo-sheet-foot'), w = data.words, about = data.sources.join(w.list_break);
  const sources = about.length > MOST_SOURCES ? about.slice(0, about.lastIndexOf(w.list_break, MOST_SOURCES)) + w.and_more : about;
  const date = new Date(), pad = n => String(n).padStart(2, '0');
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  const line = [fill(w.printed_on, { date: day }), data.attribution, 'Leaflet'].filter(Boolean).join('  |  ');
  return add(foot, sources ? add(make('p'), make('b', '', w.sources), make('span', '', sources)) : null, make('p', '', line));
}

function northArrow() {
  const arrow = make('div', 'geo-north');
  arrow.innerHTML = '<svg viewBox="0 0 20 30" width="20" height="30" aria-hidden="true">'
    + '<path d="M10 1 17 28 10 22 3 28z" fill="#fff" stroke="#23272e" stroke-width="1.2"/><path d="M10 1v21l-7 6z" fill="#23272e"/></svg>';
  return add(arrow, make('b', '', data.words.north));
}

/** Make the side wider and its letters smaller until all of it fits; of the gaps half, then all, go first. */
function fitSheet(paper) {
  const { head, side, foot } = state.sheet, body = document.body, gaps = side.querySelector('.geo-sheet-gaps');
  const mm = 96 / 25.4, whole = PAPERS[paper].height * mm;
  const room = () => whole - head.getBoundingClientRect().height - foot.getBoundingClientRect().height - 3 * mm;
  for (let step = 0; step < SIDES.length; step++) {
    body.style.setProperty('--side', SIDES[step] * PAPERS[paper].growth + 'mm');
    side.style.setProperty('--letters', LETTERS[step]);
    body.style.setProperty('--middle', room() + 'px');
    side.classList.toggle('geo-two', step > 2);
    if (isWhole(side)) return;
    if (gaps && step === 0) [...gaps.children].slice(6).forEach(row => row.remove());
    if (gaps && step === 1) gaps.remove();
  }
}

function isWhole(side) {
  const end = side.lastElementChild.getBoundingClientRect().bottom;
  return end <= side.getBoundingClientRect().bottom && side.scrollWidth <= side.clientWidth + 1;
}

/** Circles as large as on the map of the sheet; where they now take more room, the letters shrink a little more. */
function drawSheetSizes(side) {
  const draw = () => side.querySelectorAll('.geo-sizes').forEach(box => drawSizes(box, getComputedStyle(side).zoom));
  draw();
  for (let letters = +side.style.getPropertyValue('--letters'); letters > 0.5 && !isWhole(side); draw()) {
    letters -= 0.04;
    side.style.setProperty('--letters', letters.toFixed(2));
  }
}

// ---- Canvases as lines: paper is sharper than a screen, and browsers clear a canvas as they print

const SVG = 'http://www.w3.org/2000/svg';

function drawAsLines(pane, renderer) {
  if (!renderer._bounds || !map.hasLayer(renderer)) return;
  const { min, max } = renderer._bounds, size = max.subtract(min), svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', [min.x, min.y, size.x, size.y].join(' '));
  svg.setAttribute('width', size.x);
  svg.setAttribute('height', size.y);
  svg.setAttribute('class', 'geo-vector');
  svg.setAttribute('aria-hidden', 'true');
  L.DomUtil.setPosition(svg, min);
  for (let order = renderer._drawFirst; order; order = order.next) {
    const { layer } = order;
    const drawn = layer instanceof Circles ? circlesOf(layer) : layer instanceof L.CircleMarker ? circleOf(layer) : pathOf(layer);
    if (drawn) svg.append(...drawn);
  }
  map.getPane(pane).appendChild(svg);
}

/** @param {string} tag @param {Record<string, any>} attributes @param {Record<string, any>} style as Leaflet's of a path */
function shapeOfSvg(tag, attributes, { stroke, color, weight, opacity, dashArray, fill: isFilled, fillColor, fillOpacity }) {
  const shape = document.createElementNS(SVG, tag);
  const style = {
    ...attributes,
    fill: isFilled ? fillColor || color : 'none', 'fill-opacity': fillOpacity,
    stroke: stroke ? color : 'none', 'stroke-width': weight, 'stroke-opacity': opacity,
    'stroke-linecap': 'round', 'stroke-linejoin': 'round', 'stroke-dasharray': dashArray || 'none',
  };
  for (const [key, value] of Object.entries(style)) shape.setAttribute(key, value);
  return shape;
}

function pathOf(layer) {
  const isRing = layer instanceof L.Polygon, at = n => Math.round(n * 10) / 10;
  const d = (layer.parts ? layer.parts() : layer._parts || []).filter(part => part.length > 1)
    .map(part => 'M' + part.map(p => `${at(p.x)} ${at(p.y)}`).join('L') + (isRing ? 'z' : '')).join('');
  return d && [shapeOfSvg('path', { d, 'fill-rule': 'evenodd' }, layer.options)];
}

function circlesOf(layer) {
  const shapes = [];
  layer.eachIn(layer._renderer._bounds, (i, x, y, r) => shapes.push(layer instanceof Signs ? pictureOfSvg(layer.options.picture(i), x, y)
    : shapeOfSvg('circle', { cx: x.toFixed(1), cy: y.toFixed(1), r: r.toFixed(1) }, layer.options.style(i))));
  return shapes;
}

function pictureOfSvg(picture, x, y) {
  const image = document.createElementNS(SVG, 'image'), width = picture.width / 2, height = picture.height / 2;
  for (const [key, value] of Object.entries({ href: picture.toDataURL(), x: x - width / 2, y: y - height / 2, width, height })) image.setAttribute(key, value);
  return image;
}

function circleOf(layer) {
  if (layer._empty()) return null;
  const { x, y } = layer._point, r = layer._radius, arm = r * 0.5;
  const circle = shapeOfSvg('circle', { cx: x.toFixed(1), cy: y.toFixed(1), r: r.toFixed(1) }, layer.options);
  if (!(layer instanceof Cross)) return [circle];
  const d = `M${x - arm} ${y - arm}L${x + arm} ${y + arm}M${x + arm} ${y - arm}L${x - arm} ${y + arm}`;
  return [circle, shapeOfSvg('path', { d }, { stroke: true, color: '#ffffff', weight: Math.max(1.5, r * 0.22), opacity: 1 })];
}
