// The legend: every layer with its switch, in groups that fold.

import { KINDS, eachAreaLayer, facilityLayer, gapLayer, peopleLayer, radiusOf, shadeLayer, sign, stationLayer, stationSign, unionLayer, unreachedLayer, zoneNameLayer } from './draw_layers.js';
import { findingClasses, findingLayer, findingSymbol, restack } from './findings.js';
import { data, map } from './given.js';
import { state } from './main.js';
import { add, make } from './shapes.js';
import { makeBasemap } from './tiles.js';

export function swatch(colour, className) {
  const box = make('i', 'geo-swatch ' + (className || ''));
  box.style.background = colour;
  return box;
}

/** A heading of the legend with its layers below; it says how many of them show. */
function legendGroup(parent, heading) {
  const box = make('details', 'geo-group'), count = make('span', 'geo-count'), names = [];
  add(parent, add(box, add(make('summary'), make('b', '', heading), count)));
  return {
    box, names,
    update() {
      const on = names.filter(name => state.entries[name].box.checked).length;
      count.textContent = `${on}/${names.length}`;
      count.classList.toggle('geo-some', on > 0);
    },
  };
}

/**
 * One switch of the legend: a tick box with its symbol, and the classes that it stands for below.
 * The layer is built when it is first switched on, so that a map of many layers opens fast.
 * @param {any} group
 * @param {string} name
 * @param {string} label
 * @param {() => any} build
 * @param {{isOn: boolean, symbol: Node, classes?: Node[], note?: string}} look
 */
function layerEntry(group, name, label, build, { isOn, symbol, classes, note }) {
  const row = make('label', 'geo-layer'), box = make('input'), below = make('div', 'geo-classes');
  const entry = { box, group, layer: /** @type {any} */ (null) };
  box.type = 'checkbox';
  box.checked = isOn;
  box.dataset.layer = name;
  if (classes) add(below, ...classes);
  function apply() {
    if (box.checked) {
      if (!entry.layer) entry.layer = build();
      entry.layer.addTo(map);
      restack();
    } else if (entry.layer) entry.layer.remove();
    below.hidden = !classes || !box.checked;
    group.update();
  }
  box.addEventListener('change', apply);
  state.entries[name] = entry;
  group.names.push(name);
  apply();
  add(group.box, add(row, box, symbol, make('span', 'geo-name', label), note ? make('small', '', note) : null), below);
}

/** Unfold the legend's group in which a layer was switched on from elsewhere. */
export function openLegendAt(entry) {
  entry.group.box.open = true;
}

function bandStrip() {
  const strip = make('div', 'geo-strip');
  for (const band of data.bands.slice(0, -1)) {
    add(strip, add(make('div'), swatch(band.colour), make('span', '', band.label)));
  }
  return strip;
}

function sizeLegend() {
  const box = make('div', 'geo-sizes'), update = () => drawSizes(box, state.growth);
  map.on('zoomend', update);
  update();
  return box;
}

/** Circles as large as on the map, in a box whose letters are enlarged. */
export function drawSizes(box, enlarged) {
  box.replaceChildren(make('span', '', data.words.size_legend));
  for (const people of niceSizes()) {
    const circle = make('i');
    circle.style.width = circle.style.height = 2 * radiusOf(people) / enlarged + 'px';
    add(box, add(make('span', 'geo-size'), circle, make('span', '', people.toLocaleString('en-US'))));
  }
}

/** Two round numbers of people near the middle and the top of what is drawn. */
function niceSizes() {
  const people = data.demand.people;
  const round = n => [1, 2, 5, 10].map(k => k * Math.pow(10, Math.floor(Math.log10(n)))).filter(k => k <= n).pop() || 1;
  const both = [people[Math.floor(people.length / 2)], people[0]].filter(n => n >= 1).map(round);
  return [...new Set(both)];
}

function statusClasses() {
  const found = [...new Set(data.stations.map(station => station.status))];
  return found.map(status => add(make('div', 'geo-class'), stationSign(status, ''),
    make('span', '', data.words['status_' + status] || status)));
}

