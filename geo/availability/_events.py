"""The event loop of a simulation, compiled: calls in the order of time, engines that go out and come back."""

from __future__ import annotations

from typing import Any

import numpy as np

from geo._jit import kernel, part

__all__ = ["count_calls", "replay_events"]

NEVER = np.inf


@part
def _come_home(t: float, until_s: Any, free_s: Any, base: Any, home: Any, move_s: Any) -> int:
    """Send covering engines home whose time is over; count those that are still away."""
    n_away = 0
    for e in range(len(home)):
        if base[e] != home[e]:
            if until_s[e] <= t:
                free_s[e] = max(until_s[e], free_s[e]) + move_s[base[e], home[e]]
                base[e] = home[e]
                until_s[e] = NEVER
            else:
                n_away += 1
    return n_away


@part
def _free_at(s: int, kind: int, t: float, first: Any, n_away: int, fleet: Any) -> int:
    """Give the engine of a kind that is free at a station, -1 where none is."""
    free_s, base, home, kinds = fleet
    for e in range(first[s], first[s + 1]):
        if kinds[e] == kind and free_s[e] <= t and base[e] == s:
            return e
    if n_away:
        for e in range(len(home)):
            if base[e] == s and home[e] != s and kinds[e] == kind and free_s[e] <= t:
                return e
    return -1


@part
def _next_free(
    order: Any, n: int, kind: int, first: Any, reach_s: Any, until_s: Any, move_s: Any, fleet: Any
) -> int:
    """Give the engine of a kind among those that come which is free first; of equals the nearest.

    Where all of them cover stations from which none comes, the one that is home again first comes from there.
    """
    free_s, base, home, kinds = fleet
    best = -1
    for k in range(n):
        for e in range(first[order[k]], first[order[k] + 1]):
            if kinds[e] == kind and reach_s[base[e]] < NEVER and (best < 0 or free_s[e] < free_s[best]):
                best = e
    if best >= 0:
        return best
    home_s = NEVER
    for k in range(n):
        for e in range(first[order[k]], first[order[k] + 1]):
            if kinds[e] == kind and base[e] != home[e]:
                back_s = max(until_s[e], free_s[e]) + move_s[base[e], home[e]]
                if back_s < home_s:
                    best, home_s = e, back_s
    if best >= 0:
        free_s[best], base[best], until_s[best] = home_s, home[best], NEVER
    return best


@part
def _cover(
    s: int, kind: int, t: float, keep: int, donors: Any, move_s: Any, first: Any, until_s: Any, fleet: Any
) -> int:
    """Move an engine to a station whose last free one of a kind has left, if before one is back."""
    free_s, base, home, kinds = fleet
    back = NEVER
    for e in range(len(home)):
        if kinds[e] != kind or base[e] != s:
            continue
        if free_s[e] <= t or home[e] != s:
            return 0
    for e in range(first[s], first[s + 1]):
        if kinds[e] == kind and base[e] == s:
            back = min(back, free_s[e])
    if back == NEVER:
        return 0
    for k in range(donors.shape[1]):
        d = donors[s, k]
        if not t + move_s[d, s] < back:
            return 0
        spare, chosen = 0, -1
        for e in range(first[d], first[d + 1]):
            if kinds[e] == kind and base[e] == d and free_s[e] <= t:
                spare += 1
                chosen = e
        if spare > keep:
            base[chosen] = s
            free_s[chosen] = t + move_s[d, s]
            until_s[chosen] = back
            return 1
    return 0


