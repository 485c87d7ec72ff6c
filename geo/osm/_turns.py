"""Banned and prescribed turns of OpenStreetMap files: counted and told, since routes do not heed them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import osmium
from numpy.typing import NDArray

from geo.messages import Message
from geo.osm._edited import own_id
from geo.osm._file import opened

__all__ = ["tell_turns"]

_OF_CARS: Final = (
    "restriction",
    "restriction:conditional",
    "restriction:motorcar",
    "restriction:motor_vehicle",
    "restriction:vehicle",
    "restriction:hgv",
)
"""Keys of turns that hold for motor vehicles; others are of bicycles, buses, walkers."""


def tell_turns(path: str | Path, ways: NDArray[np.int64]) -> list[Message]:
    """Tell how many turns are banned or prescribed from the ways of a network; they are not heeded.

    A turn is a relation ``type=restriction``. Bans of turning round stand apart: a shortest way hardly
    ever turns round.

    Parameters
    ----------
    path : path
        An OSM file.
    ways : int64 array
        Ids of the ways that are read as roads.

    Raises
    ------
    FileError
        The file is missing, damaged or no OSM file.
    """
    with opened(path) as source:
        relations: Any = osmium.FileProcessor(source, osmium.osm.RELATION)
        turns = [
            (from_way, value)
            for item in relations.with_filter(osmium.filter.TagFilter(("type", "restriction")))
            if (value := next(filter(None, (item.tags.get(key, "") for key in _OF_CARS)), ""))
            and (from_way := _from_way(item)) is not None
        ]
    here = np.isin(np.array([way for way, _ in turns], dtype=np.int64), ways)
    values = [value for (_, value), is_here in zip(turns, here.tolist(), strict=True) if is_here]
    if not values:
        return []
    n_round = sum("no_u_turn" in value for value in values)
    return [Message("osm.turns_unheeded", {"n": len(values), "n_round": n_round})]


def _from_way(relation: Any) -> int | None:
    """Give the way from which a turn is made; None where it is not said."""
    return next(
        (own_id(member.ref) for member in relation.members if member.type == "w" and member.role == "from"),
        None,
    )
