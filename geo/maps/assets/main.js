// Start: put the panel beside the map, the layers on it, and keep both right on resize and in print.

const MOST_RADIUS = 20;
const state = { homeZoom: 0, pixelsPerPerson: 0, stationMarkers: [], gapMarkers: [], entries: {}, stack: [] };

/** Show everything; leave room for the legend only if it would cover people or stations. */
function goHome() {
  map.invalidateSize({ animate: false });
  map.fitBounds(data.bounds, { padding: [18, 18], animate: false });
  const legend = document.querySelector('.geo-legend');
  if (!legend || !legend.open || !isCovered(legend)) return;
  const room = legend.offsetWidth + 20;
  if (room > map.getSize().x / 2) return;
  map.fitBounds(data.bounds, { paddingTopLeft: [18, 18], paddingBottomRight: [room, 18], animate: false });
}

function isCovered(element) {
  const corner = map.getContainer().getBoundingClientRect(), box = element.getBoundingClientRect();
  const left = box.left - corner.left - 12, bottom = box.bottom - corner.top + 12;
  return [data.demand, data.unreached, columnsOf(data.stations), columnsOf(data.gaps)].some(points => points
    && points.x.some((x, i) => {
      const at = map.latLngToContainerPoint(toLatLng(x, points.y[i]));
      return at.x > left && at.y < bottom;
    }));
}

/** On a small map seen as a whole, signs shrink so that they do not hide one another. */
function markFar() {
  const isFar = (map.getSize().x < 640 && map.getZoom() < state.homeZoom + 1) || isCrowded();
  map.getContainer().classList.toggle('geo-far', isFar);
}

/** Whether many stations' signs would lie on one another at full size. */
function isCrowded() {
  const at = state.stationMarkers.filter(Boolean).map(marker => map.latLngToContainerPoint(marker.getLatLng()));
  const hidden = at.filter((a, i) => at.some((b, j) => i !== j && a.distanceTo(b) < 18));
  return at.length >= 20 && hidden.length * 4 > at.length;
}

function columnsOf(rows) {
  return { x: rows.map(row => row.x), y: rows.map(row => row.y) };
}

/**
 * The area of all circles together is a tenth of the box that the data fills on the screen, or less where
 * that would make the greatest of them hide its neighbours.
 */
function setCircleScale() {
  state.homeZoom = map.getZoom();
  const a = map.project(data.bounds[0]), b = map.project(data.bounds[1]);
  const pixels = Math.max(1, Math.abs((a.x - b.x) * (a.y - b.y)));
  const people = [data.demand, data.unreached].flatMap(points => (points ? points.people : []));
  const total = people.reduce((sum, n) => sum + n, 0), most = people.reduce((a, n) => Math.max(a, n), 1);
  state.pixelsPerPerson = Math.min(0.1 * pixels / Math.max(1, total), Math.PI * MOST_RADIUS * MOST_RADIUS / most);
}

function addControls() {
  const home = L.Control.extend({
    onAdd() {
      const box = make('div', 'leaflet-bar geo-tools');
      for (const [text, label, action] of [['⌂', data.title, goHome], ['☰', data.words.hide_panel, togglePanel]]) {
        const button = make('button', '', text);
        button.type = 'button';
        button.title = label;
        button.addEventListener('click', action);
        add(box, button);
      }
      L.DomEvent.disableClickPropagation(box);
      return box;
    },
  });
  const legend = L.Control.extend({
    onAdd() {
      const box = makeLegend();
      L.DomEvent.disableClickPropagation(box);
      L.DomEvent.disableScrollPropagation(box);
      return box;
    },
  });
  L.control.zoom({ position: 'topleft' }).addTo(map);
  new home({ position: 'topleft' }).addTo(map);
  L.control.scale({ position: 'bottomleft', imperial: false, maxWidth: 140 }).addTo(map);
  new legend({ position: 'topright' }).addTo(map);
}

function togglePanel() {
  document.body.classList.toggle('geo-wide');
  map.invalidateSize();
}

function start() {
  const body = document.body, credit = make('span', '', data.attribution);
  document.documentElement.lang = data.lang === 'zh' ? 'zh-CN' : 'en';
  body.classList.add('geo-page');
  body.insertBefore(makePanel(), body.firstChild);
  map.getContainer().classList.toggle('geo-sea', data.has_sea);
  map.attributionControl.setPrefix('Leaflet');
  if (data.attribution) map.attributionControl.addAttribution(credit.innerHTML);
  makePanes();
  goHome();
  setCircleScale();
  groundLayer().addTo(map);
  roadLayer().addTo(map);
  map.on('zoomend resize', markFar);
  addControls();
  goHome();
  markFar();
  window.addEventListener('beforeprint', goHome);
  window.addEventListener('afterprint', goHome);
}
