"""Common random numbers: chance that belongs to a seed, a draw, a source and the name of a thing.

A generator that is asked in turn gives everything after a new station other numbers. Here each number is a
hash of what it is about (a counter-based generator: Salmon et al. 2011, doi 10.1145/2063384.2063405), mixed
by SplitMix64 (Steele, Lea and Flood 2014, doi 10.1145/2660193.2660195): draw 7 of station A is the same in
every state of a district, however many draws, stations and places there are.
"""

from __future__ import annotations

import hashlib
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

__all__ = ["keys_of", "normals", "picks"]

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX: Final = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_SHIFTS: Final = (np.uint64(30), np.uint64(27), np.uint64(31))
_UNIT: Final = 2.0**-53


def keys_of(names: pd.Index) -> NDArray[np.uint64]:
    """Give a number of 64 bits for each name, the same on every machine.

    Examples
    --------
    >>> bool(keys_of(pd.Index(["a", "b"]))[1] == keys_of(pd.Index(["b"]))[0])
    True
    """
    return np.array([_key(str(name)) for name in names], dtype=np.uint64)


def _key(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def normals(seed: int, source: str, draw: int, keys: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Give a standard normal number for each key.

    Parameters
    ----------
    seed : int
        Of the whole study.
    source : str
        What varies, such as ``"turnout"``.
    draw : int
        Number of the draw, from 0.
    keys : uint64 array
        Of the things, by :func:`keys_of`.

    Examples
    --------
    Draws and things do not depend on each other:

    >>> keys = keys_of(pd.Index(["a", "b", "c"]))
    >>> bool(normals(1, "turnout", 5, keys)[2] == normals(1, "turnout", 5, keys[2:])[0])
    True
    """
    numbers: NDArray[np.float64] = ndtri(_uniform(seed, source, draw, keys))
    return numbers


def picks(seed: int, source: str, draw: int, keys: NDArray[np.uint64], n: int) -> NDArray[np.int64]:
    """Pick one of ``n`` for each key, each as likely as any other; arguments as in :func:`normals`."""
    return np.minimum((_uniform(seed, source, draw, keys) * n).astype(np.int64), n - 1)


def _uniform(seed: int, source: str, draw: int, keys: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Give numbers above 0 and below 1."""
    with np.errstate(over="ignore"):  # whole numbers modulo 2^64
        state = _mixed(np.array([seed], dtype=np.uint64)) ^ np.uint64(_key(source))
        state = _mixed(state) + np.uint64(draw)
        bits = _mixed(_mixed(state) ^ keys)
    return ((bits >> np.uint64(11)).astype(np.float64) + 0.5) * _UNIT


def _mixed(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    state = state + _GOLDEN
    for shift, factor in zip(_SHIFTS[:2], _MIX, strict=True):
        state = (state ^ (state >> shift)) * factor
    mixed: NDArray[np.uint64] = state ^ (state >> _SHIFTS[2])
    return mixed
