"""The compiled search from neighbouring facilities side by side: eight times of a node in one register.

Facilities that stand close together reach much the same nodes in much the same order. One search from all
eight at once gives the nodes that any of them reaches and an order to go through them. Then each node
passes its eight times on to its neighbours, in that order, and goes back to an earlier node where one has
improved, until none does: the least times, as Bellman (1958) and Ford found them, whatever the order. A
good order only makes it quick: each node is gone through two or three times for eight searches.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils as numba_cgutils
from numba.extending import intrinsic

from geo.buckets import BUCKETS, DUE, NONE, SHIFT, Bits, Ints, Longs, Whole, fetch, longer, put
from geo.compiled import kernel, part
from geo.kernels import BIT, DE_BRUIJN, LOW_SIX, ONE, PENDING, SIX, TOP_SIX, UNREACHED, mark, wider

__all__ = ["LANES", "new_room", "reach_lanes"]

cgutils: Any = numba_cgutils

LANES: Final = 8
"""Facilities searched side by side: as many times as fit a register of 256 bits."""
ARCS: Final = 4
"""Arcs in a row of ``geo.arcs.pad_arcs``."""
ONE_32, TWO_32 = np.uint32(1), np.uint32(2)


def _pass_on(context: Any, tails: Any, tail: Any, heads: Any, head: Any, ms: Any) -> Any:
    """Write the processor's words for it: numba has no registers of several numbers."""

    def build(target: Any, builder: Any, signature: Any, args: Any) -> Any:
        whole = ir.IntType(32)
        lanes = ir.VectorType(whole, LANES)

        def place(array: int) -> Any:
            rows = target.make_array(signature.args[array])(target, builder, args[array])
            at = target.cast(builder, args[array + 1], signature.args[array + 1], types.intp)
            at = builder.mul(at, ir.Constant(at.type, LANES))
            return builder.bitcast(builder.gep(rows.data, [at]), lanes.as_pointer())

        more = target.cast(builder, args[4], signature.args[4], types.int32)
        more = builder.insert_element(ir.Constant(lanes, ir.Undefined), more, ir.Constant(whole, 0))
        same = ir.Constant(ir.VectorType(whole, LANES), [0] * LANES)
        more = builder.shuffle_vector(more, ir.Constant(lanes, ir.Undefined), same)
        then = builder.add(builder.load(place(0), align=4), more)
        was = builder.load(place(2), align=4)
        is_less = builder.icmp_signed("<", then, was)
        builder.store(builder.select(is_less, then, was), place(2), align=4)
        bits = builder.bitcast(is_less, ir.IntType(LANES))
        return builder.icmp_unsigned("!=", bits, ir.Constant(bits.type, 0))

    return types.boolean(tails, tail, heads, head, ms), build


pass_on = cast(Callable[[Ints, Whole, Ints, Whole, Whole], bool], intrinsic(_pass_on))
"""Lower a row of ``heads`` to a row of ``tails`` and ``ms`` more; say whether any time is less."""


