// The bar over the map, its legend, the card of a place and the box of an export.

import { add, make } from './shapes.js';
import { SAME_IN_TIME, SAME_LATE } from './canvas.js';
import { nameOf } from './panel.js';
import { KINDS } from './resources.js';
import { DISTANCES } from './spot.js';
import { people, say, time, wholeSeconds } from './words.js';

/** @param {HTMLElement} bar @param {any} model @param {Record<string, any>} act */
export function buildTools(bar, model, act) {
  const { state } = model, at = document.activeElement && document.activeElement.getAttribute('data-tool');
  const zoom = /** @type {HTMLElement} */ (document.getElementById('zoom'));
  const button = (name, text, what, { pressed = /** @type {boolean | null} */ (null), off = false, hint = '' } = {}) => {
    const one = make('button', '', text);
    one.type = 'button';
    one.disabled = off;
    one.onclick = what;
    one.dataset.tool = name;
    one.title = hint;
    if (pressed !== null) one.setAttribute('aria-pressed', String(pressed));
    return one;
  };
  const group = (...buttons) => add(make('div', 'live-group'), ...buttons);
  // An answer that comes while a menu is open builds the bar anew: the menu stays open.
  const unfolded = bar.querySelector('.live-items:not([hidden])'), unfoldedName = unfolded && /** @type {HTMLElement} */ (unfolded.previousElementSibling).dataset.tool;
  /** Buttons that unfold below one: the bar keeps to one row. */
  const menu = (name, text, ...buttons) => {
    const box = make('div', 'live-menu'), list = add(make('div', 'live-items'), ...buttons);
    const open = /** @param {boolean} isOpen */ isOpen => { list.hidden = !isOpen; head.setAttribute('aria-expanded', String(isOpen)); };
    const head = button(name, `${text} ▾`, () => open(list.hidden));
    head.classList.toggle('live-has', buttons.some(one => one.ariaPressed === 'true'));
    open(name === unfoldedName);
    list.addEventListener('click', () => open(false), true);
    box.addEventListener('focusout', event => { if (!box.contains(/** @type {Node | null} */ (event.relatedTarget))) open(false); });
    box.onkeydown = event => { if (event.key === 'Escape' && !list.hidden) { event.stopPropagation(); open(false); head.focus(); } };
    return add(box, head, list);
  };
  /** A button with a sign in the place of a word. */
  const sign = (name, mark, text, what, options = {}) => {
    const one = button(name, mark, what, { ...options, hint: options.hint ? `${text} (${options.hint})` : text });
    one.setAttribute('aria-label', text);
    return one;
  };
  const { spot } = model;
  const kinds = () => {
    const select = make('select', 'live-within');
    for (const kind of ['', ...KINDS]) {
      const option = make('option', '', say(kind ? `kind_${kind}` : 'kind_station'));
      option.value = kind;
      option.selected = kind === model.kind;
      add(select, option);
    }
    select.dataset.tool = 'kind';
    select.setAttribute('aria-label', say('kind'));
    select.onchange = () => act.kind(select.value);
    return select;
  };
  const distances = does => {
    const select = make('select', 'live-within');
    for (const metres of DISTANCES) {
      const option = make('option', '', say('spot_within', { km: metres / 1000 }));
      option.value = String(metres);
      option.selected = metres === spot.within;
      add(select, option);
    }
    select.dataset.tool = 'within';
    select.setAttribute('aria-label', say('spot_distance'));
    select.onchange = () => does.within(Number(select.value));
    return select;
  };
  bar.replaceChildren(
    group(
      sign('undo', '↶', say('undo'), act.undo, { off: !state || !state.n_undo, hint: 'Ctrl+Z' }),
      sign('redo', '↷', say('redo'), act.redo, { off: !state || !state.n_redo, hint: 'Ctrl+Y' }),
    ),
    group(
      button('add', `+ ${say('new')}`, () => act.tool('add'), { pressed: model.tool === 'add', hint: `N: ${say('new_station_hint')}` }),
      kinds(),
      menu('roads', say('roads'),
        button('road', say('close_road'), () => act.tool('road'), { pressed: model.tool === 'road', hint: say('close_road_hint') }),
        button('flood', say('flood'), () => act.tool('flood'), { pressed: model.tool === 'flood', hint: say('flood_hint') }),
        button('open_roads', say('open_roads'), act.openRoads, { off: !state || !state.closed_roads.length }),
      ),
      button('spot', say('spot'), act.spot, { pressed: spot.isOn, hint: say('spot_hint') }),
      ...(spot.isOn ? [distances(act)] : []),
    ),
    group(
      button('time', say('colour_time'), () => act.mode('time'), { pressed: model.mode === 'time' }),
      button('change', say('colour_change'), () => act.mode('change'), { pressed: model.mode === 'change' }),
      button('second', say('second'), act.second, { pressed: model.second, hint: say('second_hint') }),
    ),
    group(button('scenarios', say('scenarios'), act.scenarios), button('beside', say('beside'), act.beside, { pressed: Boolean(model.beside) })),
    group(button('export', say('export'), act.exported), button('language', say('language'), act.language)),
  );
  bar.setAttribute('aria-label', say('bar'));
  zoom.setAttribute('aria-label', say('zoom'));
  zoom.replaceChildren(
    group(
      sign('in', '+', say('zoom_in'), () => act.zoom(1.4)),
      sign('out', '−', say('zoom_out'), () => act.zoom(1 / 1.4)),
      sign('all', '⤢', say('zoom_all'), () => act.zoom(0)),
    ),
  );
  const again = at && /** @type {HTMLElement | null} */ (document.querySelector(`[data-tool="${at}"]`)), folded = again && again.closest('.live-items[hidden]');
  if (again) /** @type {HTMLElement} */ (folded ? folded.previousElementSibling : again).focus();
}

