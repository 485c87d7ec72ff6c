// The screen that the map stands on: desk, phone or wall; and the words of Leaflet's own controls.

import { L, data, map } from './given.js';
import { goHome, isHome, state } from './main.js';
import { add, make } from './shapes.js';

const PHONE = 860;
const DESK = { width: 1700, height: 950 };
const MOST_GROWTH = 2.4;

/** How many times larger signs and letters are drawn than on a desk: a wall is read from afar. */
function growthOf(width, height) {
  return Math.max(1, Math.min(MOST_GROWTH, width / DESK.width, height / DESK.height));
}

export function setGrowth(growth) {
  state.growth = growth;
  document.body.style.setProperty('--grow', growth.toFixed(3));
}

export function isPhone() {
  return document.body.classList.contains('geo-phone');
}

/** Take the measure of the window, and put title, panel and legend where they belong on it. */
export function fitScreen() {
  if (state.isPrinting) return;
  const narrow = window.innerWidth <= PHONE;
  setGrowth(narrow ? 1 : growthOf(window.innerWidth, window.innerHeight));
  document.body.classList.toggle('geo-phone', narrow);
  arrange(narrow);
}

/** On a phone the title stands above the map, and panel and legend fold below it; nothing covers the map. */
function arrange(narrow) {
  const { head, panel, legend, legendHome, dock } = state.parts;
  const headHome = narrow ? document.body : panel, legendIn = narrow ? dock : legendHome;
  if (head.parentNode === headHome && (!legend || legend.parentNode === legendIn)) return;
  headHome.insertBefore(head, narrow ? panel : panel.firstChild);
  if (legend) add(legendIn, legend);
  if (legend && !narrow) legend.open = true;
  else unfoldSheet('');
}

/** Open one of the two sheets of a phone (`panel`, `legend`), or none; the map keeps what it showed. */
function unfoldSheet(name) {
  const { legend, dock } = state.parts, wasHome = isHome();
  document.body.classList.toggle('geo-open-panel', name === 'panel');
  dock.classList.toggle('geo-open-legend', name === 'legend');
  dock.firstChild.setAttribute('aria-expanded', String(name === 'panel'));
  if (legend) legend.open = name === 'legend';
  map.invalidateSize({ animate: false });
  if (wasHome) goHome();
}

/** The foot of a phone: a button for the panel, and the legend, which folds by itself. */
export function makeDock() {
  const dock = setName(make('nav', 'geo-dock'), data.words.sheets), button = make('button', '', data.words.panel);
  button.type = 'button';
  button.addEventListener('click', () => unfoldSheet(button.getAttribute('aria-expanded') === 'true' ? '' : 'panel'));
  return add(dock, button);
}

/** One sheet at a time: the legend that opens folds the panel. */
export function watchLegend(legend) {
  legend.addEventListener('toggle', () => {
    if (isPhone() && legend.open !== state.parts.dock.classList.contains('geo-open-legend')) unfoldSheet(legend.open ? 'legend' : '');
  });
  return legend;
}

/** Fold a phone's sheets: what was asked for is on the map. */
export function showMap() {
  if (isPhone()) unfoldSheet('');
}

/** Leaflet says its own words in English: here they are said in the map's language. */
export function translateLeaflet() {
  const initPopup = L.Popup.prototype._initLayout;
  L.Popup.include({
    _initLayout() {
      initPopup.call(this);
      this._contentNode.tabIndex = 0;  // what is longer than the map scrolls, by keys too
      if (this._closeButton) setName(this._closeButton, data.words.close);
    },
  });
}

export const ScaleBar = L.Control.Scale.extend({
  _updateMetric(most) {
    const metres = this._getRoundNum(most), w = data.words;
    const text = metres < 1000 ? `${metres} ${w.metres}` : `${metres / 1000} ${w.kilometres}`;
    this._updateScale(this._mScale, text, metres / most);
  },
});

/** Give an element the name that a screen reader says. */
export function setName(element, text) {
  element.setAttribute('aria-label', text);
  return element;
}

/** Name a marker for screen readers and keep the keyboard's focus where its pop-up was opened from. */
export function named(marker, text) {
  // Leaflet also moves the map for the pointer, as soon as it goes down on a sign near the border: the click then misses it.
  marker.options.autoPanOnFocus = false;
  marker.on('add', () => {
    const element = setName(marker.getElement(), text);
    element.addEventListener('focus', () => {
      if (element.matches(':focus-visible')) map.panInside(marker.getLatLng(), { padding: [40, 40] });
    });
  });
  marker.on('popupclose', () => {
    const element = marker.getElement(), open = document.activeElement;
    if (element && open && open.closest('.leaflet-popup')) element.focus({ preventScroll: true });
  });
  marker.on('keydown', ({ originalEvent: event }) => {
    if (event.key !== ' ') return;
    event.preventDefault();
    marker.openPopup();
  });
  return marker;
}

/** A finger is wider than a sign: where signs crowd, the one nearest to the finger is meant. */
export function meanNearest() {
  map.getPane('markerPane').addEventListener('click', event => {
    const sign = event.target.closest('.leaflet-interactive');
    if (!isPhone() || !sign || event.isMeant) return;
    const away = element => {
      const box = element.getBoundingClientRect();
      return Math.hypot(box.x + box.width / 2 - event.clientX, box.y + box.height / 2 - event.clientY);
    };
    const signs = [...map.getPane('markerPane').querySelectorAll('[role=button]')];
    const nearest = signs.reduce((a, b) => (away(b) < away(a) ? b : a), sign);
    if (nearest === sign) return;
    event.stopPropagation();
    const meant = new MouseEvent('click', { bubbles: true, clientX: event.clientX, clientY: event.clientY });
    Object.assign(meant, { isMeant: true });
    nearest.dispatchEvent(meant);
  }, true);
}
