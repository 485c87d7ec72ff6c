// The box of exports: a block for the study file, a whole study file, or the files that a run writes.

import { MOST_LETTERS, button } from './scenarios.js';
import { add, make } from './shapes.js';
import { fileSize, say } from './words.js';

/** What can be taken home. @type {{what: string, word: string}[]} */
const EXPORTS = [{ what: 'block', word: 'export_block' }, { what: 'study', word: 'export_study' }, { what: 'results', word: 'export_results' }, { what: 'report', word: 'export_report' }];
/** Those that a run writes: they take a while. */
const RUNS = ['results', 'report'];

/** The computation that is under way, also while the box is closed. @type {{text: string, done: number, n: number} | null} */
let progress = null;
/** Shows it where the box is open. @type {() => void} */
let showProgress = () => {};

/** How far the server is with the files of a run. @param {any} header */
export function takeProgress(header) {
  progress = header;
  showProgress();
}

/**
 * @param {HTMLDialogElement} box
 * @param {import('./line.js').Line} line
 * @param {(text: string, isAlert: boolean) => void} note told when the files are there and the box is closed
 */
export function exportBox(box, line, note) {
  const name = make('input'), go = button('export_go', 'live-go'), told = make('p', 'geo-quiet live-told'), text = make('textarea');
  const shut = button('close_box'), copy = button('copy'), stop = button('cancel'), files = make('ul', 'live-files');
  const bar = make('progress'), kinds = make('div', 'live-kinds');
  let what = 'block';
  name.value = say('live');
  name.maxLength = MOST_LETTERS;
  text.readOnly = true;
  text.setAttribute('aria-label', say('export'));
  told.setAttribute('role', 'status');
  bar.setAttribute('aria-label', say('export_results'));
  clear();

  kinds.setAttribute('role', 'radiogroup');
  kinds.setAttribute('aria-label', say('export'));
  for (const kind of EXPORTS) {
    const radio = make('input'), hint = make('span', 'geo-quiet', say(`${kind.word}_hint`));
    Object.assign(radio, { type: 'radio', name: 'what', value: kind.what, checked: kind.what === what });
    radio.onchange = () => { what = kind.what; clear(); };
    add(kinds, add(make('label'), radio, add(make('span'), make('b', '', say(kind.word)), hint)));
  }

  function clear() {
    text.hidden = copy.hidden = files.hidden = true;
    told.textContent = '';
    showProgress();
  }

  /** @param {any} header */
  function list(header) {
    files.replaceChildren(...header.files.map((/** @type {[string, number]} */ [file, size]) => {
      const link = make('a', '', file.slice(file.indexOf('/') + 1));
      link.href = `files/${file.split('/').map(encodeURIComponent).join('/')}`;
      link.download = '';
      return add(make('li'), link, make('span', 'geo-quiet', fileSize(size)));
    }));
    files.hidden = false;
  }

  showProgress = () => {
    bar.hidden = stop.hidden = !progress;
    go.disabled = Boolean(progress) && RUNS.includes(what);
    if (!progress) return;
    bar.max = progress.n;
    bar.value = progress.done;
    told.textContent = `${progress.text} (${progress.done + 1}/${progress.n})`;
  };
  showProgress();

  async function run() {
    clear();
    progress = { text: say('export_begin'), done: 0, n: 1 };
    showProgress();
    stop.focus(); // a button that cannot be pressed any more would swallow the keys
    const answer = await line.ask({ do: what, name: name.value });
    progress = null;
    const isStopHeld = document.activeElement === stop;
    showProgress();
    if (isStopHeld) go.focus();
    if (!answer) return;
    const { header } = answer, isDone = header.kind !== 'error';
    told.textContent = isDone ? say('export_results_done', { folder: header.path }) : header.why;
    if (isDone) list(header);
    if (!box.open) note(told.textContent, !isDone);
  }

  async function write() {
    const answer = await line.ask({ do: 'export', name: name.value, what });
    if (!answer) return;
    const { header } = answer;
    text.hidden = copy.hidden = header.kind === 'error';
    told.textContent = header.kind === 'error' ? header.why : say(what === 'study' ? 'export_study_done' : 'export_hint', { file: header.file });
    text.value = header.text || '';
  }

  go.onclick = () => (RUNS.includes(what) ? run() : write());
  name.onkeydown = event => { if (event.key === 'Enter' && !go.disabled) go.click(); };
  stop.onclick = () => line.ask({ do: 'cancel' });
  copy.onclick = () => { text.select(); document.execCommand('copy'); copy.textContent = say('copied'); };
  shut.onclick = () => box.close();
  const label = add(make('label', 'live-field'), make('span', '', say('export_name')), name);
  box.setAttribute('aria-label', say('export'));
  box.replaceChildren(
    make('h3', '', say('export')), kinds, add(make('div', 'live-row'), label, go), told, bar, text, files,
    add(make('div', 'live-buttons'), copy, stop, shut),
  );
  box.showModal();
}
