// Shapes: the file holds whole-number steps of a degree; here they become Leaflet's [lat, lon].

import { data } from './given.js';

const STEPS = 100000;

export function toLatLng(x, y) {
  return [y / STEPS, x / STEPS];
}

/** Pixels of the whole world at zoom 0, in the web maps' projection. */
export function worldOf(x, y) {
  const sin = Math.sin(y / STEPS * Math.PI / 180);
  return [256 * (x / STEPS / 360 + 0.5), 256 * (0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI))];
}

/** Undo the differences of one line or ring: [x, y, dx, dy, ...] -> [[lat, lon], ...]. */
export function decodeLine(steps) {
  const line = [];
  let x = 0, y = 0;
  for (let i = 0; i < steps.length; i += 2) {
    x += steps[i];
    y += steps[i + 1];
    line.push(toLatLng(x, y));
  }
  return line;
}

/** Undo pack_numbers of geo/maps/geometry.py: five bits a sign, the low ones first, the sign bit lowest. */
export function unpackNumbers(text) {
  const numbers = [];
  for (let i = 0; i < text.length;) {
    let value = 0, shift = 1, bits = 0;
    do {
      bits = text.charCodeAt(i++) - 63;
      value += (bits & 31) * shift;
      shift *= 32;
    } while (bits >= 32);
    numbers.push(value % 2 ? -(value + 1) / 2 : value / 2);
  }
  return numbers;
}

export function decodeShape(polygons) {
  return polygons.map(rings => rings.map(decodeLine));
}

/**
 * Make an element; text is always set as text, so nothing from the data is read as HTML.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} [className]
 * @param {string | number | null} [text]
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined && text !== null) element.textContent = String(text);
  return element;
}

/**
 * Put children into an element, without those that are not there.
 * @template {Node} Parent
 * @param {Parent} parent
 * @param {...(Node | null | undefined | false | '' | 0)} children
 * @returns {Parent}
 */
export function add(parent, ...children) {
  for (const child of children) if (child) parent.appendChild(child);
  return parent;
}

/** @param {string} words @param {Record<string, any>} values @returns {string} */
export function fill(words, values) {
  return words.replace(/\{(\w+)\}/g, (all, name) => (name in values ? values[name] : all));
}

/** @param {number} seconds @returns {string} */
export function sayTime(seconds) {
  const w = data.words, minutes = Math.floor(seconds / 60), rest = seconds % 60;
  if (minutes === 0) return fill(w.seconds, { s: rest });
  if (rest === 0) return fill(w.minutes, { m: minutes });
  return fill(w.minutes_seconds, { m: minutes, s: String(rest).padStart(2, '0') });
}

export function sayPeople(n) {
  return fill(data.words.n_people, { n: Math.round(n).toLocaleString('en-US') });
}

/** A pop-up or tooltip: heading, a quiet line below it, and pairs of label and value. */
export function card(heading, about, rows) {
  const box = make('div', 'geo-card');
  if (heading) add(box, make('h2', '', heading));
  if (about) add(box, make('p', 'geo-quiet', about));
  const list = make('dl');
  for (const [label, value] of rows) add(list, make('dt', '', label), make('dd', '', value));
  return add(box, list);
}
