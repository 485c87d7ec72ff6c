// The live page: what the server says is shown, what the planner does is asked of it.

import { aim } from './aim.js';
import { Beside } from './beside.js';
import { MapView } from './canvas.js';
import { exportBox, takeProgress } from './export.js';
import { Flood } from './flood.js';
import { listen } from './gestures.js';
import { followScreen } from './growth.js';
import { placeLegend } from './labels.js';
import { Line } from './line.js';
import { buildPanel, showChecked, showChosen, showConditions, showFigures, showHistory, showLost, showRanges, showStations, showTargets, showTowns } from './panel.js';
import { readFrame } from './frames.js';
import { Conditions } from './conditions.js';
import { KINDS, Resources, enginesOf, showResources } from './resources.js';
import { Reach } from './reach.js';
import { scenariosBox } from './scenarios.js';
import { Spot } from './spot.js';
import { Suggest } from './suggest.js';
import { buildLegend, buildTools, showCard, tellReach } from './tools.js';
import { loadWords, moment, say, speak, spoken } from './words.js';

/** After which a drag without an answer is spoken of. */
const SLOW_DRAG_MS = 1500;
/** A mouse may tell a thousand places a second: no more are asked than the server takes. */
const AHEAD_MS = 8;

/** @param {string} id @returns {any} */
const byId = id => document.getElementById(id);
const map = new MapView({ ground: byId('ground'), people: byId('people'), hand: byId('hand') });
const flood = new Flood(byId('hand'), map, {
  tool: () => model.tool,
  tell: nMissing => note(nMissing ? say('flood_few', { n: nMissing }) : say('flood_hint'), nMissing > 0),
  leave: () => act.tool('flood'),
  flood: corners => line.ask({ do: 'flood', corners }),
});
const reach = new Reach(map, isCut => tellReach(byId('legend'), isCut));
/** What the page knows: nothing of it is anywhere else. @type {any} */
const model = { hello: null, lost: null, state: null, atRest: null, checked: null, rest: null, full: null, followed: null, version: 0, figures: null, chosen: '', kind: '', tool: 'look', mode: 'time', second: false, scene: null };
/** @type {any} */
let parts = null;
/** @type {any} */
let hand = null;
/** Milliseconds from the pointer's event to the repaint of each drag, for tests and measurements. @type {number[]} */
const latencies = [];
const line = new Line(take, (state, why) => {
  model.lost = state === 'open' ? null : { state, why };
  document.body.classList.toggle('live-lost', state !== 'open');
  note('', false);
  if (model.lost) showRest();
});
const conditions = new Conditions(line, model, { rest: () => showRest(), view: () => view() });
const resources = new Resources(map, { tool: () => model.tool, kind: () => model.kind });
const suggest = new Suggest(map, line, model, text => note(text, true)), spot = new Spot(map, line);
model.spot = spot;
const beside = new Beside(byId('other'), map, line, model, () => buildTools(byId('bar'), model, act));
Object.assign(globalThis, { geoLive: { beside, flood, reach, spot, suggest, latencies, line, map, model } });

/** @param {any} header @param {Record<string, any>} arrays */
function take(header, arrays) {
  if (header.kind === 'hello') hello(header);
  if (header.kind === 'hello' || header.kind === 'state') showState(header, arrays);
  else if (header.kind === 'drag') showDrag(header, arrays);
  else if (header.kind === 'followed') showFollowed(header);
  else if (header.kind === 'checked') showFull(header);
  else if (header.kind === 'checked_in_hand') showFullInHand(header);
  else if (header.kind === 'searching') suggest.take(header);
  else if (header.kind === 'progress') takeProgress(header);
  else if (header.kind === 'error') note(header.why, true);
}

/** Show what holds where nobody answers any more: nothing in hand, and no slider on its way. */
function showRest() {
  const { atRest } = model;
  endHand();
  if (!atRest) return;
  answers.length = 0;
  map.codes = atRest.codes.slice();
  showState({ ...atRest.header, kind: 'state' }, {});
}

