"""Entries of a table of sites and points as compiled searches take them: by site, by point, or both."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["ByPoint", "BySite", "Incidence"]


class BySite(NamedTuple):
    """What each site brings where: entries of site ``j`` are ``start[j]:start[j + 1]``, points ascending."""

    start: Any
    point: Any
    benefit: Any


class ByPoint(NamedTuple):
    """The same by point: entries of point ``i`` are ``start[i]:start[i + 1]``, largest benefit first."""

    start: Any
    site: Any
    benefit: Any


class Incidence(NamedTuple):
    """Who sees whom, both ways round.

    Parameters
    ----------
    start, point : arrays
        Points that site ``j`` sees are ``point[start[j]:start[j + 1]]``, ascending.
    row, site : arrays
        Sites that see point ``i`` are ``site[row[i]:row[i + 1]]``, ascending.
    """

    start: Any
    point: Any
    row: Any
    site: Any
