"""The compiled search for the first and second facility of every node, and its repair after a change.

Queue and marks are those of ``geo.kernels``; a record carries two labels. Labels only improve, so more
seeds may be searched at any time: another facility, or what fills the gaps that one leaves.
"""

from __future__ import annotations

import numpy as np

from geo.kernels import AT_HEAD, BUCKETS, NOWHERE, SHIFT, UNREACHED, Bits, Ints, Longs, Whole, compiled

__all__ = ["drop_facility", "label_points", "new_labels", "search_two", "take_changes"]

# Columns of a record (N + 1, 8): facility and ms of both labels, then as in geo.kernels, then which of the
# labels are still to be passed on (1 first, 2 second, 3 both).
FIRST, FIRST_MS, SECOND, SECOND_MS, START, NEXT, PREV, PENDING = range(8)
ONE, SIX, LOW_SIX = np.uint64(1), np.uint32(6), np.uint32(63)


def new_labels(start: Ints) -> Ints:
    """Make the records of all nodes, with no facility yet."""
    record = np.empty((len(start), 8), dtype=np.int32)
    record[:] = (-1, UNREACHED, -1, UNREACHED, 0, -1, NOWHERE, 0)
    record[:, START] = start
    return record


@compiled
def _improve(record: Ints, row: Whole, ms: Whole, facility: Whole) -> int:
    """Put (ms, facility) among the best two of different facilities of a row.

    Equal times go to the lower facility position. Gives 0 when it is no better, 1 when the first got
    faster, 2 when it is now second, 3 when it is now first and the old first second.
    """
    if facility == record[row, FIRST]:
        if ms >= record[row, FIRST_MS]:
            return 0
        record[row, FIRST_MS] = ms
        return 1
    first_ms = record[row, FIRST_MS]
    if ms < first_ms or (ms == first_ms and facility < record[row, FIRST]):
        record[row, SECOND], record[row, SECOND_MS] = record[row, FIRST], first_ms
        record[row, FIRST], record[row, FIRST_MS] = facility, ms
        return 3
    second_ms = record[row, SECOND_MS]
    if ms > second_ms or (ms == second_ms and facility >= record[row, SECOND]):
        return 0
    record[row, SECOND], record[row, SECOND_MS] = facility, ms
    return 2


@compiled
def search_two(record: Ints, arcs: Ints, ring: Ints, marks: Bits, seeds: Ints, limit: int) -> None:
    """Bring the two-label records to the best two facilities within the limit; mark what changed.

    ``seeds`` are [node, ms, facility]. Only a label that is among the best two of a node can be so farther
    on, since the rest of the way is the same for all: so no more than two labels pass a node. A node waits
    for the earlier of its labels that are still to be passed on (``PENDING``: 1 first, 2 second, 3 both).
    """
    bucket, queued = np.int64(UNREACHED), 0
    for i in range(len(seeds)):
        node, then = np.uint32(seeds[i, 0]), np.int64(seeds[i, 1])
        change = _improve(record, node, then, seeds[i, 2]) if then <= limit else 0
        if change:
            pending = record[node, PENDING]
            record[node, PENDING] = (pending & 1) << 1 | 1 if change == 3 else pending | change
            bucket = min(bucket, then >> SHIFT)
    for i in range(len(seeds)):
        node = np.uint32(seeds[i, 0])
        pending = record[node, PENDING]
        if pending and record[node, PREV] == NOWHERE:
            key = np.int64(record[node, FIRST_MS] if pending & 1 else record[node, SECOND_MS])
            slot = min(key >> SHIFT, bucket + BUCKETS - 1) & (BUCKETS - 1)
            after = ring[slot]
            if after >= 0:
                record[np.uint32(after), PREV] = node
            record[node, NEXT] = after
            record[node, PREV] = AT_HEAD - slot
            ring[slot] = node
            marks[node >> SIX] |= ONE << np.uint64(node & LOW_SIX)
            queued += 1
    while queued:
        slot = bucket & (BUCKETS - 1)
        if ring[slot] < 0:
            bucket += 1
            continue
        node = np.uint32(ring[slot])
        after = record[node, NEXT]
        if after >= 0:
            record[np.uint32(after), PREV] = AT_HEAD - slot
        ring[slot] = after
        pending = record[node, PENDING]
        facility = record[node, FIRST] if pending & 1 else record[node, SECOND]
        ms = np.int64(record[node, FIRST_MS] if pending & 1 else record[node, SECOND_MS])
        is_late = ms >> SHIFT > bucket
        if is_late or pending == 3:
            key = ms if is_late else np.int64(record[node, SECOND_MS])
            slot = min(key >> SHIFT, bucket + BUCKETS - 1) & (BUCKETS - 1)
            after = ring[slot]
            if after >= 0:
                record[np.uint32(after), PREV] = node
            record[node, NEXT] = after
            record[node, PREV] = AT_HEAD - slot
            ring[slot] = node
            if is_late:
                continue
            record[node, PENDING] = 2
        else:
            record[node, PENDING] = 0
            record[node, PREV] = NOWHERE
            queued -= 1
        for arc in range(np.uint32(record[node, START]), np.uint32(record[np.uint32(node + ONE), START])):
            head = np.uint32(arcs[arc, 0])
            then = ms + arcs[arc, 1]
            second_ms = record[head, SECOND_MS]
            if then > second_ms or then > limit:
                continue
            first, first_ms, pending = record[head, FIRST], record[head, FIRST_MS], record[head, PENDING]
            was = first_ms if pending & 1 else second_ms
            now = pending | 1
            if facility == first:
                if then >= first_ms:
                    continue
                record[head, FIRST_MS] = then
            elif then < first_ms or (then == first_ms and facility < first):
                now = (pending & 1) << 1 | 1
                record[head, SECOND], record[head, SECOND_MS] = first, first_ms
                record[head, FIRST], record[head, FIRST_MS] = facility, then
            elif then == second_ms and facility >= record[head, SECOND]:
                continue
            else:
                now = pending | 2
                record[head, SECOND], record[head, SECOND_MS] = facility, then
            record[head, PENDING] = now
            marks[head >> SIX] |= ONE << np.uint64(head & LOW_SIX)
            key = then if now != 3 else np.int64(record[head, FIRST_MS])
            if pending == 0:
                queued += 1
            elif was >> SHIFT == key >> SHIFT:
                continue
            else:
                before, after = record[head, PREV], record[head, NEXT]
                if after >= 0:
                    record[np.uint32(after), PREV] = before
                if before >= 0:
                    record[np.uint32(before), NEXT] = after
                else:
                    ring[AT_HEAD - before] = after
            slot = min(key >> SHIFT, bucket + BUCKETS - 1) & (BUCKETS - 1)
            after = ring[slot]
            if after >= 0:
                record[np.uint32(after), PREV] = head
            record[head, NEXT] = after
            record[head, PREV] = AT_HEAD - slot
            ring[slot] = head