/** @param {any} header */
function hello(header) {
  const isFirst = !model.hello;
  model.hello = header;
  if (isFirst) requestAnimationFrame(() => placeLegend(byId('legend'), map));
  if (header.resumed_at) note(say('resumed', { at: moment(header.resumed_at) }), false);
  if (header.note) note(header.note, true);
  build();
}

function build() {
  const { hello: told } = model;
  parts = buildPanel(byId('panel'), told, act);
  suggest.build(parts.suggest);
  buildTools(byId('bar'), model, act);
  byId('hand').setAttribute('aria-label', say('map_label'));
  beside.table = parts.beside;
}

/** @param {any} header @param {Record<string, any>} arrays */
function showState(header, arrays) {
  model.state = header;
  model.figures = header.figures;
  const isChanged = header.kind === 'hello' || header.version !== model.version;
  if (isChanged) { model.rest = model.followed = null; spot.forget(); }
  model.version = header.version;
  if (isChanged) suggest.show(); // its plans are of before
  if (!header.is_attempt && (isChanged || !hand)) endHand(); // another look at the same state leaves the hand its station
  model.checked = header.is_attempt || hand ? null : model.rest;
  map.colours = header.colours;
  map.changeColours = header.change_colours;
  map.stations = header.stations;
  map.closedRoads = header.closed_roads;
  flood.floods = header.floods;
  resources.rows = header.resources;
  if (!header.is_attempt) { map.place = null; byId('card').hidden = true; }
  for (const one of answers.splice(0)) map.takeCodes(one.arrays); // what comes now is told against them
  map.takeCodes(arrays);
  if (!header.is_attempt) model.atRest = { header, codes: map.codes.slice() };
  showAll();
  map.drawPeople(null);
  map.drawHand();
  if (header.unsaved) note(say('unsaved', { why: header.unsaved }), true);
  if (header.n_unlike_study) note(say('unlike_study', { n: header.n_unlike_study }), true);
}

function showAll() {
  const { state, hello: told } = model;
  if (!state || !parts) return;
  if (!facility(model.chosen)) model.chosen = '';
  map.chosen = model.chosen;
  showConditions(parts, state, told.study);
  showFigures(parts.figures, model.figures, told.today, told.study, state);
  showStations(parts.stations, model, model.figures, choose);
  showChosen(parts.chosen, model, act);
  showTowns(parts.towns, model.figures, model.scene ? model.scene.zones : []);
  showLost(parts, model.lost);
  showFullParts();
  showHistory(parts.history, state, act.anew);
  buildTools(byId('bar'), model, act);
  buildLegend(byId('legend'), model);
  beside.show();
}

/** What only a full computation gives; where what is shown has none yet, that of the last rest, marked as such. */
function showFullParts() {
  const { checked, followed, full, rest } = model;
  showChecked(parts.checked, checked, Boolean(model.lost));
  showRanges(parts.ranges, checked || full, !checked);
  showTargets(parts.targets, checked || full, !checked);
  const at = hand || (followed && followed.let_go), isNow = followed && at && at.x === followed.x && at.y === followed.y;
  const isStation = rest && hand && !resources.isOne(hand.id), isUntouched = isStation && !enginesOf(rest).length; // a fire station changes engines alone
  showResources(parts.resources, checked || (isStation ? rest : followed) || full, !(checked || isUntouched || isNow));
}

/** What a shelter, depot or hydrant in hand changes, at the place of the question. @param {any} header */
function showFollowed(header) {
  const one = hand;
  if (!one || !one.last || header.re !== one.last.number) return;
  const engines = enginesOf(model.rest), isTooHigh = engines.length && model.rest.is_share_too_high;
  model.followed = { resources: [...header.resources, ...engines], is_share_too_high: isTooHigh, x: one.last.x, y: one.last.y };
  note('', false);
  showFullParts();
}

/** The full computation of what rests in the hand. @param {any} header */
function showFullInHand(header) {
  const one = hand;
  if (!one || !one.last || header.of !== one.last.number || one.x !== one.last.x || one.y !== one.last.y) return;
  model.checked = model.full = header;
  showFullParts();
}

