"""The queue of the compiled searches: a ring of buckets, each a list of the nodes that are due in one span.

After Dial (1969) and delta-stepping (Meyer and Sanders 2003). A bucket holds the nodes of ``2**SHIFT`` ms in
any order: a node that improves inside the open bucket is handled again. What falls beyond the ring waits in
its last bucket and is then put back.

An arc's outcome is written whether it is due or not, so that the processor has nothing to guess, and memory
is asked for before it is needed: wrong guesses and waiting took more than half the time. Unsigned positions
spare numba's test for negative ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias, cast

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils as numba_cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from geo._jit import part

__all__ = [
    "BUCKETS",
    "DUE",
    "NONE",
    "SHIFT",
    "Bits",
    "Bytes",
    "Flag",
    "Ints",
    "Longs",
    "Reals",
    "Whole",
    "fetch",
    "longer",
    "new_ring",
    "put",
]

Ints: TypeAlias = NDArray[np.int32]
Longs: TypeAlias = NDArray[np.int64]
Reals: TypeAlias = NDArray[np.float64]
Bits: TypeAlias = NDArray[np.uint64]
Bytes: TypeAlias = NDArray[np.uint8]
Whole: TypeAlias = int | np.integer
Flag: TypeAlias = bool | np.bool_
cgutils: Any = numba_cgutils

SHIFT: Final = 10
BUCKETS: Final = 1024
# Numbers that are written out make numba compile a function once more for each; these do not.
NONE: Final = np.int64(0)
DUE: Final = np.bool_(True)


def new_ring() -> Ints:
    """Make an empty ring: the first entry of each bucket, -1 for none."""
    return np.full(BUCKETS, -1, dtype=np.int32)


def _fetch(context: Any, array: Any, row: Any) -> Any:
    """Write the processor's word for it, which numba does not have."""

    def build(target: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = target.make_array(signature.args[0])(target, builder, args[0])
        at = [
            target.cast(builder, args[1], signature.args[1], types.intp),
            target.get_constant(types.intp, 0),
        ]
        pointer = cgutils.get_item_pointer(target, builder, signature.args[0], array, at)
        byte, whole = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, whole, whole, whole])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
        builder.call(function, [builder.bitcast(pointer, byte), whole(0), whole(3), whole(1)])
        return target.get_dummy_value()

    return types.void(array, row), build


fetch = cast(Callable[[Ints | Longs, Whole], None], intrinsic(_fetch))
"""Ask for the memory of a row before it is needed."""


@part
def longer(values: Longs, n: Whole, more: Whole) -> Longs:
    """Give room for n + more, and for twice as many as there was, with the first n values."""
    room = np.empty(2 * len(values) + n + more, np.int64)
    for i in range(n):
        room[i] = values[i]
    return room


@part
def put(ring: Ints, entries: Longs, n: Whole, node: Whole, ms: Whole, bucket: Whole, is_due: Flag) -> Whole:
    """Let a node wait for its time, as entry n, if it is due; give the new number of entries.

    An entry is a node and the next entry of its bucket, ``node << 32 | next``; ``bucket`` is the open one.
    What is not due is written where the next entry will be.
    """
    slot = np.uint32(min(ms >> SHIFT, bucket + BUCKETS - 1)) & np.uint32(BUCKETS - 1)
    follows = ring[slot]
    entries[np.uint32(n)] = np.int64(node) << 32 | np.uint32(follows)
    ring[slot] = n if is_due else follows
    return n + is_due
