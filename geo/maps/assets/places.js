// Places: how people on the map are called, what is said of them, and why nobody comes.

import { data } from './given.js';
import { engineWay, goalOf, hasWay, openPlace, wayCard, waysOf } from './routes.js';
import { add, card, fill, make, sayPeople, sayTime, toLatLng } from './shapes.js';

/** The name of drawn people: their village's, or nothing; a gathered point is named after its greatest. */
export function nameOf(i) {
  const points = data.demand, name = points.name[i] < 0 ? '' : points.names[points.name[i]];
  return name && points.n && points.n[i] > 1 ? fill(data.words.place_and_more, { name, n: points.n[i] }) : name;
}

export function zoneOf(i) {
  return data.demand.zone[i] < 0 ? '' : data.demand.zones[data.demand.zone[i]];
}

/** A heading and the quiet line below it: the village and its town, or the town alone. */
export function placeHeading(name, zone) {
  return name ? [name, zone] : [zone, ''];
}

export function peopleCard(i) {
  const points = data.demand, w = data.words, station = data.stations[points.station[i]];
  const rows = [[w.people, sayPeople(points.people[i])], [w.response_time, sayTime(points.s[i])]];
  if (station) rows.push([w.nearest_station, station.name]);
  return card(...placeHeading(nameOf(i), zoneOf(i)), rows);
}

/** The pop-up of people: what the tooltip says, the parts of their time, and other ways such as to a shelter. */
function peoplePopup(i) {
  const station = data.stations[data.demand.station[i]];
  const heading = station ? fill(data.words.way_to, { station: station.name }) : '';
  return add(peopleCard(i), station ? wayCard(engineWay(i), heading) : null, ...waysOf(data.demand, i).map(kept => wayCard(kept)));
}

export function openPeople(i) {
  openPlace(peoplePopup(i), toLatLng(data.demand.x[i], data.demand.y[i]), [...waysOf(data.demand, i), engineWay(i)]);
}

function unreachedName(i) {
  const points = data.unreached, name = points.name[i];
  return name && points.n[i] > 1 ? fill(data.words.place_and_more, { name, n: points.n[i] }) : name;
}

/** Why nobody comes: the reason, how far the road is and may be, and what may mend it. */
export function unreachedCard(i) {
  const points = data.unreached, w = data.words, zone = points.zone[i] === '—' ? '' : points.zone[i];
  const rows = [[w.people, sayPeople(points.people[i])], [w.response_time, w.unreachable], [w.why, points.why[i]]];
  if (points.m[i] !== '—') rows.push([w.distance_to_road, points.m[i]]);
  const box = card(...placeHeading(unreachedName(i), zone), rows);
  return add(box, add(make('p', 'geo-cure'), make('b', '', w.cure), make('span', '', points.cure[i])));
}

export function openUnreached(i) {
  const ways = waysOf(data.unreached, i), box = add(unreachedCard(i), ...ways.map(kept => wayCard(kept)));
  openPlace(box, toLatLng(data.unreached.x[i], data.unreached.y[i]), ways);
}

/** What is added to the pop-up of a gap or station: the way to whom the engine reaches last. */
export function farthestCard(way) {
  const kept = engineWay(way);
  if (!hasWay(kept)) return null;
  const name = goalOf(kept).name || zoneOf(way) || '';
  return wayCard(kept, fill(data.words.route_to, { name: name ? ' ' + name + ' ' : '' }));
}
