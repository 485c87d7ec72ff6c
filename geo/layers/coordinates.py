"""How the coordinates and numbers of a layer are written, as a study file says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from geo.crs import NOWHERE, Whereabouts
from geo.layers._decimals import Decimal
from geo.layers._shapes import Angles

__all__ = ["Coordinates", "Order"]

Order: TypeAlias = Literal["lon,lat", "lat,lon", "east,north", "north,east"]


@dataclass(frozen=True)
class Coordinates:
    """How the coordinates of a layer are written, and what is known of places.

    Parameters
    ----------
    order : {"lon,lat", "lat,lon", "east,north", "north,east"}, optional
        Which coordinate stands first in cells that hold both, in columns x and y and in shapes; longitude or
        easting when left out.
    angles : {"packed"}, optional
        Numbers such as 121.2430, 1212430 or 12124.5 are degrees, minutes and seconds in one.
    known : Whereabouts
        The study's own systems, and where its roads are.
    decimal : {",", "."}, optional
        The mark before the fractions of all numbers of the layer; what each column says when left out.
    """

    order: Order | None = None
    angles: Angles | None = None
    known: Whereabouts = NOWHERE
    decimal: Decimal | None = None