def new_room(n_rows: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Make room for the numbers, the order, the arcs and the times of rows.

    As large arrays of numpy they lie on large pages, without which the sweeps take half as long again.
    """
    return (
        np.full(n_rows, -1, dtype=np.int32),
        np.empty(n_rows + 1, dtype=np.int32),
        np.empty((n_rows, 2 * ARCS), dtype=np.int32),
        np.empty((n_rows, LANES), dtype=np.int32),
    )


@part
def _settle(
    times: Ints,
    rows: Ints,
    further: Ints,
    ring: Ints,
    marks: Bits,
    entries: Longs,
    seeds: Ints,
    low: int,
    high: int,
    limit: int,
    order: Ints,
) -> tuple[Longs, Whole]:
    """Give the rows of the nodes within the limit of ``seeds[low:high]``, as the nodes are settled.

    A node's further rows follow it. Marks the nodes, leaves the times as they were; gives the entries and
    the number of rows.
    """
    bucket, n, done, m = np.int64(UNREACHED), NONE, NONE, NONE
    for i in range(low, high):
        bucket = min(bucket, np.int64(seeds[i, 1]) >> SHIFT)
    for i in range(low, high):
        head, then = np.uint32(seeds[i, 0]), np.int64(seeds[i, 1])
        if then <= limit and then < times[head] & UNREACHED:
            times[head] = then | PENDING
            n = put(ring, entries, n, head, then, bucket, DUE)
    while done < n:
        entry = ring[bucket & (BUCKETS - 1)]
        if entry < 0:
            bucket += 1
            continue
        ring[bucket & (BUCKETS - 1)] = np.int32(entries[np.uint32(entry)])
        node = np.uint32(entries[np.uint32(entry)] >> 32)
        done += 1
        ms = np.int64(times[node])
        if not ms & PENDING:
            continue
        ms &= UNREACHED
        if ms >> SHIFT > bucket:
            if n + 1 >= len(entries):
                entries = longer(entries, n, NONE + 1)
            n = put(ring, entries, n, node, ms, bucket, DUE)
            continue
        times[node] = ms
        is_new = not marks[node >> SIX] >> np.uint64(node & LOW_SIX) & ONE
        mark(marks, node)
        row = np.int64(node)
        while row >= 0:
            order[m] = row
            m += is_new
            if n + ARCS >= len(entries):
                entries = longer(entries, n, NONE + ARCS)
            for k in range(np.uint32(ARCS)):
                head = np.uint32(rows[np.uint32(row), TWO_32 * k])
                then = ms + rows[np.uint32(row), TWO_32 * k + ONE_32]
                was = np.int64(times[head])
                is_better = (then < was & UNREACHED) & (then <= limit)
                times[head] = then | PENDING if is_better else was
                n = put(ring, entries, n, head, then, bucket, is_better)
                fetch(rows, head)
            row = np.int64(further[np.uint32(row)])
    for i in range(n):
        times[np.uint32(entries[i] >> 32)] = UNREACHED
    return entries, m


@part
def _localise(rows: Ints, further: Ints, local: Ints, order: Ints, m: Whole, heads: Ints) -> None:
    """Number the rows in their order and give the arcs among them; arcs that leave them lead nowhere."""
    for i in range(m):
        local[order[i]] = i
    for i in range(m):
        row = np.uint32(order[i])
        for k in range(np.uint32(ARCS)):
            head = local[np.uint32(rows[row, TWO_32 * k])]
            heads[i, TWO_32 * k] = head if head >= 0 else i
            heads[i, TWO_32 * k + ONE_32] = rows[row, TWO_32 * k + ONE_32] if head >= 0 else 0
        if further[row] >= 0:
            heads[i, TWO_32 * np.uint32(ARCS - 1)] = i + 1


@part
def _sweep(lanes: Ints, heads: Ints, due: Bits, word: Whole, m: Whole, most: Whole) -> Whole:
    """Pass times on from the rows that are due until no time is less; give the visits, at most ``most``.

    From ``word`` on, 64 rows at a time; after them back to the first that has become due again.
    """
    n_words, visits = (m >> 6) + 1, NONE
    while word < n_words and visits <= most:
        bits, back = due[word], n_words
        due[word] = 0
        while bits:
            low = bits & (~bits + ONE)
            bits ^= low
            visits += 1
            row = np.uint32(word << 6) + BIT[(low * DE_BRUIJN) >> TOP_SIX]
            for k in range(np.uint32(ARCS)):
                head = np.uint32(heads[row, TWO_32 * k])
                is_less = pass_on(lanes, row, lanes, head, heads[row, TWO_32 * k + ONE_32])
                at = np.int64(head >> SIX)
                due[np.uint32(at)] |= np.uint64(is_less) << np.uint64(head & LOW_SIX)
                back = min(back, at if is_less else n_words)
        word = back if back <= word else word + 1
    return visits


@part
def _pass_to_points(
    lanes: Ints,
    order: Ints,
    m: Whole,
    n_nodes: int,
    near: Ints,
    near_start: Longs,
    numbers: Ints,
    marks: Bits,
    points: Ints,
) -> tuple[Ints, Whole]:
    """Pass times on from the rows to the points at their nodes; number and mark these points."""
    n = NONE
    for i in range(m):
        if order[i] >= n_nodes:
            continue
        for j in range(near_start[order[i]], near_start[order[i] + 1]):
            points, n = _number(numbers, marks, points, n, np.uint32(near[j, 0]))
            pass_on(lanes, i, points, numbers[near[j, 0]], near[j, 1])
    return points, n


@part
def _number(numbers: Ints, marks: Bits, lanes: Ints, n: Whole, i: np.uint32) -> tuple[Ints, Whole]:
    """Give a thing the next row if it has none, with no time yet."""
    if numbers[i] >= 0:
        return lanes, n
    if n >= len(lanes):
        more = np.empty((2 * len(lanes), LANES), np.int32)
        more[: len(lanes)] = lanes
        lanes = more
    numbers[i] = n
    mark(marks, i)
    for k in range(LANES):
        lanes[n, k] = UNREACHED
    return lanes, n + 1


@part
def _take_lanes(
    marks: Bits, numbers: Ints, lanes: Ints, limit: int, at: Longs, found: Ints, found_ms: Ints
) -> None:
    """Give each lane what is marked, ascending, where its time is within the limit; clear marks and numbers.

    What is not within the limit is written where the next entry will be: there must be room for one more.
    """
    for word in range(len(marks)):
        bits = marks[word]
        marks[word] = 0
        while bits:
            low = bits & (~bits + ONE)
            bits ^= low
            i = np.uint32(word << 6) + BIT[(low * DE_BRUIJN) >> TOP_SIX]
            row = np.uint32(numbers[i])
            numbers[i] = -1
            for k in range(np.uint32(LANES)):
                ms, n = lanes[row, k], np.uint32(at[k])
                found[n] = i
                found_ms[n] = ms
                at[k] = n + (ms <= limit)


@part
def _clear(order: Ints, m: Whole, n_nodes: int, numbers: Ints, marks: Bits) -> None:
    """Leave numbers and marks of the rows as they were."""
    for i in range(m):
        numbers[order[i]] = -1
        if order[i] < n_nodes:
            marks[order[i] >> 6] = 0


@part
def _begin(
    seeds: Ints, low: int, high: int, limit: int, numbers: Ints, lanes: Ints, m: Whole, due: Bits
) -> Whole:
    """Put the seeds of each source into its lane; give the first 64 rows with one that is due."""
    for i in range(m):
        for k in range(LANES):
            lanes[i, k] = UNREACHED
    n_words = (m >> 6) + 1
    word = n_words
    for i in range(n_words):
        due[i] = 0
    for i in range(2 * low, 2 * high):
        row, lane = np.int64(numbers[seeds[i, 0]]), (i >> 1) - low
        if row >= 0 and seeds[i, 1] <= limit:
            lanes[row, lane] = min(lanes[row, lane], seeds[i, 1])
            due[row >> 6] |= ONE << np.uint64(row & 63)
            word = min(word, row >> 6)
    return word


@kernel
def reach_lanes(
    times: Ints,
    rows: Ints,
    further: Ints,
    ring: Ints,
    marks: Bits,
    numbers: Ints,
    order: Ints,
    heads: Ints,
    lanes: Ints,
    seeds: Ints,
    limit: int,
    most: int,
    near: Ints,
    near_start: Longs,
    along: Ints,
    along_start: Longs,
    point_marks: Bits,
    point_numbers: Ints,
    found: Ints,
    found_ms: Ints,
) -> tuple[Longs, Longs, Ints, Ints]:
    """Give, for each source, what it reaches within the limit, ascending, and the times.

    ``rows`` and ``further`` are those of ``geo.arcs.pad_arcs``; ``numbers``, ``order``, ``heads`` and
    ``lanes`` come from :func:`new_room`; ``point_numbers`` are -1; source f has the seeds ``2 * f`` and
    ``2 * f + 1``; the rest is as in ``geo.kernels.reach``. Sources that stand together should follow each
    other.

    Gives where the entries of each source begin and end, the entries and their times. Sources from the first
    eight on that need more than ``most`` visits a row are left out.
    """
    n_sources, n_nodes = len(seeds) // 2, len(times)
    begin, end = np.zeros(n_sources, np.int64), np.zeros(n_sources, np.int64)
    entries = np.empty(2 * n_nodes, np.int64)
    points, due = np.empty((1024, LANES), np.int32), np.zeros(len(rows) // 64 + 1, np.uint64)
    at, n = np.zeros(LANES, np.int64), NONE
    for low in range(0, n_sources, LANES):
        high = min(low + LANES, n_sources)
        entries, m = _settle(
            times, rows, further, ring, marks, entries, seeds, 2 * low, 2 * high, limit, order
        )
        _localise(rows, further, numbers, order, m, heads)
        word = _begin(seeds, low, high, limit, numbers, lanes, m, due)
        if _sweep(lanes, heads, due, word, m, most * m) > most * m:
            _clear(order, m, n_nodes, numbers, marks)
            return begin[:low], end[:low], found, found_ms
        n_points = m
        if len(near_start) > 0:
            points, n_points = _pass_to_points(
                lanes, order, m, n_nodes, near, near_start, point_numbers, point_marks, points
            )
            for f in range(low, high):
                for j in range(along_start[f], along_start[f + 1]):
                    point = np.uint32(along[j, 0])
                    points, n_points = _number(point_numbers, point_marks, points, n_points, point)
                    own = point_numbers[point]
                    points[own, f - low] = min(points[own, f - low], along[j, 1])
        # Each lane has a stretch of its own, as long as it can need.
        stretch = n_points + 1
        found, found_ms = wider(found, n, LANES * stretch), wider(found_ms, n, LANES * stretch)
        for k in range(LANES):
            at[k] = n + k * stretch
        if len(near_start) == 0:
            _take_lanes(marks, numbers, lanes, limit, at, found, found_ms)
        else:
            _take_lanes(point_marks, point_numbers, points, limit, at, found, found_ms)
        _clear(order, m, n_nodes, numbers, marks)
        for f in range(low, high):
            begin[f], end[f] = n + (f - low) * stretch, at[f - low]
        n += LANES * stretch
    return begin, end, found, found_ms