@compiled
def drop_facility(
    record: Ints, arcs: Ints, back_start: Ints, back_arcs: Ints, marks: Bits, own: Ints, facility: int
) -> Ints:
    """Take a facility out of the labels; give the seeds [node, ms, facility] that can fill the gaps.

    The nodes that it is first or second of hang together from its own seeds, so only they are visited.
    """
    nodes, n = np.empty(1024, np.int32), 0
    done = -1
    while done < n:
        if done < 0:
            low, high = 0, len(own)
        else:
            low, high = record[nodes[done], START], record[nodes[done] + 1, START]
        for i in range(low, high):
            node = own[i, 0] if done < 0 else arcs[i, 0]
            if record[node, FIRST] == facility:
                record[node, FIRST], record[node, FIRST_MS] = record[node, SECOND], record[node, SECOND_MS]
            elif record[node, SECOND] != facility:
                continue
            record[node, SECOND], record[node, SECOND_MS] = -1, UNREACHED
            marks[node >> 6] |= ONE << np.uint64(node & 63)
            if n == len(nodes):
                wider = np.empty(2 * n, np.int32)
                wider[:n] = nodes
                nodes = wider
            nodes[n] = node
            n += 1
        done += 1
    seeds, n_seeds = np.empty((1024, 3), np.int32), 0
    for node in nodes[:n]:
        for arc in range(back_start[node], back_start[node + 1]):
            tail = back_arcs[arc, 0]
            for k in (FIRST, SECOND):
                if record[tail, k] >= 0 and record[tail, k] != record[node, FIRST]:
                    if n_seeds == len(seeds):
                        more = np.empty((2 * n_seeds, 3), np.int32)
                        more[:n_seeds] = seeds
                        seeds = more
                    seeds[n_seeds, 0] = node
                    seeds[n_seeds, 1] = record[tail, k + 1] + back_arcs[arc, 1]
                    seeds[n_seeds, 2] = record[tail, k]
                    n_seeds += 1
    return seeds[:n_seeds].copy()


@compiled
def take_changes(record: Ints, marks: Bits, base: Ints) -> Ints:
    """Give the nodes whose labels are not those of ``base`` as [node, labels]; restore record and marks."""
    found, n_found = np.empty((1024, 5), np.int32), 0
    for word in range(len(marks)):
        bits = marks[word]
        if not bits:
            continue
        marks[word] = 0
        for i in range(word << 6, (word << 6) + 64):
            if not bits >> np.uint64(i & 63) & ONE:
                continue
            is_changed = False
            for k in range(4):
                is_changed |= record[i, k] != base[i, k]
            if not is_changed:
                continue
            if n_found == len(found):
                wider = np.empty((2 * n_found, 5), np.int32)
                wider[:n_found] = found
                found = wider
            found[n_found, 0] = i
            for k in range(4):
                found[n_found, k + 1] = record[i, k]
                record[i, k] = base[i, k]
            n_found += 1
    return found[:n_found].copy()


@compiled
def label_points(
    record: Ints, ends: Ints, enter_ms: Ints, access_ms: Ints, along: Ints, along_start: Longs, limit: int
) -> Ints:
    """Give every point the best two facilities: over either end of its edge, or along the edge.

    ``ends`` and ``enter_ms`` (D, 2) are the end nodes and the times from them (``UNREACHED`` where closed);
    ``along[along_start[i]:along_start[i + 1]]`` are the facilities on the point's edge: [facility, ms].
    """
    out = np.empty((len(ends), 4), np.int32)
    for i in range(len(ends)):
        out[i, FIRST] = out[i, SECOND] = -1
        out[i, FIRST_MS] = out[i, SECOND_MS] = UNREACHED
        left = limit - access_ms[i]
        for side in range(2):
            node, more = ends[i, side], np.int64(enter_ms[i, side])
            for k in (FIRST, SECOND):
                ms = record[node, k + 1] + more
                if ms <= left:
                    _improve(out, i, ms, record[node, k])
        for j in range(along_start[i], along_start[i + 1]):
            if along[j, 1] <= left:
                _improve(out, i, np.int64(along[j, 1]), along[j, 0])
        for k in (FIRST, SECOND):
            if out[i, k] >= 0:
                out[i, k + 1] += access_ms[i]
    return out
