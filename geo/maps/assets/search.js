// Search: places by name, by a part of it, by the sounds of its characters or their first letters.

import { openFound, said } from './findings.js';
import { data, map } from './given.js';
import { state } from './main.js';
import { goTo } from './panel.js';
import { openPeople, openUnreached, placeHeading, zoneOf } from './places.js';
import { openPlace } from './routes.js';
import { showMap } from './screen.js';
import { add, card, fill, make, sayPeople, sayTime, toLatLng } from './shapes.js';

const MOST_FOUND = 12;

/** Everything that has a name, in the order in which equals are listed. */
function searchIndex() {
  const w = data.words, entries = [];
  data.stations.forEach((station, i) => entries.push({
    name: station.name, about: station.about, open: () => goTo(state.stationMarkers[i], 'stations', 13),
  }));
  data.zones.filter(zone => zone.x !== null).forEach(zone => entries.push({
    name: zone.name, about: w.kind_zone, open: () => goToPlace(zone, 12, () => openPlace(card(zone.name, '', zone.rows), toLatLng(zone.x, zone.y), [])),
  }));
  villageEntries(entries);
  if (!data.demand) data.findings.filter(finding => (finding.ways || []).length).forEach(finding => foundEntries(entries, finding));
  for (const { label, places } of data.facilities) {
    places.filter(place => place.x !== null && place.name !== '—').forEach(place => entries.push({
      name: place.name, about: label, open: () => goToPlace(place, 15, () => openPlace(card(place.name, place.about, place.rows), toLatLng(place.x, place.y), [])),
    }));
  }
  return entries.map(entry => ({ ...entry, low: entry.name.toLowerCase() }));
}

/** People by their names; those of one name and town stand there once, where most of them live. */
function villageEntries(entries) {
  const seen = new Set(), w = data.words;
  const put = (points, i, name, zone, open) => {
    if (!name || seen.has(name + '\n' + zone)) return;
    seen.add(name + '\n' + zone);
    entries.push({ name, about: zone || w.kind_village, open: () => goToPlace({ x: points.x[i], y: points.y[i] }, 13, open) });
  };
  const reached = data.demand, lost = data.unreached;
  if (reached) {
    reached.name.forEach((at, i) => put(reached, i, at < 0 ? '' : reached.names[at], zoneOf(i), () => openPeople(i)));
  }
  if (reached && reached.others) {
    const { others } = reached, rows = i => [[w.people, sayPeople(others.people[i])], [w.response_time, sayTime(others.s[i])]];
    others.name.forEach((name, i) => put(others, i, name, others.zone[i], () => openPlace(
      card(...placeHeading(name, others.zone[i]), rows(i)), toLatLng(others.x[i], others.y[i]), [])));
  }
  if (lost) lost.name.forEach((name, i) => put(lost, i, name, lost.zone[i] === '—' ? '' : lost.zone[i], () => openUnreached(i)));
}

/** The named rows of a finding that tells of all people, as on the map of a scenario. */
function foundEntries(entries, finding) {
  finding.points.row.forEach((row, i) => {
    const [x, y] = finding.points.shape[i], name = said(finding.title, row);
    if (name === '—') return;
    entries.push({ name, about: finding.label, open: () => goToPlace({ x, y }, 12, () => openFound(finding, row, toLatLng(x, y))) });
  });
}

function goToPlace({ x, y }, zoom, open) {
  showMap();
  map.setView(toLatLng(x, y), Math.max(zoom, map.getZoom()), { animate: false });
  open();
}

