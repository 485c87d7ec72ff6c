"""Questions of siting as values: for functions that ask one of them, whichever it is, many times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, get_args

from geo.errors import InputError
from geo.statistics import PEOPLE_PER_STATION

__all__ = [
    "PEOPLE_PER_STATION",
    "BackupCovering",
    "BestN",
    "CapacitatedCovering",
    "ExpectedCovering",
    "MaximalCovering",
    "PCentre",
    "PMedian",
    "Question",
    "ReliableCovering",
    "SetCovering",
    "no_question",
]


@dataclass(frozen=True, kw_only=True)
class MaximalCovering:
    """Most people in time by ``n`` new sites: :func:`~geo.siting.maximal_covering` (MCLP).

    Parameters
    ----------
    n : int
        New sites.
    limit_s : float
        In time is ``<= limit_s``.
    """

    n: int
    limit_s: float


@dataclass(frozen=True, kw_only=True)
class PMedian:
    """Shortest mean time by ``n`` new sites: :func:`~geo.siting.p_median`.

    Parameters
    ----------
    n : int
        New sites.
    unreached_s : float, optional
        Seconds charged for a person whom no chosen site reaches.
    """

    n: int
    unreached_s: float | None = None


@dataclass(frozen=True, kw_only=True)
class SetCovering:
    """Cheapest sites that bring a share of the people in time: :func:`~geo.siting.set_covering` (LSCP).

    Parameters
    ----------
    limit_s : float
        In time is ``<= limit_s``.
    share : float, default 1
        Part of the people, 0 to 1.
    """

    limit_s: float
    share: float = 1.0


@dataclass(frozen=True, kw_only=True)
class PCentre:
    """Shortest longest time by ``n`` new sites: :func:`~geo.siting.p_centre`.

    Parameters
    ----------
    n : int
        New sites.
    """

    n: int


@dataclass(frozen=True, kw_only=True)
class BackupCovering:
    """Most people in time of two sites, or a mix, by ``n`` new ones: :func:`~geo.siting.backup_covering`.

    Parameters
    ----------
    n : int
        New sites.
    limit_s : float
        In time is ``<= limit_s``.
    second : float, default 1
        What the second site in time counts, 0 to 1; the first counts the rest.
    """

    n: int
    limit_s: float
    second: float = 1.0


@dataclass(frozen=True, kw_only=True)
class CapacitatedCovering:
    """Most people served in time, no site overfull: :func:`~geo.siting.capacitated_covering`.

    Parameters
    ----------
    n : int
        New sites.
    limit_s : float
        In time is ``<= limit_s``.
    capacity : float, default 120000
        People that a site can serve, where the table of sites has no column ``capacity``.
    is_split : bool, default False
        Whether the people of one demand point may be served by several sites.
    """

    n: int
    limit_s: float
    capacity: float = PEOPLE_PER_STATION
    is_split: bool = False


@dataclass(frozen=True, kw_only=True)
class ExpectedCovering:
    """Most people in time of a free engine, on the mean: :func:`~geo.siting.expected_covering` (MEXCLP).

    Parameters
    ----------
    n : int
        New sites.
    limit_s : float
        In time is ``<= limit_s``.
    busy_share : float
        Share of the time that an engine is out.
    """

    n: int
    limit_s: float
    busy_share: float


@dataclass(frozen=True, kw_only=True)
class ReliableCovering:
    """Most people with a free engine in time, reliably: :func:`~geo.siting.reliable_covering` (MALP).

    Parameters
    ----------
    n : int
        New sites.
    limit_s : float
        In time is ``<= limit_s``.
    busy_share : float
        Share of the time that an engine is out.
    reliability : float, default 0.9
        Chance with which an engine has to be free.
    """

    n: int
    limit_s: float
    busy_share: float
    reliability: float = 0.9


BestN: TypeAlias = MaximalCovering | PMedian
"""Questions whose plans add up point by point what the best chosen site brings there."""
Question: TypeAlias = (
    BestN | SetCovering | PCentre | BackupCovering | CapacitatedCovering | ExpectedCovering | ReliableCovering
)


def no_question(question: object) -> InputError:
    """Give the error of what is none of the questions.

    Examples
    --------
    >>> print(no_question("p_median"))  # doctest: +ELLIPSIS
    the question must be one of MaximalCovering, PMedian, ..., not a str
    """
    known = ", ".join(kind.__name__ for kind in get_args(Question))
    return InputError(f"the question must be one of {known}, not a {type(question).__name__}")