/** @param {any} header */
function showFull(header) {
  model.rest = model.full = header;
  if (hand || model.state.is_attempt) return; // what is shown is on its way to another state
  model.checked = header;
  showFullParts();
}

/** @param {string} id */
function choose(id) {
  model.chosen = model.chosen === id ? '' : id;
  map.chosen = model.chosen;
  showStations(parts.stations, model, model.figures, choose);
  showChosen(parts.chosen, model, act);
  map.drawHand();
}

// ---- a station in hand: one question at a time, always the newest place ----

/** @param {any | null} station null for a new one @param {number} x @param {number} y */
function grab(station, x, y) {
  hand = { station, id: station ? station.id : '', x, y, at: 0, asked: false, isBusy: false, last: null };
  map.hand = { id: hand.id, x, y, isNew: !station || station.change === 'added', isOnRoad: true, ...(station ? { fromX: station.x, fromY: station.y } : {}) };
  model.checked = model.followed = map.place = null;
  byId('card').hidden = true; // its route and times are of before
  showFullParts();
}

/** Ask for a place that the next frame will draw. @param {number} x @param {number} y @param {number} at */
function ahead(x, y, at) {
  if (!hand || at - hand.at < AHEAD_MS) return;
  Object.assign(hand, { x, y, at, asked: false });
  askDrag();
}

/** @param {number} x @param {number} y @param {number} at */
function drag(x, y, at) {
  if (!hand) return;
  if (!hand.at || hand.x !== x || hand.y !== y) Object.assign(hand, { x, y, at, asked: false });
  Object.assign(map.hand, { x, y });
  requestAnimationFrame(() => map.drawHand());
  if (model.checked || resources.isOne(hand.id)) { model.checked = null; showFullParts(); }
  askDrag();
  if (!resources.isOne(hand.id)) spot.ask(hand.id, x, y);
}

async function askDrag() {
  const one = hand;
  if (!one || one.isBusy || one.asked) return;
  one.isBusy = true;
  one.asked = true;
  const kind = !one.station && model.kind ? { kind: model.kind } : {};
  const answering = line.ask({ do: 'drag', station: one.id, ...kind, x: one.x, y: one.y, area: true });
  one.last = { at: one.at, x: one.x, y: one.y, number: line.number };
  const slow = setTimeout(() => { if (hand === one) note(say('slow_drag'), false); }, SLOW_DRAG_MS);
  const answer = await answering;
  clearTimeout(slow);
  one.isBusy = false;
  if (answer && hand === one) askDrag();
}

/** Answers to drags that the next frame shows: colours and figures change together. @type {{header: any, arrays: Record<string, any>, at: number}[]} */
const answers = [];

/** @param {any} header @param {Record<string, any>} arrays */
function showDrag(header, arrays) {
  answers.push({ header, arrays, at: hand && hand.last ? hand.last.at : 0 });
  if (answers.length === 1) requestAnimationFrame(showAnswers);
}

function showAnswers() {
  for (const { header, arrays, at } of answers.splice(0)) {
    const index = map.takeCodes(arrays);
    if (!hand) continue;
    reach.take(header, arrays);
    map.drawChanged(model.mode === 'change' ? null : index);
    if (map.hand) { map.hand.isOnRoad = header.is_on_road; map.drawHand(); }
    model.figures = header.figures;
    showFigures(parts.figures, header.figures, model.hello.today, model.hello.study, model.state);
    showStations(parts.stations, model, header.figures, choose);
    showTowns(parts.towns, header.figures, model.scene.zones);
    beside.figures(header.figures);
    note(header.is_on_road ? '' : say('off_road'), true);
    if (at) latencies.push(performance.now() - at);
  }
}

/** @param {boolean} isDropped */
async function drop(isDropped) {
  const one = hand, { followed } = model;
  hand = null;
  if (!one) return;
  const message = one.station ? { do: 'move', station: one.id, x: one.x, y: one.y } : { do: 'add', x: one.x, y: one.y, name: newName(), ...(model.kind ? { kind: model.kind } : {}) };
  const answer = isDropped ? await line.ask(message) : null;
  if (!answer && isDropped) showRest();
  else if (!answer || answer.header.kind !== 'state') { endHand(); view(); }
  else {
    if (followed && !model.checked) { model.followed = { ...followed, let_go: { x: one.x, y: one.y } }; showFullParts(); }
    if (!one.station) { act.tool('look'); choose(answer.header.changes[answer.header.changes.length - 1].id); }
  }
}