/** How well a name fits: 0 for the whole of it, more the worse, none where it does not. */
function fitOf(entry, wanted) {
  const at = entry.low.indexOf(wanted);
  if (at >= 0) return entry.low === wanted ? 0 : at === 0 ? 1 : 2;
  if (!/^[a-z']+$/.test(wanted)) return null;
  const letters = wanted.replaceAll("'", '');
  const from = [...entry.low].findIndex((_, i, all) => soundsLike(all, i, letters));
  return from < 0 ? null : from === 0 ? 3 : 4;
}

/** Whether letters spell characters from a place on: each whole, by its first letter, or begun at the end. */
function soundsLike(characters, i, letters) {
  if (!letters) return true;
  if (i >= characters.length) return false;
  const character = characters[i];
  const sounds = (data.sounds[character] || (/[a-z0-9]/.test(character) ? character : '')).split(' ').filter(Boolean);
  if (!sounds.length) return /[\s()（）·-]/.test(character) && i > 0 && soundsLike(characters, i + 1, letters);
  return sounds.some(sound => sound.startsWith(letters)
    || (letters.startsWith(sound) && soundsLike(characters, i + 1, letters.slice(sound.length)))
    || (letters[0] === sound[0] && soundsLike(characters, i + 1, letters.slice(1))));
}

function searchFor(entries, text) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [];
  return entries.map((entry, i) => ({ entry, i, fit: fitOf(entry, wanted) })).filter(({ fit }) => fit !== null)
    .sort((a, b) => a.fit - b.fit || a.i - b.i).map(({ entry }) => entry);
}

/** The box: arrows choose, Enter goes there, Esc empties it. Names are set as text and run nothing. */
export function searchBox() {
  const w = data.words, entries = searchIndex();
  if (!entries.length) return null;
  const box = make('div', 'geo-search'), input = make('input'), list = make('ul'), count = make('span', 'geo-unseen');
  let found = [], chosen = -1;
  input.type = 'search';
  input.placeholder = w.search_hint;
  for (const [name, value] of Object.entries({
    'aria-label': w.search, role: 'combobox', 'aria-autocomplete': 'list', 'aria-controls': 'geo-found', 'aria-expanded': 'false', autocomplete: 'off',
  })) input.setAttribute(name, value);
  list.id = 'geo-found';
  list.setAttribute('role', 'listbox');
  list.setAttribute('aria-label', w.search);
  list.hidden = true;
  count.setAttribute('role', 'status');
  const close = () => { list.hidden = true; input.setAttribute('aria-expanded', 'false'); input.removeAttribute('aria-activedescendant'); };
  const open = entry => { close(); entry.open(); };
  function choose(i) {
    chosen = i;
    [...list.children].forEach((row, k) => row.setAttribute('aria-selected', String(k === i)));
    if (i < 0) { input.removeAttribute('aria-activedescendant'); return; }
    input.setAttribute('aria-activedescendant', list.children[i].id);
    list.children[i].scrollIntoView({ block: 'nearest' });
  }
  function update() {
    const every = searchFor(entries, input.value), isAsked = input.value.trim() !== '';
    found = every.slice(0, MOST_FOUND);
    list.replaceChildren(...found.map((entry, i) => {
      const row = make('li', 'geo-option');
      row.id = 'geo-found-' + i;
      row.setAttribute('role', 'option');
      row.addEventListener('mousedown', event => event.preventDefault());
      row.addEventListener('click', () => open(entry));
      return add(row, make('span', '', entry.name), make('small', '', entry.about));
    }));
    if (isAsked && !found.length) {
      const none = make('li', 'geo-quiet', w.no_match);
      none.setAttribute('role', 'option');
      none.setAttribute('aria-disabled', 'true');
      add(list, none);
    }
    count.textContent = isAsked ? fill(w.results, { n: every.length }) : '';
    list.hidden = !isAsked;
    input.setAttribute('aria-expanded', String(isAsked));
    choose(-1);
  }
  input.addEventListener('input', update);
  input.addEventListener('focus', () => { if (input.value.trim()) update(); });
  input.addEventListener('blur', close);
  input.addEventListener('keydown', event => {
    if (event.key === 'Escape') { input.value = ''; update(); }
    if (event.key === 'Enter' && found.length) open(found[Math.max(0, chosen)]);
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    if (list.hidden) update();
    const n = found.length, step = event.key === 'ArrowDown' ? 1 : -1;
    if (n) choose(chosen < 0 && step < 0 ? n - 1 : (chosen + step + n) % n);
  });
  return add(box, input, list, count);
}
