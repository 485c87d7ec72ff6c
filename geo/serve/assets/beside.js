// Two states side by side: a second map that moves with the first, and a table of both with the difference.

import { MapView } from './canvas.js';
import { drawFloods } from './flood.js';
import { listen } from './gestures.js';
import { Resources } from './resources.js';
import { add, make } from './shapes.js';
import { buildLegend } from './tools.js';
import { people, percent, say, signed, signedTime, time } from './words.js';

/** The state beside the present one. */
export class Beside {
  /**
   * @param {HTMLElement} root its part of the page; hidden while nothing is beside
   * @param {MapView} map the present state's
   * @param {import('./line.js').Line} line
   * @param {any} model its `beside` says whether a state is beside
   * @param {() => void} changed told when one comes or goes
   */
  constructor(root, map, line, model, changed) {
    this.root = root;
    this.map = map;
    this.line = line;
    this.model = model;
    this.changed = changed;
    /** What the server told of the other state. @type {any} */ this.told = null;
    this.isSecond = false;
    /** Counts what was asked or shut: the answer to an earlier question is not shown. */ this.turn = 0;
    /** @type {HTMLElement | null} */ this.table = null;
    const canvas = /** @param {string} name */ name => /** @type {HTMLCanvasElement} */ (root.querySelector(`[data-layer="${name}"]`));
    this.hand = canvas('hand');
    this.other = new MapView({ ground: canvas('ground'), people: canvas('people'), hand: this.hand });
    this.legend = /** @type {HTMLElement} */ (root.querySelector('.live-legend'));
    this.select = make('select');
    const shut = make('button', '', '✕'), head = make('div', 'live-beside-head');
    this.shut = shut;
    shut.type = 'button';
    shut.onclick = () => this.close();
    add(root, add(head, this.select, shut));
    this.select.onchange = () => { const [of, name] = JSON.parse(this.select.value); this.open(of, name); };
    this.other.below.push(context => drawFloods(context, this.other, this.told ? this.told.floods : []));
    this.resources = new Resources(this.other, { tool: () => 'look', kind: () => model.kind });
    const still = () => {};
    listen(this.hand, this.other, { tool: () => 'look', canDrag: () => false, grab: still, drag: still, ahead: still, drop: still, click: still, nudge: still });
    new ResizeObserver(() => { if (this.told) this.other.resize(); }).observe(root);
  }

  /**
   * Put a state beside the present one.
   * @param {string} of @param {string} name
   */
  async open(of, name) {
    this.isSecond = this.model.second;
    const turn = ++this.turn;
    const answer = await this.line.ask({ do: 'compare', of, name }), list = await this.line.ask({ do: 'scenarios' });
    if (turn !== this.turn) return;
    if (!answer || answer.header.kind === 'error' || !list) return this.told ? undefined : this.close();
    const { other, map } = this, { header, arrays } = answer;
    const isNew = !this.told;
    this.told = header;
    this.model.beside = true;
    this.root.hidden = false;
    document.body.classList.add('live-split');
    if (isNew) {
      other.shareScene(map);
      map.linked = other;
      other.linked = map;
      map.measure();
      other.measure();
      map.fit();
    }
    other.codes = arrays.code;
    Object.assign(other, { colours: header.colours, changeColours: header.change_colours, stations: header.stations, closedRoads: header.closed_roads });
    this.resources.rows = header.resources;
    this.listed(list.header);
    this.speak();
    this.show();
    this.changed();
  }

  close() {
    this.turn += 1;
    this.told = null;
    this.model.beside = false;
    this.root.hidden = true;
    document.body.classList.remove('live-split');
    this.map.linked = this.other.linked = null;
    this.map.fit();
    if (this.table) this.table.hidden = true;
    this.changed();
  }

