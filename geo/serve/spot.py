"""The best spot near a place: among candidates the one that brings most people in time, exactly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.errors import InputError
from geo.messages import Message
from geo.ranges import Range
from geo.routing import Spot
from geo.serve.asker import Asker
from geo.serve.frames import make_frame
from geo.serve.live_study import LiveStudy
from geo.serve.states import Held
from geo.study import Sifted

__all__ = ["MOST_NEAR", "Near", "find_best_spot", "spot_answers"]

MOST_NEAR: Final = 400
"""Candidates that are tried at once."""
_NOWHERE: Final = Spot(-1, np.nan, np.inf)


@dataclass(frozen=True)
class Near:
    """A question for the best spot near a place; ``station`` is who would stand there, ``""`` a new one."""

    lon: Annotated[float, Range(-180.0, 180.0)]
    lat: Annotated[float, Range(-90.0, 90.0)]
    within_m: Annotated[float, Range(10.0, 50_000.0, "m")]
    station: str = ""
    turnout_s: Annotated[float, Range(0.0, 3600.0, "s")] | None = None


def spot_answers(asker: Asker) -> dict[str, tuple[type[Any], Callable[[Any], bytes]]]:
    """Give what may be asked of spots nearby, with its answers."""
    return {"near": (Near, lambda asked: _near(asker, asked))}


def _near(asker: Asker, asked: Near) -> bytes:
    """Tell the best spot; while the candidates are listed, that they are not ready yet."""
    held = asker.session.hold(asked.station, turnout_s=asked.turnout_s)
    listed = asker.sites.listed(held.state)
    if not listed.done():
        return make_frame({"kind": "near", "re": asker.re, "is_ready": False})
    told, arrays = _tell_spots(held, find_best_spot(asker.live, held, listed.result(), asked))
    return make_frame({"kind": "near", "re": asker.re, **told}, arrays)


def find_best_spot(live: LiveStudy, held: Held, sifted: Sifted, asked: Near) -> pd.DataFrame:
    """Try every candidate within so many metres, straight, of a place.

    Parameters
    ----------
    live : LiveStudy
        The study.
    held : Held
        The station that would stand there.
    sifted : Sifted
        The candidates of its state.
    asked : Near
        The place, and how far from it.

    Returns
    -------
    DataFrame
        The candidates tried, best first: ``name``, ``lon``, ``lat`` (where a pin would stand, with the digits
        that are kept), ``x``, ``y`` (m), ``away_m``, ``covered_people``, ``mean_s`` (of those reached; nan).
        Of equal people in time the shorter mean counts, then the nearer.

    Raises
    ------
    InputError
        More than ``MOST_NEAR`` candidates lie there, or the place lies outside the study.
    """
    at = live.place(asked.lon, asked.lat)
    xy = shapely.get_coordinates(np.asarray(sifted.kept.geometry.array))
    away = np.hypot(xy[:, 0] - at.x, xy[:, 1] - at.y)
    near = np.flatnonzero(away <= asked.within_m)
    if len(near) > MOST_NEAR:
        raise InputError(Message("serve.many_spots", {"n": len(near), "most": MOST_NEAR}))
    lonlat = [live.lonlat(*xy[i]) for i in near]
    places = [live.place(*place) for place in lonlat]
    values = _values(held, places)
    spots = pd.DataFrame(
        {
            "name": sifted.kept["name"].to_numpy()[near],
            "lon": [lon for lon, _ in lonlat],
            "lat": [lat for _, lat in lonlat],
            "x": [place.x for place in places],
            "y": [place.y for place in places],
            "away_m": away[near],
            "covered_people": values[0],
            "mean_s": values[1],
        },
        index=sifted.kept.index[near],
    )
    order = ["covered_people", "mean_s", "away_m"]
    return spots.sort_values(order, ascending=[False, True, True], kind="stable")


def _values(held: Held, places: list[shapely.Point]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give people in time and the mean with the station at each place, as a state with it says them."""
    covered, mean_s = np.zeros(len(places)), np.full(len(places), np.nan)
    if not places:
        return covered, mean_s
    ground = held.state.ground
    snaps = ground.snap(gpd.GeoSeries(places, index=pd.RangeIndex(len(places)), crs=ground.network.crs))
    for k, row in enumerate(snaps.itertuples()):
        spot = Spot(int(row.edge), row.fraction, row.access_s) if row.is_snapped else _NOWHERE
        sums = held.at(spot).changed.sums
        covered[k], mean_s[k] = held.rest.covered_people(sums), held.rest.mean_s(sums)
    return covered, mean_s


def _tell_spots(held: Held, spots: pd.DataFrame) -> tuple[dict[str, Any], Mapping[str, NDArray[Any]]]:
    """Give the best spot as plain data, and as arrays all that were tried: ``spot_x, spot_y, spot_gain``.

    A gain is against the state as it stands, with the station where it is now.
    """
    before = held.state.figures.covered_people
    gain = spots["covered_people"] - before
    if not len(spots):
        return {"is_ready": True, "n": 0, "best": None}, {}
    columns = ("name", "lon", "lat", "x", "y", "away_m", "covered_people", "mean_s")
    best = {name: spots[name].iloc[0] for name in columns}
    told = {**best, "site": spots.index[0], "gain_people": gain.iloc[0]}
    arrays = {"spot_x": spots["x"], "spot_y": spots["y"], "spot_gain": gain}
    return (
        {"is_ready": True, "n": len(spots), "best": told},
        {name: values.to_numpy(np.float32) for name, values in arrays.items()},
    )
