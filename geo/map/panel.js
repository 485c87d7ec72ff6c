// The panel beside the map (figures, targets, gaps, search, about) and the legend on it.

function section(parent, heading, isOpen) {
  const box = make('details', 'geo-section');
  box.open = isOpen;
  add(parent, add(box, make('summary', '', heading)));
  return box;
}

function makePanel() {
  const panel = make('aside', 'geo-panel'), w = data.words;
  const head = make('header');
  if (data.badge) add(head, make('span', 'geo-badge', data.badge));
  add(head, make('h1', '', data.title));
  if (data.standard) add(head, make('p', 'geo-quiet', data.standard));
  add(panel, head, searchBox(), figures());
  if (data.bands.length) add(section(panel, w.bands, true), bandTable());
  if (data.targets.length) add(section(panel, w.targets, true), targetTable());
  if (data.gaps.length) add(section(panel, w.gaps, true), make('p', 'geo-quiet', w.gaps_hint), gapList());
  const about = section(panel, w.about, false);
  for (const line of data.about) add(about, make('p', '', line));
  if (data.attribution) add(about, make('p', '', data.attribution));
  return panel;
}

function figures() {
  if (!data.figures.length) return null;
  const grid = make('div', 'geo-figures');
  for (const figure of data.figures) {
    add(grid, add(make('div', `geo-figure ${figure.tone ? 'geo-' + figure.tone : ''}`),
      make('span', '', figure.label), make('strong', '', figure.value), make('small', '', figure.note)));
  }
  return grid;
}

function bandTable() {
  const table = make('table', 'geo-bands');
  for (const band of data.bands) {
    const bar = make('i');
    bar.style.width = band.share * 100 + '%';
    bar.style.background = band.colour;
    add(table, add(make('tr'), add(make('td'), swatch(band.colour), make('span', '', band.label)),
      add(make('td', 'geo-bar'), bar), make('td', 'geo-number', band.people), make('td', 'geo-number', band.share_text)));
  }
  return table;
}

const TARGET_SIGNS = { met: '✓', missed: '✗', 'no data': '?', 'not computed': '·' };

/** Targets: missed and met in sight; those without data or not computed folded below. */
function targetTable() {
  const box = make('div', 'geo-targets'), groups = new Map();
  for (const target of data.targets) {
    if (!groups.has(target.status)) groups.set(target.status, []);
    groups.get(target.status).push(target);
  }
  for (const [status, targets] of groups) {
    const isMain = status === 'met' || status === 'missed', list = make('ul');
    for (const target of targets) add(list, targetRow(target));
    if (isMain) { add(box, list); continue; }
    const fold = make('details', 'geo-fold');
    add(box, add(fold, make('summary', '', `${targets[0].status_text} (${targets.length})`), list));
  }
  return box;
}

function targetRow(target) {
  const w = data.words, row = make('li', 'geo-target geo-' + target.status.replace(' ', '-'));
  const mark = make('span', 'geo-status', `${TARGET_SIGNS[target.status] || ''} ${target.status_text}`);
  add(row, add(make('div'), make('b', '', target.name), mark));
  add(row, make('p', '', `${w.value} ${target.value}　${w.target} ${target.target}`));
  if (target.evidence) add(row, make('p', 'geo-quiet', target.evidence));
  return row;
}

function gapList() {
  const box = make('div', 'geo-gaps'), main = make('ol'), rest = make('ol'), w = data.words;
  data.gaps.forEach((gap, i) => add(i < 10 ? main : rest, gapRow(gap, i)));
  add(box, main);
  if (!rest.children.length) return box;
  const fold = make('details', 'geo-fold');
  return add(box, add(fold, make('summary', '', fill(w.more, { n: rest.children.length })), rest));
}

function gapRow(gap, i) {
  const button = make('button', gap.is_unreached ? 'geo-lost' : '');
  button.type = 'button';
  add(button, make('span', 'geo-rank', i + 1), make('b', '', gap.name), make('span', '', gap.people), make('small', '', gap.time));
  button.addEventListener('click', () => goTo(state.gapMarkers[i], 'gaps', 13));
  return add(make('li'), button);
}

/** Zoom to a marker, make sure that its layer is shown, and open its pop-up. */
function goTo(marker, layerName, zoom) {
  if (!marker) return;
  const entry = state.entries[layerName];
  if (!entry.box.checked) entry.box.click();
  entry.layer.addLayer(marker);
  map.setView(marker.getLatLng(), Math.max(zoom, map.getZoom()), { animate: false });
  marker.openPopup();
}

