"""Eight whole numbers of 32 bits in one register, for which numba has no words.

A row is eight neighbouring numbers of an array (.., ``LANES``) of int32. On a processor whose registers are
shorter, the compiler takes two for one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from geo.routing._kernels.bucket_queue import Ints, Whole

__all__ = ["LANES", "list_lanes", "pass_on"]

LANES: Final = 8
"""Numbers side by side: as many as fit a register of 256 bits."""


def _row(target: Any, builder: Any, signature: Any, args: Any, i: int) -> Any:
    """Give the place of the lanes of a row: argument i is the array, the next one the row."""
    array = target.make_array(signature.args[i])(target, builder, args[i])
    at = target.cast(builder, args[i + 1], signature.args[i + 1], types.intp)
    place = builder.gep(array.data, [builder.mul(at, ir.Constant(at.type, LANES))])
    return builder.bitcast(place, ir.VectorType(ir.IntType(32), LANES).as_pointer())


def _repeat(builder: Any, number: Any) -> Any:
    """Give a number in every lane."""
    lanes, whole = ir.VectorType(number.type, LANES), ir.IntType(32)
    nothing, first = ir.Constant(lanes, ir.Undefined), ir.Constant(ir.VectorType(whole, LANES), [0] * LANES)
    return builder.shuffle_vector(
        builder.insert_element(nothing, number, ir.Constant(whole, 0)), nothing, first
    )


def _pass_on(context: Any, tails: Any, tail: Any, heads: Any, head: Any, ms: Any) -> Any:
    """Write the processor's words for it: numba has no registers of several numbers."""

    def build(target: Any, builder: Any, signature: Any, args: Any) -> Any:
        more = _repeat(builder, target.cast(builder, args[4], signature.args[4], types.int32))
        place = _row(target, builder, signature, args, 2)
        then = builder.add(builder.load(_row(target, builder, signature, args, 0), align=4), more)
        was = builder.load(place, align=4)
        is_less = builder.icmp_signed("<", then, was)
        builder.store(builder.select(is_less, then, was), place, align=4)
        # Reckoned, not asked: of a condition the compiler makes a fork, and the processor guesses it wrong.
        bits = builder.zext(builder.bitcast(is_less, ir.IntType(LANES)), ir.IntType(32))
        return builder.lshr(
            builder.add(bits, ir.Constant(bits.type, 2**LANES - 1)), ir.Constant(bits.type, LANES)
        )

    return types.uint32(tails, tail, heads, head, ms), build


pass_on = cast(Callable[[Ints, Whole, Ints, Whole, Whole], np.uint32], intrinsic(_pass_on))
"""Lower a row of ``heads`` to a row of ``tails`` and ``ms`` more; give 1 if any time is less, 0 if not."""


def _list_lanes(context: Any, lanes: Any, row: Any, listed: Any, n: Any, size: Any, limit: Any) -> Any:
    """Write the processor's words for it, as above."""

    def build(target: Any, builder: Any, signature: Any, args: Any) -> Any:
        whole = ir.IntType(32)
        times = builder.load(_row(target, builder, signature, args, 0), align=4)
        builder.store(times, _row(target, builder, signature, args, 2), align=4)
        array = target.make_array(signature.args[4])(target, builder, args[4])
        size = builder.bitcast(array.data, ir.VectorType(whole, LANES).as_pointer())
        most = target.cast(builder, args[5], signature.args[5], types.int32)
        is_in = builder.icmp_signed("<=", times, _repeat(builder, most))
        one = builder.zext(is_in, ir.VectorType(whole, LANES))
        builder.store(builder.add(builder.load(size, align=4), one), size, align=4)
        return target.get_dummy_value()

    return types.void(lanes, row, listed, n, size, limit), build


list_lanes = cast(Callable[[Ints, Whole, Ints, Whole, Ints, Whole], None], intrinsic(_list_lanes))
"""Copy a row of ``lanes`` to row n of ``listed``; add to ``size`` where a time is within the limit."""
