// The words of the page in the language that is chosen, and how it says numbers.

import { data } from './given.js';
import { fill, sayTime } from './shapes.js';

/** @type {Record<string, Record<string, string>>} */
let texts = {};
/** @type {'zh' | 'en'} */
let lang = 'zh';

/** @param {'zh' | 'en'} wanted */
export async function loadWords(wanted) {
  texts = await (await fetch('words.json')).json();
  speak(wanted);
}

/** @param {'zh' | 'en'} wanted */
export function speak(wanted) {
  lang = wanted;
  data.words = texts[lang];
  document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en';
}

export function spoken() {
  return lang;
}

/**
 * @param {string} key
 * @param {Record<string, string | number>} values
 * @returns {string}
 */
export function say(key, values = {}) {
  return fill(texts[lang][key], values);
}

/** A whole number in groups of three: the browser's own way takes long, and a drag shows a hundred. @param {number} n */
export function people(n) {
  return String(Math.round(n)).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** @param {number} n a change, with its sign */
export function signed(n) {
  const whole = Math.round(n);
  return `${whole > 0 ? '+' : whole < 0 ? '−' : '±'}${people(Math.abs(whole))}`;
}

/**
 * One decimal, or so many that no part reads like nothing or like all (as `percent` of Python does).
 * @param {number | null} share
 */
export function percent(share) {
  if (share === null) return '–';
  for (let digits = 1; share > 0 && share < 1 && digits <= 7; digits += 1) {
    const shown = (100 * share).toFixed(digits);
    if (Number(shown) !== 0 && Number(shown) !== 100) return `${shown}%`;
  }
  return `${Math.round(100 * share)}%`;
}

/** @param {number | null} seconds null where nobody is reached */
export function time(seconds) {
  return seconds === null ? say('not_reached') : sayTime(wholeSeconds(seconds));
}

/** Rounded up as the map and the report do it, so that a time past the limit reads past it. @param {number} seconds */
export function wholeSeconds(seconds) {
  return Math.ceil(seconds - 1e-6);
}

/** @param {number} seconds a change, with its sign */
export function signedTime(seconds) {
  const whole = Math.round(seconds);
  return `${whole > 0 ? '+' : whole < 0 ? '−' : '±'}${sayTime(Math.abs(whole))}`;
}

/** @param {string} at a moment as the server writes it */
export function moment(at) {
  return new Date(at).toLocaleString(lang === 'zh' ? 'zh-CN' : 'en-GB');
}

/** @param {number} bytes */
export function fileSize(bytes) {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
