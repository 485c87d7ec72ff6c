"""The compiled search from a group of neighbouring facilities at once: an order of what any of them reaches.

It works on rows of four arcs (:func:`geo.arcs.pad_arcs`), which need no look at how many arcs a node has. The
order is that of the least time from any of the facilities; ``geo.lanes`` goes through the rows in it.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from geo._jit import part
from geo.routing._kernels.bucket_queue import (
    BUCKETS,
    DUE,
    NONE,
    SHIFT,
    Bits,
    Ints,
    Longs,
    Whole,
    fetch,
    longer,
    put,
)
from geo.routing._kernels.dijkstra import PENDING, UNREACHED, begin, mark

__all__ = ["ARCS", "link_rows", "settle_rows"]

ARCS: Final = 4
"""Arcs in a row of ``geo.arcs.pad_arcs``."""
ONE_32, TWO_32 = np.uint32(1), np.uint32(2)


@part
def settle_rows(
    times: Ints,
    rows: Ints,
    ring: Ints,
    marks: Bits,
    numbers: Ints,
    entries: Longs,
    seeds: Ints,
    low: int,
    high: int,
    limit: int,
    order: Ints,
) -> tuple[Longs, Whole]:
    """Give the rows within the limit of ``seeds[low:high]``, in the order in which they are settled.

    Marks and numbers the rows, leaves the times as they were; gives the entries and how many rows there are.
    """
    entries, n, bucket = begin(times, ring, entries, seeds, low, high, limit)
    done, m = NONE, NONE
    while done < n:
        if n + ARCS >= len(entries):
            entries = longer(entries, n, NONE + ARCS)
        n, done, bucket, m = _go_on(
            times, rows, ring, marks, numbers, entries, n, done, bucket, limit, order, m
        )
    for i in range(n):
        times[np.uint32(entries[i] >> 32)] = UNREACHED
    return entries, m


@part
def _go_on(
    times: Ints,
    rows: Ints,
    ring: Ints,
    marks: Bits,
    numbers: Ints,
    entries: Longs,
    n: Whole,
    done: Whole,
    bucket: Whole,
    limit: int,
    order: Ints,
    m: Whole,
) -> tuple[Whole, Whole, Whole, Whole]:
    """Settle rows as long as there is room for entries; give entries, those done, open bucket and rows.

    The room stays the same within: of an array that may change numba counts the holders, at every row.
    """
    while done < n and n + ARCS < len(entries):
        entry = ring[bucket & (BUCKETS - 1)]
        if entry < 0:
            bucket += 1
            continue
        ring[bucket & (BUCKETS - 1)] = np.int32(entries[np.uint32(entry)])
        row = np.uint32(entries[np.uint32(entry)] >> 32)
        done += 1
        ms = np.int64(times[row])
        if not ms & PENDING:
            continue
        ms &= UNREACHED
        if ms >> SHIFT > bucket:
            n = put(ring, entries, n, row, ms, bucket, DUE)
            continue
        times[row] = ms
        number = numbers[row]
        is_new = np.bool_(number < 0)
        numbers[row] = m if is_new else number
        order[np.uint32(m)] = row
        m += is_new
        mark(marks, row)
        for k in range(np.uint32(ARCS)):
            head, then = np.uint32(rows[row, TWO_32 * k]), ms + rows[row, TWO_32 * k + ONE_32]
            was = np.int64(times[head])
            is_better = (then < was & UNREACHED) & (then <= limit)
            times[head] = then | PENDING if is_better else was
            n = put(ring, entries, n, head, then, bucket, is_better)
            fetch(rows, head)
    return n, done, bucket, m


@part
def link_rows(rows: Ints, numbers: Ints, order: Ints, m: Whole, heads: Ints) -> None:
    """Give the arcs among the numbered rows; arcs that leave them lead nowhere."""
    for i in range(m):
        row, own = np.uint32(order[i]), np.uint32(i)
        for k in range(np.uint32(ARCS)):
            head = numbers[np.uint32(rows[row, TWO_32 * k])]
            heads[own, TWO_32 * k] = head if head >= 0 else i
            heads[own, TWO_32 * k + ONE_32] = rows[row, TWO_32 * k + ONE_32] if head >= 0 else 0