/** Show the state that holds again, where what was tried on the way does not. */
function view() {
  return line.ask({ do: 'view', which: model.second ? 'second' : 'first' });
}

function endHand() {
  hand = null;
  map.hand = null;
  reach.forget();
}

function newName() {
  const id = model.state.free_id;
  return `${model.kind ? say(`kind_${model.kind}`) : say('new_station')} ${id.replace(/^\D+/, '')}`;
}

// ---- what buttons and keys do ----

const act = {
  undo: () => line.ask({ do: 'undo' }),
  redo: () => line.ask({ do: 'redo' }),
  close: id => line.ask({ do: 'close', station: id }),
  open: id => line.ask({ do: 'open', station: id }),
  build: id => line.ask({ do: 'build', station: id }),
  upgrade: (id, values) => line.ask({ do: 'upgrade', station: id, ...values }),
  openRoads: () => line.ask({ do: 'open_roads' }),
  anew: () => line.anew(),
  preset: values => conditions.preset(values),
  slide: (name, value, isDone) => conditions.slide(name, value, isDone),
  tool(name) {
    model.tool = model.tool === name ? 'look' : name;
    flood.forget();
    note(HINTS[model.tool] ? say(HINTS[model.tool]) : '', false);
    buildTools(byId('bar'), model, act);
  },
  /** What the tool puts down: '' for a station. @param {string} name */
  kind(name) {
    model.kind = name;
    map.drawHand();
    beside.show();
    if (model.tool !== 'add') act.tool('add');
    buildTools(byId('bar'), model, act);
  },
  spot() {
    spot.toggle();
    note(spot.isOn ? say('spot_hint') : '', false);
    buildTools(byId('bar'), model, act);
  },
  within(metres) {
    spot.within = metres;
    if (spot.told) spot.ask(spot.told.station, spot.told.x, spot.told.y);
  },
  /** Put the station in hand, or a new one, on the best spot. */
  async takeSpot() {
    const { told } = spot, best = told && told.best;
    if (!best) return;
    endHand();
    await line.ask(told.station ? { do: 'move', station: told.station, lon: best.lon, lat: best.lat } : { do: 'add', lon: best.lon, lat: best.lat, name: String(best.name).slice(0, 80) });
  },
  mode(name) {
    model.mode = map.mode = name;
    buildTools(byId('bar'), model, act);
    buildLegend(byId('legend'), model);
    map.drawPeople(null);
    beside.show();
  },
  second() {
    model.second = !model.second;
    return view();
  },
  zoom(factor) {
    if (factor) return map.zoom(factor);
    map.fit();
    placeLegend(byId('legend'), map);
  },
  exported: () => exportBox(byId('box'), line, note),
  scenarios: () => scenariosBox(byId('box'), line, { state: model.state, compare: (of, name) => beside.open(of, name) }),
  beside: () => (beside.told ? beside.close() : beside.open('today', '')),
  language() {
    speak(spoken() === 'zh' ? 'en' : 'zh');
    line.ask({ do: 'speak', lang: spoken() });
    build();
    showAll();
    if (map.place) showCard(byId('card'), map.place, model, map);
    map.drawHand();
    flood.show();
    note(HINTS[model.tool] ? say(HINTS[model.tool]) : spot.isOn ? say('spot_hint') : '', false);
  },
};

/** A station or a resource. @param {string} id */
function facility(id) {
  return model.state.stations.find(one => one.id === id) || resources.find(id);
}

/** Whether it is a resource that can be moved. @param {any} one */
function isPlaced(one) {
  return KINDS.includes(one.kind) && one.status === 'existing';
}

/** What is said of a tool that is in hand. @type {Record<string, string>} */
const HINTS = { add: 'new_station_hint', road: 'close_road_hint', flood: 'flood_hint' };