/** @param {HTMLElement} box @param {any} model */
export function buildLegend(box, model) {
  const { state, hello } = model, bands = hello.study.bands_s;
  const rows = model.mode === 'change'
    ? [[state.change_colours.gains, say('legend_gain')], [state.change_colours.loses, say('legend_lose')], [SAME_IN_TIME, say('legend_in_time')], [SAME_LATE, say('legend_late')]]
    : [
        ...bands.map((end, i) => [state.colours[i], say('within', { time: time(end) })]),
        [state.colours[bands.length], say('beyond', { time: time(bands[bands.length - 1]) })],
        [state.colours[bands.length + 1], say('not_reached')],
      ];
  box.replaceChildren(make('b', '', model.second ? say('second') : say(model.mode === 'change' ? 'colour_change' : 'colour_time')));
  for (const [colour, text] of rows) {
    const swatch = make('i');
    swatch.style.background = colour;
    add(box, add(make('div'), swatch, make('span', '', text)));
  }
}

/**
 * Say what the roads are that the station in hand reaches: whether they are too many, null where none is in hand.
 * @param {HTMLElement} box @param {boolean | null} isCut
 */
export function tellReach(box, isCut) {
  const before = box.querySelector('.live-in-reach');
  if (isCut === null || isCut === undefined) { if (before) before.remove(); return; }
  const text = say(isCut ? 'legend_reach_cut' : 'legend_reach');
  if (before) { const told = /** @type {HTMLElement} */ (before.lastElementChild); if (told.textContent !== text) told.textContent = text; return; }
  add(box, add(make('div', 'live-in-reach'), make('i'), make('span', '', text)));
}

/** @param {HTMLElement} card @param {any} place @param {any} model @param {import('./canvas.js').MapView} map */
export function showCard(card, place, model, map) {
  card.hidden = !place;
  if (!place) return;
  const station = id => nameOf(model.state.stations.find(one => one.id === id), id);
  card.replaceChildren(make('h3', '', place.name || place.zone));
  add(card, make('p', 'geo-quiet', `${place.name ? `${place.zone} · ` : ''}${say('place_people', { n: people(place.people) })}`));
  const list = make('dl');
  const row = (/** @type {string} */ label, /** @type {string} */ value, className = '') => add(list, make('dt', '', label), make('dd', className, value));
  if (place.first_id === null) row(say('not_reached'), say(`reason_${place.reason}`));
  else {
    row(`${say('place_first')} · ${station(place.first_id)}`, time(place.first_s));
    let until = 0; // what is shown of the parts adds up to the whole
    for (const part of ['call', 'turnout', 'leave', 'drive', 'access']) {
      const seconds = place[`${part}_s`], before = wholeSeconds(until);
      until += seconds;
      if (seconds) { row(say(`part_${part}`), time(wholeSeconds(until) - before), 'live-part'); }
    }
    if (place.second_id !== null) row(`${say('place_second')} · ${station(place.second_id)}`, time(place.second_s));
  }
  add(card, list);
  const [x, y] = map.toScreen(place.x, place.y);
  const { grow } = map, top = 60 * grow; // below the bar
  card.style.left = `${Math.min(Math.max(x + 16, 8), Math.max(8, map.width - 290 * grow))}px`;
  card.style.top = `${Math.min(Math.max(y - 30, top), Math.max(top, map.height - 250 * grow))}px`;
}
