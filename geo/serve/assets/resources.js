// Shelters, depots, hydrants and water points: their signs on the map, their sizes, and what changes for people.

import { FONT, halo } from './labels.js';
import { add, make } from './shapes.js';
import { percent, say, spoken } from './words.js';

export const KINDS = ['shelter', 'depot', 'hydrant', 'water_point'];
/** @type {Record<string, {colour: string, size: number, reach: number}>} */
const LOOKS = {
  shelter: { colour: '#2b7a3d', size: 6, reach: 11 },
  depot: { colour: '#8a5a14', size: 6, reach: 11 },
  hydrant: { colour: '#0a7ea4', size: 2.5, reach: 7 },
  water_point: { colour: '#3b5bdb', size: 3.5, reach: 8 },
};
/** @type {Record<string, string[]>} */
const SIZES = { shelter: ['places', 'area_m2'], depot: ['area_m2'], hydrant: ['flow_lps'], water_point: [] };
const SHARES = [
  'hydrants.share_road_covered', 'availability_force.least_share',
  ...['share_in_time', 'busy_share', 'busiest_share', 'lost_share', 'unreached_share'].map(name => `availability.${name}`),
];

export class Resources {
  /**
   * Those of the kind that is chosen in the bar are shown, and all that are changed.
   * @param {import('./canvas.js').MapView} map
   * @param {{tool: () => string, kind: () => string}} model
   */
  constructor(map, model) {
    this.map = map;
    this.model = model;
    /** @type {any[]} */ this.rows = [];
    map.below.push(context => this.draw(context));
    map.resourceAt = (px, py) => (model.tool() === 'look' ? this.at(px, py) : null);
  }

  /** @param {string} id */
  find(id) {
    return this.rows.find(one => one.id === id);
  }

  /** Whether what is in hand is one, also a new one. @param {string} id '' for a new one */
  isOne(id) {
    return id ? Boolean(this.find(id)) : Boolean(this.model.kind());
  }

  shown() {
    const kind = this.model.kind();
    return this.rows.filter(one => one.kind === kind || one.change !== 'same' || one.status !== one.was_status || one.id === this.map.chosen);
  }

  /** The resource under a place of the screen. @param {number} px @param {number} py */
  at(px, py) {
    let best = null, least = Infinity;
    for (const one of this.shown()) {
      const [x, y] = this.map.toScreen(one.x, one.y), away = Math.hypot(x - px, y - py);
      if (away <= LOOKS[one.kind].reach * this.map.grow && away < least) { best = one; least = away; }
    }
    return best;
  }

  /** @param {CanvasRenderingContext2D} context */
  draw(context) {
    const { map } = this, grown = Math.min(1.8, Math.max(1, Math.sqrt(map.view.scale / map.fitScale) * 0.8));
    for (const one of this.shown()) {
      if (map.hand && map.hand.id === one.id) continue;
      const look = LOOKS[one.kind], [x, y] = map.toScreen(one.x, one.y);
      if (x < -20 || y < -20 || x > map.width + 20 || y > map.height + 20) continue;
      const isNear = one.id === map.chosen || one.id === map.hovered, r = map.grow * look.size * grown * (isNear ? 1.4 : 1);
      context.fillStyle = one.status === 'existing' ? look.colour : '#ffffff';
      context.strokeStyle = one.status === 'existing' ? '#ffffff' : one.status === 'closed' ? '#8a8f98' : look.colour;
      context.lineWidth = 1.2;
      context.beginPath();
      if (one.kind === 'shelter') context.rect(x - r, y - r, 2 * r, 2 * r);
      else if (one.kind === 'depot') { context.moveTo(x, y - r * 1.2); context.lineTo(x + r * 1.2, y); context.lineTo(x, y + r * 1.2); context.lineTo(x - r * 1.2, y); context.closePath(); }
      else context.arc(x, y, r, 0, 6.2832);
      context.fill();
      context.stroke();
      if (!isNear) continue;
      context.font = `600 ${12 * map.grow}px ${FONT}`;
      context.textAlign = 'center';
      halo(context, one.name || say(`kind_${one.kind}`), x, y - r - 6, look.colour);
    }
  }
}

/** What may be set of a resource. @param {any} one @param {Record<string, any>} act @returns {HTMLElement[]} */
export function sizeFields(one, act) {
  if (one.status !== 'existing') return [];
  return SIZES[one.kind].map(name => {
    const input = make('input');
    Object.assign(input, { type: 'number', min: 0, value: one[name] === null ? '' : one[name] });
    input.onchange = () => input.value !== '' && act.upgrade(one.id, { [name]: Number(input.value) });
    return add(make('label', 'live-field'), make('span', '', say(`size_${name}`)), input);
  });
}

/** The figures of engines that may be out: fire stations and roads change them, shelters, depots and hydrants do not. @param {any} checked @returns {any[]} */
export function enginesOf(checked) {
  return checked && checked.resources ? checked.resources.filter(row => row.figure.startsWith('availability')) : [];
}

/**
 * @param {HTMLElement} body
 * @param {any} checked its `resources` are shown; null before the first full computation
 * @param {boolean} isOld whether they are those of the last rest
 */
export function showResources(body, checked, isOld) {
  body.classList.toggle('live-old', isOld && Boolean(checked));
  if (!checked || checked.why) return body.replaceChildren(make('p', 'geo-quiet', checked ? '–' : say('targets_wait')));
  if (!checked.resources.length) return body.replaceChildren(make('p', 'geo-quiet', say('resources_none')));
  const table = make('div', 'live-resources');
  for (const row of checked.resources) {
    const number = value => (value === null ? '–' : SHARES.includes(row.figure) ? percent(value) : value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) < 100 ? 2 : 0 }));
    const isSame = row.before === row.after, text = isSame ? number(row.after) : `${number(row.before)} → ${number(row.after)}`;
    add(table, add(make('div', isSame ? 'geo-quiet' : ''), make('span', '', spoken() === 'zh' ? row.name_zh : row.name_en), make('span', 'geo-number', text)));
  }
  body.replaceChildren(...(isOld ? [make('p', 'live-old-note', say('last_rest'))] : []), table);
  if (checked.is_share_too_high) add(body, make('p', 'live-warning', say('several')));
}
