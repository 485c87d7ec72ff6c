// What stands beside the map: figures against today, conditions, stations, towns, targets, changes.

import { add, make } from './shapes.js';
import { KINDS, sizeFields } from './resources.js';
import { people, percent, say, signed, spoken, time } from './words.js';

const OUTSIDE = 'outside all zones';

/**
 * Build the panel; the parts that change are given back by name.
 * @param {HTMLElement} root
 * @param {any} hello
 * @param {Record<string, (...args: any[]) => void>} act
 */
export function buildPanel(root, hello, act) {
  const { study } = hello;
  /** @type {Record<string, any>} */
  const parts = {};
  root.replaceChildren();
  add(root, make('h1', '', study.name));
  const badges = make('p', 'live-badges');
  parts.live = make('span', 'geo-badge live-on', say('live'));
  add(badges, parts.live, study.synthetic ? make('span', 'geo-badge', say('synthetic')) : null);
  parts.clock = make('p', 'geo-quiet');
  parts.checked = make('p', 'live-checked');
  parts.ranges = make('p', 'live-ranges');
  parts.figures = make('div', 'geo-figures live-figures');
  parts.beside = make('div', 'live-beside');
  parts.beside.hidden = true;
  add(root, badges, parts.clock, parts.figures, parts.ranges, parts.checked, parts.beside);
  parts.settings = settings(root, study, act);
  parts.chosen = make('div', 'live-chosen');
  add(root, parts.chosen);
  parts.stations = section(root, 'stations');
  parts.suggest = section(root, 'suggest');
  parts.towns = section(root, 'towns');
  parts.targets = section(root, 'targets');
  parts.resources = section(root, 'resources');
  parts.history = section(root, 'history');
  return parts;
}

/** @param {HTMLElement} root @param {string} name */
function section(root, name) {
  const box = make('details', 'geo-section');
  box.open = true;
  add(box, make('summary', '', say(name)));
  const body = make('div');
  add(box, body);
  add(root, box);
  return body;
}

/** @param {HTMLElement} root @param {any} study @param {Record<string, any>} act */
function settings(root, study, act) {
  const body = section(root, 'settings');
  const presets = make('div', 'geo-chips live-presets');
  for (const [name, values] of [['day', {}], ['night', { speed_factor: 1.1, turnout_s: 90 }], ['rain', { speed_factor: 0.8 }]]) {
    const button = make('button', '', say(`preset_${name}`));
    button.type = 'button';
    if (name !== 'day') button.title = say(`preset_${name}_hint`);
    button.onclick = () => act.preset(values);
    add(presets, button);
  }
  add(body, presets);
  const least = Math.ceil((study.least_limit_s + 30) / 30) * 30;
  return {
    limit: slider(body, 'limit', { min: Math.min(least, study.limit_s), max: Math.max(900, study.limit_s), step: 30 }, act),
    speed: slider(body, 'speed', { min: -30, max: 30, step: 5 }, act),
    turnout: slider(body, 'turnout', { min: 0, max: 300, step: 5 }, act),
  };
}

/** @param {HTMLElement} body @param {string} name @param {Record<string, number>} range @param {Record<string, any>} act */
function slider(body, name, range, act) {
  const row = make('label', 'live-slider'), input = make('input'), value = make('output');
  Object.assign(input, { type: 'range', ...range });
  add(row, make('span', '', say(name)), input, value);
  add(body, row);
  input.oninput = () => act.slide(name, Number(input.value), false);
  input.onchange = () => act.slide(name, Number(input.value), true);
  return { input, value };
}

/** @param {any} parts @param {any} state @param {any} study */
export function showConditions(parts, state, study) {
  const { limit, speed, turnout } = parts.settings;
  const put = (/** @type {HTMLInputElement} */ input, /** @type {number} */ value) => { if (!input.matches(':active')) input.value = String(value); }; // not from under the pointer
  put(limit.input, state.limit_s);
  limit.value.textContent = time(state.limit_s);
  const factor = state.speed_factor === null ? 0 : Math.round((state.speed_factor - 1) * 100);
  put(speed.input, factor);
  speed.value.textContent = factor === 0 ? say('as_study') : `${factor > 0 ? '+' : '−'}${Math.abs(factor)}%`;
  put(turnout.input, state.turnout_s === null ? study.turnout_s : state.turnout_s);
  turnout.value.textContent = state.turnout_s === null ? say('as_study') : time(state.turnout_s);
  const { call_s: call, turnout_s: out, travel_s: travel } = state.clock;
  parts.clock.textContent = say('clock', { limit: time(state.limit_s), call, turnout: out, travel });
}

