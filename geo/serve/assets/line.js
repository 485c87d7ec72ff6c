// The connection to the server: questions with numbers, frames back; it comes back by itself when it breaks.

import { readFrame } from './frames.js';

const KEY = 'geo-live-session';
const WAIT_MS = [300, 600, 1200, 2500, 5000];
const TAKEN = 1001, REFUSED = 1008;

/** The session of this page; none where the page may keep nothing, as in a frame of a browser that is set so. */
function remembered() {
  try { return sessionStorage.getItem(KEY); } catch { return null; }
}

/** @param {string} session */
function remember(session) {
  try { sessionStorage.setItem(KEY, session); } catch { /* a reload begins with the session that was changed last */ }
}

/** Whether a server answers that does not know this address. */
async function isAnother() {
  try { return (await fetch('words.json', { method: 'HEAD', cache: 'no-store' })).status === 404; } catch { return false; }
}

export class Line {
  /**
   * @param {(header: any, arrays: Record<string, any>) => void} onFrame
   * @param {(state: 'open' | 'lost' | 'taken' | 'restarted' | 'ended', why: string) => void} onState
   */
  constructor(onFrame, onState) {
    this.onFrame = onFrame;
    this.onState = onState;
    this.number = 0;
    this.tries = 0;
    /** @type {Map<number, (answer: {header: any, arrays: any} | null) => void>} */
    this.waiting = new Map();
    /** @type {WebSocket | null} */
    this.socket = null;
    /** What came before the page could show anything; null once it can. @type {(() => void)[] | null} */
    this.early = [];
  }

  /** Show what came, and from now on what comes. */
  heed() {
    const early = this.early || [];
    this.early = null;
    for (const show of early) show();
  }

  /** @param {() => void} show */
  soon(show) {
    if (this.early) this.early.push(show); else show();
  }

  /** @param {boolean} fresh whether to begin without earlier changes */
  open(fresh = false) {
    const address = new URL('live', location.href);
    address.protocol = 'ws:';
    const session = remembered();
    if (fresh) address.searchParams.set('fresh', '1');
    if (session) address.searchParams.set('session', session); // one that begins anew takes its scenarios along
    const socket = new WebSocket(address);
    socket.binaryType = 'arraybuffer';
    socket.onmessage = event => this.soon(() => this.take(event.data));
    socket.onclose = event => this.soon(() => { if (this.socket === socket) this.lost(event); });
    this.socket = socket;
  }

  /** Leave the session for a new one. */
  anew() {
    const old = this.socket;
    this.socket = null;
    if (old) old.close();
    this.drop();
    this.open(true);
  }

  /** @param {ArrayBuffer} data */
  take(data) {
    const { header, arrays } = readFrame(data);
    if (header.kind === 'hello') {
      remember(header.session);
      this.tries = 0;
      this.onState('open', '');
    }
    this.onFrame(header, arrays);
    if (header.kind === 'progress') return; // the answer is still to come
    const done = this.waiting.get(header.re);
    if (done) {
      this.waiting.delete(header.re);
      done({ header, arrays });
    }
  }

  /** @param {CloseEvent} event */
  lost(event) {
    this.drop();
    if (event.code === TAKEN && event.reason) return this.onState('taken', event.reason);
    if (event.code === REFUSED) return this.onState('ended', event.reason);
    this.onState('lost', '');
    setTimeout(() => this.again(), WAIT_MS[Math.min(this.tries, WAIT_MS.length - 1)]);
    this.tries += 1;
  }

  /** A server that was started again has another address. */
  async again() {
    if (this.tries > 1 && await isAnother()) return this.onState('restarted', '');
    this.open();
  }

  drop() {
    for (const done of this.waiting.values()) done(null);
    this.waiting.clear();
  }

  /**
   * Ask the server; the answer is null where the connection broke.
   * @param {Record<string, any>} message
   * @returns {Promise<{header: any, arrays: any} | null>}
   */
  ask(message) {
    if (!this.socket || this.socket.readyState !== WebSocket.OPEN) return Promise.resolve(null);
    this.number += 1;
    const id = this.number;
    this.socket.send(JSON.stringify({ id, ...message }));
    return new Promise(done => this.waiting.set(id, done));
  }
}
