"""A hash of tables, shapes and values of the house by all that they hold, to the last bit."""

from __future__ import annotations

import hashlib
import pickle
from typing import Any


def digest_of(value: object) -> str:
    """Hash a value: values of one digest are the same in every number and word.

    The other way round it need not be so: the same table built in two ways may have two digests.
    """
    sink = _Sink()
    writer = pickle.Pickler(sink, protocol=5)
    writer.fast = True  # without notes of what was met before: those depend on how a table was built
    writer.dump(value)
    return sink.digest.hexdigest()


class _Sink:
    def __init__(self) -> None:
        self.digest = hashlib.sha256()

    def write(self, content: Any) -> int:
        raw = memoryview(content)  # of numbers in C or Fortran order
        self.digest.update(raw)
        return raw.nbytes