/** @param {any | null} station @param {number} x @param {number} y */
async function click(station, x, y) {
  byId('hand').focus({ preventScroll: true });
  if (model.tool === 'road') return line.ask({ do: 'close_road', x, y });
  if (model.tool === 'flood') return flood.add(x, y);
  if (station) return choose(station.id);
  if (model.tool === 'add') { grab(null, x, y); return drop(true); }
  if (spot.isOn) return spot.ask('', x, y);
  const answer = await line.ask({ do: 'look', x, y });
  const place = answer && answer.header.point !== null ? answer.header : null;
  map.place = place;
  if (answer && !place) note(say('nobody_here'), false);
  showCard(byId('card'), place, model, map);
  map.drawHand();
}

/** Move the chosen station with the keyboard; it is let go when the keys rest. @param {number} dx @param {number} dy */
function nudge(dx, dy) {
  const one = facility(model.chosen);
  if (!one || !(one.answers || isPlaced(one))) return;
  if (!hand) grab(one, one.x, one.y);
  drag(hand.x + dx, hand.y + dy, performance.now());
  clearTimeout(nudge.timer);
  nudge.timer = setTimeout(() => drop(true), 500);
}
/** @type {any} */ nudge.timer = 0;

/** Say something for some seconds; that nobody answers stands as long as it is so. @param {string} wanted @param {boolean} isAlert */
function note(wanted, isAlert) {
  const box = byId('note'), { lost } = model, text = lost ? say(lost.state, { why: lost.why }) : wanted;
  box.textContent = text;
  box.hidden = !text;
  box.classList.toggle('live-alert', isAlert || Boolean(lost));
  clearTimeout(note.timer);
  if (text && !lost) note.timer = setTimeout(() => { if (model.tool === 'look') box.hidden = true; }, 6000);
}
/** @type {any} */ note.timer = 0;

document.addEventListener('keydown', event => {
  const target = /** @type {HTMLElement} */ (event.target);
  if (byId('box').open || target.closest('input, select, textarea')) return; // a button that went has left its keys to the page
  const key = event.key.toLowerCase(), isCommand = event.ctrlKey || event.metaKey;
  if (isCommand && key === 'z' && !event.shiftKey) act.undo();
  else if (isCommand && (key === 'y' || (key === 'z' && event.shiftKey))) act.redo();
  else if (!isCommand && key === 'n') act.tool('add');
  else if (!isCommand && key === 'b') askSpot();
  else if (!isCommand && key === 'enter' && spot.told && !target.closest('button')) act.takeSpot();
  else if (key === 'delete' && model.chosen) act.close(model.chosen);
  else if (key === 'escape') { if (hand) drop(false); if (model.tool !== 'look') act.tool(model.tool); byId('card').hidden = true; map.place = null; map.drawHand(); }
  else return;
  event.preventDefault();
});

/** The best spot near the pointer, or near the middle of the map where there is none. */
function askSpot() {
  if (!spot.isOn) act.spot();
  const [x, y] = hand ? [hand.x, hand.y] : map.pointer || map.toStudy(map.width / 2, map.height / 2);
  spot.ask(hand ? hand.id : '', x, y);
}

async function begin() {
  const reading = fetch('map.bin').then(answer => answer.arrayBuffer()), wording = loadWords(document.documentElement.lang.startsWith('zh') ? 'zh' : 'en');
  line.open();
  followScreen(() => { if (model.scene) map.resize(); });
  const { header, arrays } = readFrame(await reading);
  model.scene = header;
  map.setScene(header, arrays); // the ground; people are drawn when it is known who is reached
  await wording;
  new ResizeObserver(() => map.resize()).observe(byId('view'));
  const isDrawing = () => model.tool === 'road' || model.tool === 'flood';
  listen(byId('hand'), map, { tool: () => model.tool, canDrag: one => (one.answers || isPlaced(one)) && !isDrawing(), grab, drag, ahead, drop, click, nudge });
  aim(byId('hand'), map, { tool: () => model.tool, click });
  line.heed();
}

begin();