/** @param {HTMLElement} box @param {any} figures @param {any} today @param {any} study @param {any} state */
export function showFigures(box, figures, today, study, state) {
  const was = figures.zone_people[0].reduce((a, b) => a + b, 0);
  const change = figures.covered_people - was, ofSome = (/** @type {number | null} */ seconds) => (study.people > 0 ? time(seconds) : '–');
  const isOther = Math.abs(figures.unreachable_people - today.unreachable_people) >= 0.5; // a mean over other people is not better or worse
  const rows = [
    ['covered', percent(figures.share_covered), say('covered_note', { n: people(figures.covered_people), total: people(study.people) }), 'geo-main'],
    ['change', Math.abs(change) < 0.5 ? '±0' : signed(change), [
      figures.gain_people >= 0.5 ? say('gain', { n: people(figures.gain_people) }) : '',
      figures.lose_people >= 0.5 ? say('lose', { n: people(figures.lose_people) }) : '',
    ].filter(Boolean).join(' · ') || say('no_change'), change > 0.5 ? 'live-up' : change < -0.5 ? 'live-down' : ''],
    ['mean', ofSome(figures.mean_s), say(isOther ? 'mean_other' : 'today', { value: ofSome(today.mean_s) }), ''],
    ['p90', ofSome(figures.p90_s), say('today', { value: ofSome(today.p90_s) }), ''],
    ['two', people(figures.two_people), '', ''],
    ['unreachable', people(figures.unreachable_people), say('today', { value: people(today.unreachable_people) }), figures.unreachable_people >= 0.5 ? 'geo-alert' : ''],
  ];
  if (box.children.length !== rows.length) {
    box.replaceChildren(...rows.map(() => add(make('div'), make('span'), make('strong'), make('small'))));
  }
  rows.forEach(([name, value, note, look], i) => {
    const figure = box.children[i], [label, strong, small] = figure.children;
    figure.className = `geo-figure ${look}`;
    label.textContent = name === 'covered' ? say('covered', { limit: time(state.limit_s) }) : name === 'change' ? say('colour_change') : say(name);
    strong.textContent = value;
    small.textContent = note;
  });
}

/** @param {any} one @param {string} [other] */
export function nameOf(one, other = '') {
  return (one && one.name) || other || say('station_unnamed');
}

/** @param {any} one */
function stateWord(one) {
  if (one.change === 'added') return say('station_new');
  if (one.status === 'closed') return say('station_closed');
  if (one.status === 'planned' || one.status === 'candidate') return say(`station_${one.status}`);
  if (!one.answers) return say('station_idle');
  return one.change === 'moved' ? say('station_moved') : '';
}

/** @param {HTMLElement} body @param {any} model @param {any} figures @param {(id: string) => void} choose */
export function showStations(body, model, figures, choose) {
  const { state, chosen } = model, served = new Map(state.order.map((id, i) => [id, figures.served_people[i]]));
  const most = model.hello.study.most_people;
  const rows = state.stations.filter(one => one.answers || one.status !== 'closed' || one.was_status !== 'closed');
  const key = rows.map(one => `${one.id}|${one.name}|${one.status}|${one.change}`).join(';') + spoken();
  if (body.dataset.key !== key) {
    body.dataset.key = key;
    body.replaceChildren(...rows.map(one => stationRow(one, choose)));
  }
  rows.forEach((one, i) => {
    const row = /** @type {HTMLElement} */ (body.children[i]), n = served.get(one.id);
    row.setAttribute('aria-pressed', String(one.id === chosen));
    const [, bar, text] = /** @type {HTMLElement[]} */ ([...row.children]);
    bar.hidden = n === undefined;
    text.textContent = n === undefined ? stateWord(one) : `${people(n)}`;
    if (n !== undefined) {
      bar.className = `geo-load${n > most ? ' geo-over' : ''}`;
      /** @type {HTMLElement} */ (bar.firstElementChild).style.width = `${Math.min(100, (100 * n) / most)}%`;
      row.title = say('load', { n: people(n), most: people(most), share: percent(n / most) });
    }
  });
}

