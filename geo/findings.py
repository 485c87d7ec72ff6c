"""What a room of the study finds: its table and figures, how a map draws it, the ways to its places."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

from geo.messages import Message
from geo.settings import NOTHING

__all__ = ["Finding", "Style", "TracedWays", "Ways", "class_roles"]


@dataclass(frozen=True, eq=False)
class Style:
    """How a map draws a finding.

    Parameters
    ----------
    roles : mapping of str to str
        Word of each class and the role that gives its colour (one of ``geo.maps.legend.COLOURS``, or a colour
        ``"#rrggbb"`` of your own), in the order of the legend; the word ``""`` alone for a finding of one
        colour.
    by : str
        Column that holds the class; empty for one colour.
    columns : tuple of str
        Columns of the pop-up, in order.
    title : str
        Column of the pop-up's heading.
    is_on : bool
        Whether the layer shows when the map opens.
    size : float
        Width of a line or radius of a point, in pixels.
    label : str
        Column whose text stands on the point, such as a rank; empty for plain points.
    caution : str
        Key, in the words of the finding, of what must be read with its classes: it stands in the legend.
    """

    roles: Mapping[str, str]
    by: str = ""
    columns: tuple[str, ...] = ()
    title: str = "name"
    is_on: bool = False
    size: float = 3.0
    label: str = ""
    caution: str = ""


def class_roles(family: str, words: Iterable[str]) -> dict[str, str]:
    """Give each class word its role in a family of colours.

    Examples
    --------
    >>> class_roles("hydrant", ("working", "broken"))
    {'working': 'hydrant.working', 'broken': 'hydrant.broken'}
    """
    return {word: f"{family}.{word}" for word in words}


@dataclass(frozen=True, eq=False)
class TracedWays:
    """The ways to some places.

    Parameters
    ----------
    legs, ways : GeoDataFrame, DataFrame
        As :class:`geo.routing.RouteTrees` has them; ``ways`` by id of the place.
    notes : Series, optional
        By id of the place what is to be said of its way, a ``Message`` or None.
    """

    legs: gpd.GeoDataFrame
    ways: pd.DataFrame
    notes: pd.Series | None = None


@dataclass(frozen=True, eq=False)
class Ways:
    """The way between each place of a finding and one facility, which a map draws when a place is clicked.

    Parameters
    ----------
    name : str
        Which ways: their heading is ``"<words>.way_<name>"`` with ``{facility}``, their colour that of the
        role ``"way.<name>"``.
    words : str
        File of ``layers/words`` with the heading.
    trace : callable
        Gives the ways to places by their ids; asked only when a map is drawn.
    places : GeoDataFrame
        Points of all places, by their ids.
    facilities : GeoDataFrame
        Points with ``name``.
    call_s : float
        Seconds of the call, which each way's start holds beside the turnout.
    access_kph : float
        Speed between a point and its road.
    is_to_facility : bool
        People go to the facility, instead of engines coming from it.
    """

    name: str
    words: str
    trace: Callable[[pd.Index], TracedWays]
    places: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    call_s: float = 0.0
    access_kph: float = 0.0
    is_to_facility: bool = False


@dataclass(frozen=True, eq=False)
class Finding:
    """One result table of a room.

    Parameters
    ----------
    name : str
        Unique, snake_case: layer of the GeoPackage, name of the CSV file, key of ``Facts.tables``.
    words : str
        File of ``layers/words`` with its texts: the label ``"<words>.<name>"``, a class
        ``"<words>.class_<word>"``, a column ``"<words>.column_<column>"``.
    table : DataFrame or GeoDataFrame
        In the study's CRS; columns end in their unit (``_s _m _km2``; ``n_``, ``share_`` 0-1, ``people``).
    style : Style, optional
        How the map draws it; None for a table without a layer.
    figures : mapping of str to float
        Headline numbers, units in the names.
    notes : tuple of Message
        What was assumed, told beside the map.
    ways : tuple of Ways
        The ways that a map draws when a row is clicked, the last on top.
    """

    name: str
    words: str
    table: pd.DataFrame
    style: Style | None = None
    figures: Mapping[str, float] = field(default_factory=lambda: NOTHING)
    notes: tuple[Message, ...] = ()
    ways: tuple[Ways, ...] = ()

    def __repr__(self) -> str:
        """Name the finding, its rows and its figures."""
        return f"Finding({self.name!r}, {len(self.table)} rows, figures={dict(self.figures)})"