function zoneClasses() {
  const classes = data.zone_classes.map(c => add(make('div', 'geo-class'), swatch(c.colour), make('span', '', c.label)));
  if (data.zones.some(zone => zone.class === null)) {
    classes.push(add(make('div', 'geo-class'), swatch('#c9c9c9'), make('span', '', data.words.no_data)));
  }
  return classes;
}

export function makeLegend() {
  const box = make('details', 'geo-legend'), body = make('div', 'geo-legend-body'), w = data.words;
  box.open = true;
  add(box, make('summary', '', w.legend), body);
  responseEntries(legendGroup(body, w.group_response));
  if (data.facilities.length) facilityEntries(legendGroup(body, w.group_facilities));
  const groups = new Map();
  for (const finding of data.findings) {
    if (!groups.has(finding.group)) groups.set(finding.group, legendGroup(body, finding.heading));
    layerEntry(groups.get(finding.group), 'finding_' + finding.name, finding.label, () => findingLayer(finding), {
      isOn: finding.is_on, symbol: findingSymbol(finding), classes: findingClasses(finding), note: finding.n.toLocaleString('en-US'),
    });
  }
  unfold();
  if (data.basemaps.length) add(body, basemapChoice());
  return box;
}

/** Open the groups in which a layer shows; where there are few layers, all of them. */
function unfold() {
  const entries = Object.values(state.entries);
  for (const entry of entries) {
    if (entries.length <= 10 || entry.box.checked) entry.group.box.open = true;
  }
}

function responseEntries(group) {
  const w = data.words, entry = (name, label, build, options) => layerEntry(group, name, label, build, options);
  if (data.stations.length) entry('stations', w.stations, stationLayer, { isOn: true, classes: statusClasses() });
  if (data.gaps.length) entry('gaps', w.gaps, gapLayer, { isOn: true, symbol: make('i', 'geo-gap-symbol', '1') });
  if (data.unreached) entry('unreached', w.unreachable_layer, unreachedLayer, { isOn: true, symbol: make('i', 'geo-cross', '×') });
  if (data.demand) entry('people', w.people_here, peopleLayer, { isOn: true, classes: [bandStrip(), sizeLegend()] });
  if (data.areas.union.length) {
    const label = data.areas.union.length === 1 ? data.areas.union[0].label : w.union_area;
    entry('union', label, unionLayer, { isOn: true, symbol: swatch('', 'geo-area') });
  }
  if (data.areas.each.length) entry('each', w.each_area, eachAreaLayer, { isOn: false, symbol: swatch('', 'geo-each') });
  if (data.zones.some(zone => zone.class !== null)) {
    entry('shade', w.zone_shading, shadeLayer, { isOn: false, symbol: swatch(data.zone_classes[4].colour), classes: zoneClasses() });
  }
  if (data.zones.length) {
    entry('zones', w.zone_names, zoneNameLayer, { isOn: true, symbol: swatch('', 'geo-border') });
  }
}

function facilityEntries(group) {
  for (const { kind, label, places } of data.facilities) {
    const look = KINDS[kind] || { colour: '#555555', path: 'M6 6h12v12H6z' };
    layerEntry(group, 'kind_' + kind, label, () => facilityLayer({ kind, label, places }),
      { isOn: false, symbol: sign({ ...look, size: 16, round: 9 }), note: places.length.toLocaleString('en-US') });
  }
}

function basemapChoice() {
  const w = data.words, box = make('div', 'geo-basemaps');
  add(box, make('b', '', w.basemap));
  let shown = null;
  [null, ...data.basemaps].forEach((basemap, i) => {
    const row = make('label', 'geo-layer'), choice = make('input');
    choice.type = 'radio';
    choice.name = 'geo-basemap';
    choice.value = String(i);
    choice.checked = basemap === null;
    choice.addEventListener('change', () => {
      if (shown) shown.remove();
      shown = basemap && makeBasemap(basemap).addTo(map);
      for (const pane of ['ground', 'roads']) map.getPane(pane).style.display = shown ? 'none' : '';
    });
    add(box, add(row, choice, make('span', '', basemap ? basemap.label : w.basemap_none)));
  });
  return box;
}
