// Sites that the server seeks: the question, how far it is, the plans to choose from, and their pins on the map.

import { FONT, SITE } from './labels.js';
import { add, make } from './shapes.js';
import { people, percent, say, signed, signedTime, time } from './words.js';


export class Suggest {
  /**
   * @param {import('./canvas.js').MapView} map
   * @param {import('./line.js').Line} line
   * @param {any} model
   * @param {(why: string) => void} complain
   */
  constructor(map, line, model, complain) {
    this.complain = complain;
    this.map = map;
    this.line = line;
    this.model = model;
    this.asked = { goal: 'best', n: 3 };
    /** @type {any} the last step that was told */ this.step = null;
    /** @type {any} */ this.told = null;
    this.chosen = 0;
    /** @type {HTMLElement | null} */ this.body = null;
    map.above.push(context => this.draw(context));
  }

  /** @param {HTMLElement} body where it stands in the panel */
  build(body) {
    this.body = body;
    this.show();
  }

  /** @param {any} header how far a search is */
  take(header) {
    this.step = header;
    this.told = null;
    this.show();
    this.map.drawHand();
  }

  async seek() {
    const answer = await this.line.ask({ do: 'suggest', ...this.asked });
    this.step = null;
    this.told = answer && answer.header;
    this.chosen = 0;
    this.show();
    this.map.drawHand();
  }

  show() {
    if (!this.body) return;
    const running = this.step && this.body.querySelector('.live-progress');
    if (running) { running.children[1].textContent = this.farness(); return; } // the button to stop stays under the pointer and keeps its focus
    const form = this.form();
    if (this.step) this.body.replaceChildren(form, this.progress());
    else if (this.told) this.body.replaceChildren(form, ...this.plans());
    else this.body.replaceChildren(form, make('p', 'geo-quiet', say('suggest_hint')));
  }

  form() {
    const form = make('div', 'live-suggest'), goal = make('select'), n = make('input'), go = make('button', 'live-go', say('suggest_go'));
    for (const name of ['best', 'mean']) {
      const option = make('option', '', say(`goal_${name}`));
      option.value = name;
      option.selected = this.asked.goal === name;
      add(goal, option);
    }
    goal.setAttribute('aria-label', say('suggest'));
    Object.assign(n, { type: 'number', min: 1, max: 20, step: 1, value: this.asked.n });
    n.setAttribute('aria-label', say('suggest_n'));
    go.type = 'button';
    go.disabled = this.step !== null;
    const keep = () => { this.asked = { goal: goal.value, n: Math.min(20, Math.max(1, Math.round(Number(n.value)) || 1)) }; };
    goal.onchange = n.onchange = keep;
    go.onclick = () => { keep(); this.seek(); };
    return add(form, n, make('span', '', say('suggest_n')), goal, go);
  }

  progress() {
    const box = make('div', 'live-progress'), stop = make('button', '', say('suggest_stop'));
    stop.type = 'button';
    stop.onclick = () => this.line.ask({ do: 'cancel' });
    return add(box, make('i', 'live-running'), make('span', '', this.farness()), stop);
  }

  /** How far the search is, in words. */
  farness() {
    const { step } = this, far = step.value === undefined ? '' : ` ${this.valueOf(step.value)} / ${this.valueOf(step.bound)}`;
    const what = step.plan ? say('step_plan', { i: step.plan, n: step.n_plans }) : say(`step_${step.step}`);
    return `${what} ${step.spent_s.toFixed(0)} s${far}`;
  }

  /** @param {number} value */
  valueOf(value) {
    const goal = this.told && this.told.goal ? this.told.goal : this.asked.goal;
    return goal === 'best' ? say('place_people', { n: people(value) }) : time(value);
  }

  /** @returns {HTMLElement[]} */
  plans() {
    const { told } = this;
    if (told.why) return [make('p', 'live-failed', told.why)];
    const notes = [];
    if (told.version !== this.model.version) notes.push(make('p', 'geo-quiet', say('suggest_old')));
    if (told.is_stopped) notes.push(make('p', 'geo-quiet', say('suggest_stopped_best')));
    const list = make('div', 'live-plans'), now = make('p', 'geo-quiet', say(`suggest_value_${told.goal}`, { value: this.valueOf(told.value_today), n: told.n_candidates }));
    told.plans.forEach((plan, i) => add(list, this.planRow(plan, i)));
    const fold = add(make('details', 'geo-fold'), make('summary', '', say('suggest_site')), make('pre', 'live-code', told.text));
    return [...notes, list, this.siteList(told.plans[this.chosen]), now, fold];
  }

  /** @param {any} plan @param {number} i */
  planRow(plan, i) {
    const row = make('button', 'live-plan'), { told } = this;
    row.type = 'button';
    row.setAttribute('aria-pressed', String(i === this.chosen));
    const change = plan.value - told.value_today;
    const gain = told.goal === 'best' ? signed(change) : signedTime(change);
    const proof = plan.is_proven ? say('plan_proven') : say('plan_gap', { gap: percent(plan.gap) });
    add(row, make('b', '', say('plan', { i: i + 1 })), make('span', '', this.valueOf(plan.value)), make('span', 'live-gain', gain), make('span', 'geo-quiet', i && plan.share_lost > 0 ? `${proof} · −${percent(plan.share_lost)}` : proof));
    row.onclick = () => { this.chosen = i; this.show(); this.map.drawHand(); };
    return row;
  }

  /** @param {any} plan */
  siteList(plan) {
    const box = make('div', 'live-plan-sites'), list = make('ol');
    for (const site of plan.sites) {
      const one = make('button', 'geo-link', say('take_over'));
      one.type = 'button';
      one.onclick = () => this.take_over([site]);
      add(list, add(make('li'), make('span', '', site.name), one));
    }
    const all = make('button', 'live-go', say('take_all', { n: plan.sites.length }));
    all.type = 'button';
    all.onclick = () => this.take_over(plan.sites);
    return add(box, list, all);
  }

  /** @param {any[]} sites */
  async take_over(sites) {
    const pins = sites.map(({ name, lon, lat, station_class }) => ({ name: name.slice(0, 80), lon, lat, ...(station_class ? { station_class } : {}) }));
    const answer = await this.line.ask(pins.length === 1 ? { do: 'add', ...pins[0] } : { do: 'add_all', sites: pins });
    if (answer && answer.header.kind === 'error') this.complain(answer.header.why);
    this.show();
  }

  /** @param {CanvasRenderingContext2D} context */
  draw(context) {
    const plan = this.told && this.told.plans ? this.told.plans[this.chosen] : null;
    if (!plan) return;
    const taken = this.map.stations.filter(one => one.change === 'added');
    plan.sites.forEach((site, i) => {
      if (taken.some(one => Math.hypot(one.x - site.x, one.y - site.y) < 1)) return;
      const [x, y] = this.map.toScreen(site.x, site.y), { grow } = this.map;
      context.beginPath();
      context.arc(x, y, 11 * grow, 0, 6.2832);
      context.fillStyle = 'rgba(255,255,255,.92)';
      context.fill();
      context.lineWidth = 2.5;
      context.setLineDash([4, 3]);
      context.strokeStyle = SITE;
      context.stroke();
      context.setLineDash([]);
      context.fillStyle = SITE;
      context.font = `600 ${12 * grow}px ${FONT}`;
      context.textAlign = 'center';
      context.fillText(String(i + 1), x, y + 4.5 * grow);
    });
  }
}
