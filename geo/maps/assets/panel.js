// The panel beside the map: figures, targets, gaps, search, about.

import { showFinding } from './findings.js';
import { data, map } from './given.js';
import { openLegendAt, swatch } from './legend.js';
import { state } from './main.js';
import { setName, showMap } from './screen.js';
import { searchBox } from './search.js';
import { add, fill, make } from './shapes.js';
import { forTown, townChoice } from './towns.js';

function section(parent, heading, isOpen) {
  const box = make('details', 'geo-section');
  box.open = isOpen;
  add(parent, add(box, make('summary', '', heading)));
  return box;
}

export function makePanel() {
  const panel = make('aside', 'geo-panel'), w = data.words;
  const head = make('header', 'geo-head');
  setName(panel, w.panel);
  if (data.badge) add(head, make('span', 'geo-badge', data.badge));
  add(head, make('h1', '', data.title));
  add(panel, data.standard ? make('p', 'geo-quiet geo-standard', data.standard) : null, searchBox(), townChoice(), figures());
  if (data.bands.length) add(section(panel, w.bands, true), bandTable());
  if (data.targets.length) add(section(panel, w.targets, true), wholeAreaNote(), targetTable());
  if (data.gaps.length) add(section(panel, w.gaps, true), make('p', 'geo-quiet', w.gaps_hint), gapList());
  const about = section(panel, w.about, false);
  for (const line of data.about) add(about, make('p', '', line));
  if (data.attribution) add(about, make('p', '', data.attribution));
  return { panel, head };
}

function figures() {
  if (!data.figures.length) return null;
  const grid = make('div', 'geo-figures');
  forTown(town => grid.replaceChildren(...(town ? town.figures : data.figures).map(figure =>
    add(make('div', `geo-figure ${figure.tone ? 'geo-' + figure.tone : ''}`),
      make('span', '', figure.label), make('strong', '', figure.value), make('small', '', figure.note)))));
  return grid;
}

function bandTable() {
  const table = make('table', 'geo-bands'), body = make('tbody');
  forTown(town => {
    const rows = data.bands.map((band, i) => ({ ...band, ...(town ? town.bands[i] : {}) }));
    const widest = Math.max(0.001, ...rows.map(band => band.share));
    body.replaceChildren(...rows.map(band => bandRow(band, widest)));
  });
  return add(table, body);
}

function bandRow(band, widest) {
  const bar = make('i'), head = make('th');
  head.scope = 'row';
  bar.style.width = 100 * band.share / widest + '%';
  bar.style.background = band.share ? band.colour : 'none';
  return add(make('tr'), add(head, swatch(band.colour), make('span', '', band.label)), add(make('td', 'geo-bar'), bar),
    make('td', 'geo-number', band.people), make('td', 'geo-number', band.share_text));
}

/** Targets are of the whole area: where a town is chosen, that is said. */
function wholeAreaNote() {
  const note = make('p', 'geo-quiet', data.words.targets_of_all);
  forTown(town => { note.hidden = !town; });
  return note;
}

const TARGET_SIGNS = { met: '✓', missed: '✗', told: '', 'no data': '?', 'not computed': '·' };

/** Targets: chips choose by status; the list scrolls by itself when it is long. */
function targetTable() {
  const box = make('div', 'geo-targets'), list = make('ul', 'geo-target-list'), chips = make('div', 'geo-chips');
  const rows = data.targets.map(targetRow), buttons = [];
  const choose = status => {
    data.targets.forEach((target, i) => { rows[i].hidden = status !== '' && target.status !== status; });
    buttons.forEach(button => button.setAttribute('aria-pressed', String(button.dataset.status === status)));
    list.scrollTop = 0;
  };
  const chip = (status, text, n) => {
    const button = make('button', status ? 'geo-' + status.replace(' ', '-') : '', `${text} ${n}`);
    button.type = 'button';
    button.dataset.status = status;
    button.addEventListener('click', () => choose(button.getAttribute('aria-pressed') === 'true' ? '' : status));
    buttons.push(button);
    add(chips, button);
  };
  chips.setAttribute('role', 'group');
  chips.setAttribute('aria-label', data.words.targets);
  chip('', data.words.all, data.targets.length);
  for (const status of new Set(data.targets.map(target => target.status))) {
    const same = data.targets.filter(target => target.status === status);
    chip(status, same[0].status_text, same.length);
  }
  choose('');
  list.tabIndex = 0;
  list.setAttribute('aria-label', data.words.targets);
  return add(box, buttons.length > 2 ? chips : null, add(list, ...rows));
}

function targetRow(target) {
  const w = data.words, row = make('li', 'geo-target geo-' + target.status.replace(' ', '-'));
  const mark = make('span', 'geo-status', `${TARGET_SIGNS[target.status] || ''} ${target.status_text}`.trim());
  const figures = make('p', 'geo-compared'), foot = make('div', 'geo-target-foot');
  const pair = (label, text, className) => text && add(figures,
    add(make('span', className), make('i', '', label), make('span', '', text)));
  if (target.value !== '—') pair(w.value, target.value);
  pair(w.target, target.target);
  pair(w.missed_by, target.missed_by, 'geo-by');
  add(row, add(make('div'), make('b', '', target.name), mark), figures.children.length ? figures : null,
    target.beside ? make('p', 'geo-beside', target.beside) : null);
  if (target.evidence && target.evidence !== '—') {
    add(foot, add(make('details', 'geo-why'), make('summary', '', w.evidence), make('p', '', target.evidence)));
  }
  if (target.places) {
    const link = make('button', 'geo-link', w.on_the_map);
    link.type = 'button';
    link.setAttribute('aria-label', `${w.on_the_map}: ${target.name}`);
    link.addEventListener('click', () => showFinding(target.places));
    add(foot, link);
  }
  return add(row, foot.children.length ? foot : null);
}

const FIRST_GAPS = 10;

function gapList() {
  const box = make('div', 'geo-gaps'), rows = data.gaps.map(gapRow), w = data.words;
  forTown(town => {
    const shown = rows.filter((row, i) => !town || data.gaps[i].zone === town.name), rest = shown.slice(FIRST_GAPS);
    box.replaceChildren();
    add(box, shown.length ? add(make('ol'), ...shown.slice(0, FIRST_GAPS)) : make('p', 'geo-quiet', w.no_gap_here));
    if (rest.length) {
      add(box, add(make('details', 'geo-fold'), make('summary', '', fill(w.more, { n: rest.length })), add(make('ol'), ...rest)));
    }
  });
  return box;
}

function gapRow(gap, i) {
  const button = make('button', gap.is_unreached ? 'geo-lost' : '');
  button.type = 'button';
  add(button, make('span', 'geo-rank', i + 1), make('b', '', gap.name), make('span', '', gap.people), make('small', '', gap.time));
  button.addEventListener('click', () => goTo(state.gapMarkers[i], 'gaps', 13));
  return add(make('li'), button);
}

/** Zoom to a marker, make sure that its layer is shown, and open its pop-up. */
export function goTo(marker, layerName, zoom) {
  if (!marker) return;
  const entry = state.entries[layerName];
  openLegendAt(entry);
  showMap();
  if (!entry.box.checked) entry.box.click();
  map.setView(marker.getLatLng(), Math.max(zoom, map.getZoom()), { animate: false });
  entry.layer.addLayer(marker);
  marker.openPopup();
}
