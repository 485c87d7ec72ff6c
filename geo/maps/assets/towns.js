// Towns as a filter: one is chosen, and map, figures and lists are of that town alone.

import { svgOf } from './draw_layers.js';
import { L, data } from './given.js';
import { goHome, state } from './main.js';
import { setName } from './screen.js';
import { add, decodeLine, decodeShape, make } from './shapes.js';

const WORLD = [[-85, -400], [-85, 400], [85, 400], [85, -400]];

export function townChoice() {
  if (data.towns.length < 2) return null;
  const w = data.words, row = make('div', 'geo-town'), select = setName(make('select'), w.town);
  add(select, new Option(w.whole_area, ''));
  data.towns.forEach((town, i) => add(select, new Option(town.name, String(i))));
  select.addEventListener('change', () => chooseTown(select.value === '' ? null : data.towns[+select.value]));
  return add(row, make('span', '', w.town), select);
}

function chooseTown(town) {
  state.town = town;
  state.veil.clearLayers();
  if (town) {
    const rings = data.zones[town.zone].shape.map(polygon => decodeLine(polygon[0]));
    state.veil.addLayer(L.polygon([WORLD, ...rings], {
      pane: 'veil', renderer: svgOf('veil'), interactive: false,
      color: '#23272e', weight: 1.6 * state.growth, fillColor: '#ffffff', fillOpacity: 0.62,
    }));
  }
  for (const update of state.ofTown) update(town);
  goHome();
}

/** What is to be drawn anew for the chosen town, and once now. */
export function forTown(update) {
  state.ofTown.push(update);
  update(state.town);
}

/** Corners of the chosen town, or of all. */
export function homeBounds() {
  if (!state.town) return L.latLngBounds(data.bounds);
  return L.polygon(decodeShape(data.zones[state.town.zone].shape)).getBounds();
}
