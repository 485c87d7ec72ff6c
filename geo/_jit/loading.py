"""What all kernels need, loaded beside other work."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from geo._jit.compile import kernel

__all__ = ["kernels_loading"]


@kernel
def _nothing() -> int:
    """Give nothing: whatever kernel is the first one loads what all of them need."""
    return 0


@contextmanager
def kernels_loading() -> Iterator[None]:
    """Load meanwhile what all kernels need: a third of a second that nobody has to wait for.

    For work that holds no lock of Python, such as putting points on roads.

    Examples
    --------
    >>> with kernels_loading():
    ...     print("points are put on roads")
    points are put on roads
    """
    thread = threading.Thread(target=_nothing, name="kernels")
    thread.start()
    try:
        yield
    finally:
        thread.join()
