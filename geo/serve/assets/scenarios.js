// The box of scenarios: those that the planner keeps under names, and those of the study file.

import { add, make } from './shapes.js';
import { moment, say, time } from './words.js';

export const MOST_LETTERS = 80;

/**
 * @typedef {{name: string, at: string, n_changes: number}} Kept
 * @typedef {{name: string, parts: Record<string, number>, turnout_s?: number, speed_factor?: number}} OfStudy
 * @typedef {{page: Kept[], study: OfStudy[], each_station: boolean}} Told
 */

/**
 * Show the box; what is done in it is asked of the server, which tells the list anew.
 * @param {HTMLDialogElement} box
 * @param {import('./line.js').Line} line
 * @param {{state: any, compare: (of: string, name: string) => void}} given the present state, and what puts another beside it
 */
export async function scenariosBox(box, line, { state, compare }) {
  const name = make('input'), save = button('save_scenario', 'live-go'), told = make('p', 'geo-quiet live-told'), lists = make('div', 'live-scenarios');
  name.maxLength = MOST_LETTERS;
  name.setAttribute('aria-label', say('scenario_name'));
  name.placeholder = say('scenario_name');
  name.disabled = save.disabled = !state.n_undo;
  told.setAttribute('role', 'status');
  told.textContent = state.n_undo ? '' : say('nothing_to_save');
  /** The name that is replaced when it is asked for once more. */
  let taken = '';

  /** @param {Record<string, any>} message @returns {Promise<boolean>} whether it was done */
  async function ask(message) {
    const answer = await line.ask(message);
    if (!answer) return false;
    const { header } = answer;
    told.textContent = header.kind === 'error' ? header.why : '';
    if (header.kind === 'scenarios') show(header);
    return header.kind !== 'error';
  }

  async function keep() {
    const wanted = name.value.trim();
    if (!wanted) return name.focus();
    const isAgain = taken === wanted, isDone = await ask({ do: 'save_scenario', name: wanted, replace: isAgain });
    taken = isDone || isAgain ? '' : wanted;
    save.textContent = say(taken ? 'replace_scenario' : 'save_scenario');
    if (isDone) told.textContent = say('scenario_saved', { name: wanted });
  }
  name.oninput = () => { taken = ''; save.textContent = say('save_scenario'); };
  name.onkeydown = event => { if (event.key === 'Enter') keep(); };
  save.onclick = keep;

  /** @param {string} of @param {string} called */
  async function open(of, called) {
    if (await ask({ do: 'open_scenario', of, name: called })) box.close();
  }

  /** @param {Told} header */
  function show(header) {
    const own = header.page.map(one => row(one.name, say('scenario_about', { n: one.n_changes, at: moment(one.at) }), [
      button('open_scenario', '', () => open('page', one.name)),
      button('beside', '', () => { box.close(); compare('page', one.name); }),
      button('rename', '', () => rename(one.name)),
      twice('delete', say('delete_sure'), () => ask({ do: 'delete_scenario', name: one.name })),
    ]));
    const study = header.study.map(one => row(one.name, partsOf(one), [
      button('open_scenario', '', () => open('study', one.name)),
      button('beside', '', () => { box.close(); compare('study', one.name); }),
    ]));
    lists.replaceChildren(...part('scenarios_own', own), ...part('scenarios_study', study));
    if (header.each_station) add(lists, make('p', 'geo-quiet', say('scenarios_each_station')));
  }

  /** @param {string} called */
  function rename(called) {
    const line_ = [...lists.querySelectorAll('.live-scenario')].find(one => /** @type {HTMLElement} */ (one).dataset.name === called);
    if (!line_) return;
    const input = make('input'), done = button('rename', '', () => ask({ do: 'rename_scenario', name: called, to: input.value }));
    input.value = called;
    input.maxLength = MOST_LETTERS;
    input.setAttribute('aria-label', say('scenario_name'));
    input.onkeydown = event => { if (event.key === 'Enter') done.click(); };
    line_.replaceChildren(input, done);
    input.focus();
    input.select();
  }

  const shut = button('close_box', '', () => box.close());
  box.replaceChildren(make('h3', '', say('scenarios')), add(make('div', 'live-row'), name, save), told, lists, add(make('div', 'live-buttons'), shut));
  box.setAttribute('aria-label', say('scenarios'));
  if (!box.open) box.showModal();
  await ask({ do: 'scenarios' });
  if (!state.n_undo) told.textContent = say('nothing_to_save');
}

/**
 * @param {string} word
 * @param {string} [className]
 * @param {() => void} [what]
 */
export function button(word, className = '', what) {
  const one = make('button', className, say(word));
  one.type = 'button';
  if (what) one.onclick = what;
  return one;
}

/** A button that does it when it is pressed again. @param {string} word @param {string} sure what stands on it then @param {() => void} what */
function twice(word, sure, what) {
  const one = button(word);
  one.onclick = () => {
    if (one.dataset.sure) return what();
    one.dataset.sure = 'yes';
    one.textContent = sure;
    setTimeout(() => { delete one.dataset.sure; one.textContent = say(word); }, 5000);
  };
  return one;
}

/** @param {string} name @param {string} about @param {HTMLElement[]} buttons */
function row(name, about, buttons) {
  const one = make('div', 'live-scenario');
  one.dataset.name = name;
  return add(one, add(make('div'), make('b', '', name), make('span', 'geo-quiet', about)), add(make('div', 'live-buttons'), ...buttons));
}

/** @param {string} title @param {HTMLElement[]} rows */
function part(title, rows) {
  return [make('h4', '', say(title)), ...(rows.length ? rows : [make('p', 'geo-quiet', say(`${title}_none`))])];
}

/** What a scenario of the study file changes, in words. @param {OfStudy} one */
function partsOf(one) {
  const parts = Object.entries(one.parts).map(([name, n]) => say(`part_of_${name}`, { n }));
  if (one.turnout_s !== undefined) parts.push(`${say('turnout')} ${time(one.turnout_s)}`);
  if (one.speed_factor !== undefined) parts.push(`${say('speed')} ${Math.round(100 * one.speed_factor)}%`);
  return parts.join(' · ');
}
