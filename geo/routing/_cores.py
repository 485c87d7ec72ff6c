"""Work shared by the cores; a single piece is done at once, since a thread takes longer to start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from typing import TypeVar

__all__ = ["on_cores"]

Piece = TypeVar("Piece")
Answer = TypeVar("Answer")


def on_cores(call: Callable[[Piece], Answer], pieces: Sequence[Piece]) -> list[Answer]:
    """Give the answers of compiled work to its pieces, in their order.

    Examples
    --------
    >>> on_cores(len, ["one", "other"])
    [3, 5]
    """
    if len(pieces) <= 1:
        return [call(piece) for piece in pieces]
    with ThreadPoolExecutor(cpu_count() or 1) as pool:
        return list(pool.map(call, pieces))
