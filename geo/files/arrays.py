"""Arrays and a plain value in one file: how what can be made again is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geo.errors import FileError, GeoError
from geo.files.whole import writing_whole
from geo.messages import Message
from geo.reading import reading

__all__ = ["opened_arrays", "save_arrays"]

_PLAIN: Final = "texts"
"""The array that holds the plain value and what arrays there are, as JSON in UTF-8."""


def save_arrays(path: str | Path, plain: object, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays and a plain value, whole or not at all and uncompressed.

    Parameters
    ----------
    path : path
        The file, which ends in ``.npz``.
    plain : object
        Texts, numbers, lists and dicts of them: what JSON holds.
    arrays : mapping of str to array
        Any but arrays of objects.

    Raises
    ------
    FileError
        The file cannot be written.
    """
    texts = np.frombuffer(json.dumps([plain, _forms(arrays)]).encode(), dtype=np.uint8)
    every: dict[str, Any] = {_PLAIN: texts, **arrays}
    with writing_whole(path) as temporary:
        np.savez(temporary, **every)


@contextmanager
def opened_arrays(path: str | Path) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Give what :func:`save_arrays` wrote, for a block that makes of it what was kept.

    Parameters
    ----------
    path : path
        The file.

    Yields
    ------
    plain : object
        The plain value.
    arrays : dict of str to array
        The arrays by name.

    Raises
    ------
    FileError
        The file is missing or damaged, or the block cannot make of it what it should be.

    Examples
    --------
    >>> path = getfixture("tmp_path") / "kept.npz"
    >>> save_arrays(path, ["a", "b"], {"people": np.arange(2)})
    >>> with opened_arrays(path) as (names, arrays):
    ...     print(names, arrays)
    ['a', 'b'] {'people': array([0, 1])}
    """
    with reading(path):
        try:
            # opened here: numpy leaves a damaged file open, and Windows then lets nobody replace it
            with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as kept:
                arrays = {name: kept[name] for name in kept.files}
            plain, forms = json.loads(arrays.pop(_PLAIN).tobytes())
            if forms != _forms(arrays):  # a damaged list of the parts, or head of one, is no fault to numpy
                raise ValueError("arrays are missing or cut")
            yield plain, arrays
        except (GeoError, MemoryError):
            raise
        except Exception as error:
            raise FileError(Message("files.not_kept", {"file": path, "why": error})) from error


def _forms(arrays: Mapping[str, NDArray[Any]]) -> dict[str, list[Any]]:
    """Give the type and shape of each array."""
    return {name: [array.dtype.str, *array.shape] for name, array in arrays.items()}