@kernel
def replay_events(
    call_s: Any,
    place: Any,
    service_s: Any,
    need: Any,
    order: Any,
    n_reached: Any,
    response_s: Any,
    first: Any,
    kinds: Any,
    donors: Any,
    move_s: Any,
    keep: int,
    n_drives: float,
    is_queued: bool,
    window_s: Any,
) -> Any:
    """Send engines to calls one after the other.

    Calls stand in the order of time. An engine is free from the second it is back. A call takes the nearest
    free engines of each kind; what is missing is lost, or waits for the engine that is free first. Gives by
    call the seconds until the first engine and until the last are there (``inf``: none, not all), the station
    of the first (-1: none) and how many came; by station and kind the engines sent and their busy seconds
    within the window; and the number of moves to cover.
    """
    n_calls, n_stations, n_kinds = len(call_s), len(first) - 1, need.shape[1]
    home = np.repeat(np.arange(n_stations), np.diff(first))
    base = home.copy()
    free_s, until_s = np.full(len(home), -NEVER), np.full(len(home), NEVER)
    fleet = (free_s, base, home, kinds)
    first_s, full_s = np.full(n_calls, NEVER), np.zeros(n_calls)
    first_from, n_sent = np.full(n_calls, -1), np.zeros(n_calls, dtype=np.int64)
    sent, busy_s = np.zeros((n_stations, n_kinds)), np.zeros((n_stations, n_kinds))
    n_away, n_moves = 0, 0
    for c in range(n_calls):
        t, j = call_s[c], place[c]
        if n_away:
            n_away = _come_home(t, until_s, free_s, base, home, move_s)
        for kind in range(n_kinds):
            k = 0
            for _ in range(need[c, kind]):
                e = -1
                while k < n_reached[j]:
                    e = _free_at(order[j, k], kind, t, first, n_away, fleet)
                    if e >= 0:
                        break
                    k += 1
                starts = t
                if e < 0 and is_queued:
                    e = _next_free(order[j], n_reached[j], kind, first, response_s[j], until_s, move_s, fleet)
                    if e >= 0:
                        starts = max(t, free_s[e])
                if e < 0:
                    full_s[c] = NEVER
                    continue
                s = base[e]
                came = starts - t + response_s[j, s]
                if came < first_s[c]:
                    first_s[c], first_from[c] = came, s
                full_s[c] = max(full_s[c], came)
                n_sent[c] += 1
                free_s[e] = starts + service_s[c] + n_drives * response_s[j, s]
                if base[e] != home[e]:
                    base[e], until_s[e] = home[e], NEVER
                    n_away -= 1
                if t >= window_s[0]:
                    sent[home[e], kind] += 1
                busy_s[home[e], kind] += max(
                    0.0, min(free_s[e], window_s[1]) - min(max(starts, window_s[0]), window_s[1])
                )
                if donors.shape[1]:
                    moved = _cover(s, kind, t, keep, donors, move_s, first, until_s, fleet)
                    n_moves += moved
                    n_away += moved
        if n_sent[c] == 0:
            full_s[c] = NEVER
    return first_s, full_s, first_from, n_sent, sent, busy_s, n_moves


@kernel
def count_calls(
    place: Any,
    first_s: Any,
    full_s: Any,
    is_reached: Any,
    from_c: int,
    limit_ms: int,
    tally: Any,
    histogram: Any,
) -> None:
    """Add calls to tallies (calls, not served, in time, all in time, seconds, unreached), and by second.

    Calls from ``from_c`` on count. Tallies go by ``place``, or by another number of a call, as its type.
    Limits are kept to the millisecond, as elsewhere: sums of seconds may miss one by a rounding.
    ``histogram`` counts whole seconds of the first engine, rounded up; the last field holds longer ones.
    """
    for c in range(from_c, len(place)):
        j = place[c]
        tally[0, j] += 1
        if first_s[c] == np.inf:
            tally[1, j] += 1
            tally[5, j] += not is_reached[c]
            continue
        first_ms = np.rint(1000.0 * first_s[c])
        tally[2, j] += first_ms <= limit_ms
        tally[3, j] += np.rint(1000.0 * full_s[c]) <= limit_ms
        tally[4, j] += first_s[c]
        histogram[int(min(np.ceil(first_ms / 1000.0), len(histogram) - 1.0))] += 1
