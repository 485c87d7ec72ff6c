// Start: put the panel beside the map, the layers on it, and keep both right on resize and in print.

import { groundLayer, makePanes, roadLayer } from './draw_layers.js';
import { L, data, map } from './given.js';
import { makeLegend } from './legend.js';
import { makePanel } from './panel.js';
import { PAPERS, printOn, printerSign, readyToPrint } from './print.js';
import { ScaleBar, fitScreen, isPhone, makeDock, meanNearest, setName, translateLeaflet, watchLegend } from './screen.js';
import { add, fill, make, toLatLng } from './shapes.js';
import { homeBounds } from './towns.js';

const MOST_RADIUS = 20;
/**
 * What the page knows at the moment; layers, markers and places are Leaflet's.
 * @type {{
 *   homeZoom: number, pixelsPerPerson: number, growth: number, isPrinting: boolean, stationMarkers: any[], gapMarkers: any[],
 *   entries: Record<string, any>, stack: {group: any, rank: number}[], parts: Record<string, any>,
 *   paper?: any, sheet?: any, onScreen?: any, way?: any, popup?: any, town: any, ofTown: ((town: any) => void)[], veil: any, home: {centre: any, zoom: number} | null, placeNames: (update?: any) => void,
 * }}
 */
export const state = {
  homeZoom: 0, pixelsPerPerson: 0, growth: 1, isPrinting: false, stationMarkers: [], gapMarkers: [], entries: {}, stack: [],
  parts: {}, town: null, ofTown: [], veil: null, home: null, placeNames: () => {},
};

/** Show everything, or the chosen town, and an open pop-up whole. */
export function goHome() {
  showHome();
  keepPopup();
}

/** Leave room for the legend only if it would cover people or stations. */
function showHome() {
  const bounds = homeBounds(), legend = state.parts.legend;
  map.invalidateSize({ animate: false });
  map.fitBounds(bounds, { paddingTopLeft: [isPhone() ? 58 : 18, 18], paddingBottomRight: [18, 18], animate: false });
  state.home = viewNow();
  if (!legend || !legend.open || isPhone() || state.isPrinting || !isCovered(legend)) return;
  const room = legend.getBoundingClientRect().width + 20;
  if (room > map.getSize().x / 2) return;
  map.fitBounds(bounds, { paddingTopLeft: [18, 18], paddingBottomRight: [room, 18], animate: false });
  state.home = viewNow();
}

/** A pop-up of a place that is shown moves into the picture; one of a place outside the chosen town closes. */
function keepPopup() {
  if (!state.popup || state.isPrinting) return;
  if (homeBounds().contains(state.popup.getLatLng())) state.popup.update();
  else map.closePopup(state.popup);
}

export function viewNow() {
  return { centre: map.getCenter(), zoom: map.getZoom() };
}

/** Whether the map shows what it showed at first: the reader moved nothing. */
export function isHome() {
  const now = viewNow();
  return state.home && now.zoom === state.home.zoom && now.centre.distanceTo(state.home.centre) < 1;
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
  const at = state.stationMarkers.filter(Boolean).map(marker => map.latLngToContainerPoint(marker.getLatLng())).sort((a, b) => a.x - b.x);
  let hidden = 0;
  at.forEach((a, i) => {
    const meets = step => {
      for (let j = i + step; at[j] && Math.abs(at[j].x - a.x) < 18; j += step) if (a.distanceTo(at[j]) < 18) return true;
      return false;
    };
    hidden += Number(meets(1) || meets(-1));
  });
  return at.length >= 20 && hidden * 4 > at.length;
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
  state.pixelsPerPerson = Math.min(0.1 * pixels / Math.max(1, total), Math.PI * MOST_RADIUS * MOST_RADIUS * state.growth * state.growth / most);
}

function addControls() {
  const home = L.Control.extend({
    onAdd() {
      const box = make('div', 'leaflet-bar geo-tools');
      const w = data.words, tools = [['⌂', w.home, goHome], ['☰', w.hide_panel, togglePanel]];
      for (const paper of Object.keys(PAPERS)) tools.push([printerSign(paper), fill(w.print, { paper }), () => printOn(paper)]);
      for (const [sign, label, action] of tools) {
        const button = setName(make('button', action === togglePanel ? 'geo-fold-panel' : ''), label);
        button.type = 'button';
        button.title = label;
        button.append(sign);
        button.addEventListener('click', action);
        add(box, button);
      }
      L.DomEvent.disableClickPropagation(box);
      return box;
    },
  });
  const legend = L.Control.extend({
    onAdd() {
      const home = make('div', 'geo-legend-home');
      state.parts.legend = watchLegend(makeLegend());
      state.parts.legendHome = home;
      L.DomEvent.disableClickPropagation(home);
      L.DomEvent.disableScrollPropagation(home);
      return add(home, state.parts.legend);
    },
  });
  L.control.zoom({ position: 'topleft', zoomInTitle: data.words.zoom_in, zoomOutTitle: data.words.zoom_out }).addTo(map);
  new home({ position: 'topleft' }).addTo(map);
  new ScaleBar({ position: 'bottomleft', imperial: false, maxWidth: 140 }).addTo(map);
  new legend({ position: 'topright' }).addTo(map);
}

function togglePanel() {
  document.body.classList.toggle('geo-wide');
  map.invalidateSize();
}

/** The page's frame: languages and landmarks for screen readers, and letters that may be enlarged. */
function preparePage() {
  const body = document.body, chart = map.getContainer(), viewport = /** @type {HTMLMetaElement | null} */ (document.querySelector('meta[name=viewport]'));
  document.documentElement.lang = data.lang === 'zh' ? 'zh-CN' : 'en';
  if (viewport) viewport.content = 'width=device-width, initial-scale=1';
  body.classList.add('geo-page');
  chart.setAttribute('role', 'main');
  setName(chart, fill(data.words.map_of, { title: data.title }));
  chart.classList.toggle('geo-sea', data.has_sea);
  state.veil = L.layerGroup().addTo(map);
  const { head, panel } = makePanel(), dock = makeDock();
  state.parts = { head, panel, dock };
  body.insertBefore(panel, body.firstChild);
  panel.insertBefore(head, panel.firstChild);
  chart.after(dock);
}

function start() {
  const credit = make('span', '', data.attribution);
  translateLeaflet();
  preparePage();
  map.attributionControl.setPrefix('Leaflet');
  if (data.attribution) map.attributionControl.addAttribution(credit.innerHTML);
  makePanes();
  fitScreen();
  goHome();
  setCircleScale();
  groundLayer().addTo(map);
  roadLayer().addTo(map);
  map.on('zoomend resize', markFar);
  addControls();
  fitScreen();
  goHome();
  markFar();
  meanNearest();
  map.on('popupopen popupclose', event => {
    state.popup = event.type === 'popupopen' ? event.popup : null;
    map.getContainer().classList.toggle('geo-reading', Boolean(state.popup));
  });
  window.addEventListener('resize', fitScreen);
  readyToPrint();
}