function searchBox() {
  const w = data.words;
  if (!data.stations.length) return null;
  const box = make('div', 'geo-search'), input = make('input'), list = make('ul');
  input.type = 'search';
  input.placeholder = w.search_hint;
  input.setAttribute('aria-label', w.search);
  list.hidden = true;
  const open = i => { list.hidden = true; goTo(state.stationMarkers[i], 'stations', 13); };
  function update() {
    const wanted = input.value.trim().toLowerCase();
    const found = data.stations.map((station, i) => i)
      .filter(i => wanted && data.stations[i].name.toLowerCase().includes(wanted)).slice(0, 8);
    list.replaceChildren(...found.map(i => {
      const button = make('button', '', data.stations[i].name);
      button.type = 'button';
      add(button, make('small', '', data.stations[i].about));
      button.addEventListener('click', () => open(i));
      return add(make('li'), button);
    }));
    if (wanted && !found.length) add(list, make('li', 'geo-quiet', w.no_match));
    list.hidden = !wanted;
    return found;
  }
  input.addEventListener('input', update);
  input.addEventListener('keydown', event => {
    if (event.key === 'Escape') { input.value = ''; update(); }
    if (event.key !== 'Enter') return;
    const found = update();
    if (found.length) open(found[0]);
  });
  return add(box, input, list);
}

function swatch(colour, className) {
  const box = make('i', 'geo-swatch ' + (className || ''));
  box.style.background = colour;
  return box;
}

/** One switch of the legend: a tick box with its symbol, and the classes that it stands for below. */
function layerEntry(parent, name, label, layer, { isOn, symbol, classes }) {
  const row = make('label', 'geo-layer'), box = make('input'), below = make('div', 'geo-classes');
  box.type = 'checkbox';
  box.checked = isOn;
  box.dataset.layer = name;
  if (classes) add(below, ...classes);
  function apply() {
    if (box.checked) layer.addTo(map);
    else layer.remove();
    below.hidden = !classes || !box.checked;
  }
  box.addEventListener('change', apply);
  apply();
  state.entries[name] = { box, layer };
  add(parent, add(row, box, symbol, make('span', '', label)), below);
}

function bandStrip() {
  const strip = make('div', 'geo-strip');
  for (const band of data.bands.slice(0, -1)) {
    add(strip, add(make('div'), swatch(band.colour), make('span', '', band.label)));
  }
  return strip;
}

function sizeLegend() {
  const box = make('div', 'geo-sizes');
  function update() {
    box.replaceChildren(make('span', '', data.words.size_legend));
    for (const people of niceSizes()) {
      const circle = make('i'), width = 2 * radiusOf(people);
      circle.style.width = circle.style.height = width + 'px';
      add(box, add(make('span', 'geo-size'), circle, make('span', '', people.toLocaleString('en-US'))));
    }
  }
  map.on('zoomend', update);
  update();
  return box;
}

/** Two round numbers of people near the middle and the top of what is drawn. */
function niceSizes() {
  const people = data.demand.people;
  const round = n => [1, 2, 5, 10].map(k => k * Math.pow(10, Math.floor(Math.log10(n)))).filter(k => k <= n).pop();
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

function makeLegend() {
  const box = make('details', 'geo-legend'), body = make('div', 'geo-legend-body'), w = data.words;
  box.open = window.innerWidth > 860;
  add(box, make('summary', '', w.legend), body);
  const entry = (name, label, layer, options) => layerEntry(body, name, label, layer, options);
  if (data.stations.length) entry('stations', w.stations, stationLayer(), { isOn: true, classes: statusClasses() });
  if (data.gaps.length) entry('gaps', w.gaps, gapLayer(), { isOn: true, symbol: make('i', 'geo-gap-symbol', '1') });
  if (data.unreached) entry('unreached', w.unreachable_layer, unreachedLayer(), { isOn: true, symbol: make('i', 'geo-cross', '×') });
  if (data.demand) entry('people', w.people_here, peopleLayer(), { isOn: true, classes: [bandStrip(), sizeLegend()] });
  if (data.areas.union.length) {
    const label = data.areas.union.length === 1 ? data.areas.union[0].label : w.union_area;
    entry('union', label, unionLayer(), { isOn: true, symbol: swatch('', 'geo-area') });
  }
  if (data.areas.each.length) entry('each', w.each_area, eachAreaLayer(), { isOn: false, symbol: swatch('', 'geo-each') });
  if (data.zones.some(zone => zone.class !== null)) {
    entry('shade', w.zone_shading, shadeLayer(), { isOn: false, classes: zoneClasses() });
  }
  if (data.zones.length) {
    entry('zones', w.zone_names, zoneNameLayer(), { isOn: true, symbol: swatch('', 'geo-border') });
  }
  for (const { kind, label, places } of data.facilities) {
    const look = KINDS[kind] || { colour: '#555555', path: 'M6 6h12v12H6z' };
    entry('kind_' + kind, `${label} (${places.length})`, facilityLayer(kind, places),
      { isOn: false, symbol: sign({ ...look, size: 16, round: 9 }) });
  }
  if (data.basemaps.length) add(body, basemapChoice());
  return box;
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