/** @param {any} one @param {(id: string) => void} choose */
function stationRow(one, choose) {
  const row = make('button', 'live-station'), name = add(make('span', 'live-name'), make('span', '', nameOf(one))), word = stateWord(one);
  row.type = 'button';
  if (word && one.answers) add(name, make('em', 'live-tag', word));
  add(row, name, add(make('span', 'geo-load'), make('i')), make('span', 'geo-number'));
  row.onclick = () => choose(one.id);
  return row;
}

/** @param {HTMLElement} box @param {any} model @param {Record<string, any>} act */
export function showChosen(box, model, act) {
  const one = [...model.state.stations, ...model.state.resources].find(row => row.id === model.chosen);
  box.replaceChildren();
  box.hidden = !one;
  if (!one) return;
  const head = make('p', 'live-chosen-head');
  add(head, make('b', '', nameOf(one)), make('span', 'geo-quiet', stateWord(one)));
  add(box, head);
  if (one.answers) {
    const select = make('select');
    for (const name of ['', ...model.hello.study.station_classes]) {
      const option = make('option', '', name ? say(`class_${name}`) : say('class_unknown'));
      option.value = name;
      option.disabled = !name;
      option.selected = (one.station_class || '') === name;
      add(select, option);
    }
    select.onchange = () => act.upgrade(one.id, { station_class: select.value });
    const turnout = make('input');
    Object.assign(turnout, { type: 'number', min: 0, max: 3600, step: 5, value: one.turnout_s === null ? '' : one.turnout_s });
    turnout.onchange = () => turnout.value !== '' && act.upgrade(one.id, { turnout_s: Number(turnout.value) });
    add(box, field('class', select), field('own_turnout', turnout));
  }
  const isResource = KINDS.includes(one.kind), isThere = one.answers || (isResource && one.status === 'existing');
  if (isResource) add(box, make('p', 'geo-quiet', say(`kind_${one.kind}`)), ...sizeFields(one, act));
  const buttons = make('div', 'live-buttons');
  const put = (word, what) => { const button = make('button', '', say(word)); button.type = 'button'; button.onclick = what; add(buttons, button); };
  if (isThere) put(one.change === 'added' ? 'remove' : 'close', () => act.close(one.id));
  else if (one.status === 'closed' && one.was_status !== 'closed') put('open', () => act.open(one.id));
  else if (one.status === 'planned' || one.status === 'candidate') put('build', () => act.build(one.id));
  add(box, buttons);
}

/** @param {string} word @param {HTMLElement} control */
function field(word, control) {
  return add(make('label', 'live-field'), make('span', '', say(word)), control);
}

/** @param {HTMLElement} body @param {any} figures @param {string[]} zones */
export function showTowns(body, figures, zones) {
  const [was, now, gained, lost] = figures.zone_people;
  const rows = zones
    .map((name, i) => ({ name: name === OUTSIDE ? say('outside') : name, change: now[i] - was[i], gained: gained[i], lost: lost[i] }))
    .filter(row => row.gained >= 0.5 || row.lost >= 0.5)
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change));
  const hasTowns = zones.some(name => name !== OUTSIDE);
  if (!rows.length || !hasTowns) return body.replaceChildren(make('p', 'geo-quiet', say(hasTowns ? 'towns_none' : 'no_towns')));
  const most = Math.max(...rows.map(row => Math.max(row.gained, row.lost)));
  const table = make('div', 'live-towns');
  for (const row of rows) {
    const bars = make('span', 'live-bars'), less = make('i', 'live-less'), more = make('i', 'live-more');
    less.style.width = `${(50 * row.lost) / most}%`;
    more.style.width = `${(50 * row.gained) / most}%`;
    add(table, add(make('div'), add(make('span', 'live-name'), make('span', '', row.name)), add(bars, less, more), make('span', 'geo-number', signed(row.change))));
  }
  body.replaceChildren(table);
}

/**
 * @param {HTMLElement} body
 * @param {any} checked null before the first full computation
 * @param {boolean} isOld whether it is that of the last rest
 */
export function showTargets(body, checked, isOld) {
  body.classList.toggle('live-old', isOld && Boolean(checked));
  if (!checked || checked.why) return body.replaceChildren(make('p', 'geo-quiet', checked ? '–' : say('targets_wait')));
  if (!checked.has_plan) return body.replaceChildren(make('p', 'geo-quiet', say('targets_none')));
  const changed = checked.targets.filter(row => row.change !== 'same' && !isAsToday(row));
  body.replaceChildren(...(isOld ? [make('p', 'live-old-note', say('last_rest'))] : []), ...changed.map(targetRow));
  const rest = checked.targets.length - changed.length;
  const fold = add(make('details', 'geo-fold'), make('summary', '', say('targets_same', { n: rest })));
  add(fold, ...checked.targets.filter(row => !changed.includes(row)).map(targetRow));
  add(body, fold);
}

