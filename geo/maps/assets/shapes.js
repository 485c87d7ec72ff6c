// Shapes: the file holds whole-number steps of a degree; here they become Leaflet's [lat, lon].

const STEPS = 100000;

function toLatLng(x, y) {
  return [y / STEPS, x / STEPS];
}

/** Undo the differences of one line or ring: [x, y, dx, dy, ...] -> [[lat, lon], ...]. */
function decodeLine(steps) {
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
function unpackNumbers(text) {
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

function decodeShape(polygons) {
  return polygons.map(rings => rings.map(decodeLine));
}

/** Make an element; text is always set as text, so nothing from the data is read as HTML. */
function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined && text !== null) element.textContent = text;
  return element;
}

function add(parent, ...children) {
  for (const child of children) if (child) parent.appendChild(child);
  return parent;
}

function fill(words, values) {
  return words.replace(/\{(\w+)\}/g, (all, name) => (name in values ? values[name] : all));
}

function sayTime(seconds) {
  const w = data.words, minutes = Math.floor(seconds / 60), rest = seconds % 60;
  if (minutes === 0) return fill(w.seconds, { s: rest });
  if (rest === 0) return fill(w.minutes, { m: minutes });
  return fill(w.minutes_seconds, { m: minutes, s: String(rest).padStart(2, '0') });
}

function sayPeople(n) {
  return fill(data.words.n_people, { n: Math.round(n).toLocaleString('en-US') });
}

/** A pop-up or tooltip: heading, a quiet line below it, and pairs of label and value. */
function card(heading, about, rows) {
  const box = make('div', 'geo-card');
  if (heading) add(box, make('h2', '', heading));
  if (about) add(box, make('p', 'geo-quiet', about));
  const list = make('dl');
  for (const [label, value] of rows) add(list, make('dt', '', label), make('dd', '', value));
  return add(box, list);
}