  /** Fill the choice of states. @param {any} header */
  listed(header) {
    const option = (/** @type {string} */ of, /** @type {string} */ name, /** @type {string} */ text) => {
      const one = make('option', '', text);
      one.value = JSON.stringify([of, name]);
      one.selected = of === this.told.of && name === this.told.name;
      return one;
    };
    const group = (/** @type {string} */ of, /** @type {string} */ word, /** @type {any[]} */ rows) => {
      const one = make('optgroup');
      one.label = say(word);
      return rows.length ? add(one, ...rows.map(row => option(of, row.name, row.name))) : null;
    };
    this.select.replaceChildren();
    add(this.select, option('today', '', say('today_state')), group('page', 'scenarios_own', header.page), group('study', 'scenarios_study', header.study));
  }

  /** Say everything in the language that is chosen. */
  speak() {
    this.select.setAttribute('aria-label', say('beside_which'));
    this.shut.setAttribute('aria-label', say('beside_shut'));
    this.shut.title = say('beside_shut');
    this.hand.setAttribute('aria-label', say('beside_map'));
  }

  /** Draw the other state as the present one is drawn. */
  show() {
    if (!this.told) return;
    const { model, other } = this;
    if (model.second !== this.isSecond) { this.open(this.told.of, this.told.name); return; }
    other.mode = model.mode;
    other.redraw();
    buildLegend(this.legend, { ...model, state: { ...model.state, ...this.told } });
    this.figures(model.figures);
  }

  /** Show the table of both. @param {any} figures of the present state, also while a station is dragged */
  figures(figures) {
    const { table, told, model } = this;
    if (!table) return;
    table.hidden = !told;
    if (!told) return;
    const rows = besideRows(model.state, figures, told, told.figures, model.hello.study.most_people);
    const column = (/** @type {string} */ text) => { const one = make('th', '', text); one.scope = 'col'; return one; };
    const head = add(make('tr'), make('td'), column(say('beside_here')), column(told.of === 'today' ? say('today_state') : told.name), column(say('beside_difference')));
    const body = rows.map(([label, here, there, change]) => {
      const name = make('th', '', label);
      name.scope = 'row';
      return add(make('tr'), name, make('td', '', here), make('td', '', there), make('td', 'live-change', change));
    });
    table.replaceChildren(add(make('table', 'live-pairs'), make('caption', '', say('beside')), add(make('thead'), head), add(make('tbody'), ...body)));
  }
}

/**
 * The rows of the table: label, here, there, difference.
 * @param {any} state @param {any} here @param {any} told @param {any} there @param {number} most that a station serves
 * @returns {string[][]}
 */
function besideRows(state, here, told, there, most) {
  const n = (/** @type {string} */ word, /** @type {number} */ a, /** @type {number} */ b) => [say(word), people(a), people(b), signed(a - b)];
  const s = (/** @type {string} */ word, /** @type {number | null} */ a, /** @type {number | null} */ b) => [say(word), time(a), time(b), a === null || b === null ? '–' : signedTime(a - b)];
  const over = (/** @type {any} */ figures) => figures.served_people.filter((/** @type {number} */ served) => served > most).length;
  const share = (/** @type {any} */ figures) => figures.share_covered;
  const points = share(here) === null || share(there) === null ? '–' : signedPoints(share(here) - share(there));
  return [
    s('limit', state.limit_s, told.limit_s),
    n('beside_covered', here.covered_people, there.covered_people),
    [say('beside_share'), percent(share(here)), percent(share(there)), points],
    s('mean', here.mean_s, there.mean_s),
    s('p90', here.p90_s, there.p90_s),
    n('two', here.two_people, there.two_people),
    n('unreachable', here.unreachable_people, there.unreachable_people),
    n('beside_stations', here.served_people.length, told.order.length),
    n('beside_over', over(here), over(there)),
  ];
}

/** @param {number} change of a share, as points of a hundred */
function signedPoints(change) {
  const points = Math.round(1000 * change) / 10;
  return say('points', { n: `${points > 0 ? '+' : points < 0 ? '−' : '±'}${Math.abs(points).toFixed(1)}` });
}