/** Whether what has no goal, or cannot be judged, is what it was: a target that has lost its number is not. @param {any} row */
function isAsToday(row) {
  const { before, after } = row, isLike = before === after || (before !== null && after !== null && Math.abs(after - before) <= 1e-9 * Math.abs(before));
  return row.change === 'other' && isLike && row.status_before === row.status_after;
}

/** @param {any} row */
function targetRow(row) {
  const box = make('div', `geo-target geo-${row.status_after.replace(' ', '_')}`), head = make('div');
  add(head, make('b', '', spoken() === 'zh' ? row.name_zh : row.name_en), make('span', 'geo-status', say(`status_${row.status_after.replace(' ', '_')}`)));
  add(box, head);
  if (row.after === null && row.before === null) return box;
  const number = value => (value === null ? '–' : value.toLocaleString('en-US', { maximumFractionDigits: 2 }));
  const text = row.before === row.after ? number(row.after) : `${number(row.before)} → ${number(row.after)}`;
  const goal = row.target === null ? '' : ` (${row.comparator} ${number(row.target)})`;
  add(box, make('p', 'geo-quiet geo-compared', `${text}${goal} ${spoken() === 'zh' ? row.unit_zh : row.unit_en}`));
  const told = row.recorded;
  if (told) {
    const values = { n: told.n, recorded: number(told.recorded), modelled: number(told.modelled), status: say(`status_${told.status.replace(' ', '_')}`) };
    add(box, make('p', 'geo-quiet live-recorded', say('recorded', values)));
  }
  return box;
}

/**
 * From how many to how many people are in time; nothing where the study draws nothing by chance.
 *
 * @param {HTMLElement} line
 * @param {any} checked null before the first full computation
 * @param {boolean} isOld whether it is that of the last rest: what is shown has no range yet
 */
export function showRanges(line, checked, isOld) {
  const told = checked && checked.ranges;
  line.hidden = !told;
  if (!told) return;
  line.classList.toggle('live-old', isOld);
  const values = {
    low: people(told.low_people), high: people(told.high_people), share_low: percent(told.low_share), share_high: percent(told.high_share),
    doubt: people(told.doubt_people), n: told.n_draws, share: percent(told.range_share),
  };
  line.textContent = `${say('ranges', values)}${isOld ? ` ${say('ranges_old')}` : ''}`;
}

/** Say whether the page is still connected. @param {any} parts @param {any} lost null where it is */
export function showLost(parts, lost) {
  parts.live.textContent = say(lost ? 'not_live' : 'live');
  parts.live.classList.toggle('live-on', !lost);
}

/** @param {HTMLElement} line @param {any} checked @param {boolean} isLost whether nobody computes it */
export function showChecked(line, checked, isLost) {
  const look = isLost ? 'failed' : !checked ? 'wait' : checked.why ? 'failed' : checked.n_unlike ? 'unlike' : 'same';
  line.className = `live-checked live-${look}`;
  line.textContent =
    isLost ? say('not_checking') : look === 'wait' ? say('checking') : look === 'failed' ? say('not_checked', { why: checked.why }) : look === 'unlike' ? say('unlike', { n: checked.n_unlike }) : say('checked');
}

/** @param {HTMLElement} body @param {any} state @param {() => void} anew */
export function showHistory(body, state, anew) {
  if (!state.changes.length) return body.replaceChildren(make('p', 'geo-quiet', say('history_none')));
  const list = make('ol', 'live-history'), names = new Map([...state.stations, ...state.resources].map(one => [one.id, nameOf(one, one.id)]));
  for (const change of state.changes) {
    const id = change.station || change.id;
    const item = make('li', '', say(`do_${change.do}`, { name: change.name || names.get(id) || id || '', n: (change.sites || []).length }));
    if (change.kept && change.kept.length) add(item, make('span', 'geo-quiet', ` ${say('kept_lines', { parts: change.kept.map(part => say(`kept_${part}`)).join(say('comma')) })}`));
    add(list, item);
  }
  const button = make('button', 'geo-link live-anew', say('fresh'));
  button.type = 'button';
  button.onclick = anew;
  body.replaceChildren(list, make('p', 'geo-quiet', say('kept')), button);
}
