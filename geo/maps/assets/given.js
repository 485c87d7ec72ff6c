// What the page gives its scripts: its data, its map and Leaflet. In the offline file they are the arguments of the
// function around all scripts (geo/maps/page.py), and this file is not in it.

/** @type {any} */
export const data = {};
/** @type {any} */
export const map = {};
/** @type {any} */
export const L = {};
