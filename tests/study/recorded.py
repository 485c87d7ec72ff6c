"""Calls of the embedded sample as a dispatch system would record them, drawn with a known truth."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.calibration import CalibrationRules, road_parts, timed_network, travel_time
from geo.calibration.routes import route_parts
from geo.calibration.rules import band_of
from geo.calls import CallRecords, clean_calls
from geo.study import CalibrationResult, Inputs, Study, profile_of, snap_rules


@dataclass(frozen=True)
class Drawn:
    """What calls are drawn with: factors on the profile's speeds, and on those of the hours."""

    factor: dict[str, float] = field(
        default_factory=lambda: {"primary": 0.8, "secondary": 0.75, "tertiary": 0.9, "residential": 1.1}
    )
    junction_delay_s: float = 4.0
    start_loss_s: float = 15.0
    bands: tuple[float, float, float] = (0.9, 0.95, 1.0)
    turnout_s: float = 75.0
    night_turnout: float = 1.25
    spread: float = 0.2


def drawn_rows(study: Study, inputs: Inputs, n: int, truth: Drawn, *, seed: int = 0) -> gpd.GeoDataFrame:
    """Draw raw rows of calls near places where people live, answered by the nearer stations."""
    g = np.random.default_rng(seed)
    stations = inputs.facilities.query("kind == 'fire_station' and status == 'existing'")
    homes = inputs.demand[inputs.demand["people"] > 0]
    share = homes["people"].to_numpy(float)
    at = g.choice(len(homes), n, p=share / share.sum())
    xy = np.column_stack([homes.geometry.x.to_numpy()[at], homes.geometry.y.to_numpy()[at]])
    places = shapely.points(xy + g.normal(0.0, 150.0, (n, 2)))
    away = shapely.distance(places[:, None], stations.geometry.to_numpy()[None, :])
    rank = np.minimum(g.geometric(0.7, n) - 1, len(stations) - 1)
    of = np.argsort(away, axis=1)[np.arange(n), rank]
    called = pd.Timestamp("2021-01-01") + pd.to_timedelta(
        np.sort(g.uniform(0, 3 * 365 * 86400.0, n)), unit="s"
    )
    sent = called + pd.to_timedelta(g.lognormal(np.log(50.0), 0.3, n), unit="s")
    trips = pd.DataFrame(
        {"station_id": stations.index.to_numpy()[of], "hour": sent.hour + sent.minute / 60.0}
    )
    driving = _driving_s(
        study, inputs, trips, gpd.GeoDataFrame(geometry=places, crs=inputs.network.crs), truth
    )
    driving *= np.exp(g.normal(0.0, truth.spread, n))
    is_night = band_of(trips["hour"], CalibrationRules().bands) == 0
    turnout = truth.turnout_s * np.where(is_night, truth.night_turnout, 1.0) * g.lognormal(0.0, 0.25, n)
    left = sent + pd.to_timedelta(turnout, unit="s")
    arrived = left + pd.to_timedelta(np.where(np.isfinite(driving), driving, 600.0), unit="s")
    back = arrived + pd.to_timedelta(g.exponential(2400.0, n), unit="s")
    stamps = {
        "called_at": called,
        "dispatched_at": sent,
        "left_at": left,
        "arrived_at": arrived,
        "back_at": back,
    }
    texts = {name: times.strftime("%Y-%m-%d %H:%M:%S") for name, times in stamps.items()}
    rows = {"call_id": [f"C{i:05d}" for i in range(n)], "station_id": trips["station_id"], **texts}
    return gpd.GeoDataFrame(rows, geometry=places, crs=inputs.network.crs)


def _driving_s(
    study: Study, inputs: Inputs, trips: pd.DataFrame, places: gpd.GeoDataFrame, truth: Drawn
) -> np.ndarray:
    profile, rules = profile_of(study, study.roads.profile), snap_rules(study, inputs)
    roads = road_parts(inputs.network, junction_delay_s=profile.junction_delay_s)
    slower = pd.Series({name: 1.0 / value for name, value in truth.factor.items()})
    driven = timed_network(roads, slower, truth.junction_delay_s)
    snaps = rules.snap(inputs.facilities, inputs.network), rules.snap(places, inputs.network)
    parts = route_parts(roads, driven, trips, *snaps)
    factor = np.array([slower.get(name, 1.0) for name in parts.names])
    plain = parts.seconds @ factor + truth.junction_delay_s * parts.n_junctions
    cruise = plain / np.array(truth.bands)[band_of(trips["hour"], CalibrationRules().bands)]
    seconds = travel_time(cruise, truth.start_loss_s)
    return np.where(parts.is_routed, seconds, np.nan)


def recorded(rows: gpd.GeoDataFrame) -> CallRecords:
    """Clean rows as a study does that counts from the dispatch."""
    return clean_calls(rows, clock_start="dispatch", sources=("calls.csv",))


def truth_held(result: CalibrationResult, truth: Drawn) -> pd.Series:
    """Tell for each parameter whether its 95 % interval holds what the calls were drawn with.

    Measured speeds are those of the mean hour of the trips, so the truth is stated for it. A parameter that
    was not told, and so has no interval, does not hold it.
    """
    speeds = result.speeds
    assert speeds is not None
    log = np.log(np.array(truth.bands))[speeds.fitted["band"]].mean()
    factor = {**truth.factor, "trunk": 1.0, "unclassified": 1.0, "access": 1.0}
    right = {name: value * np.exp(log) for name, value in factor.items()}
    right |= {"junction": truth.junction_delay_s / np.exp(log), "loss": truth.start_loss_s}
    names = ("night", "rush", "other")
    right |= {name: value / np.exp(log) for name, value in zip(names, truth.bands, strict=True)}
    table = speeds.parameters.set_index("name").loc[list(right)]
    value = pd.Series(right)
    return (table["low"] <= value) & (value <= table["high"])


def spoilt(rows: gpd.GeoDataFrame, *, seed: int, share_wrong: float, share_wild: float) -> gpd.GeoDataFrame:
    """Spoil rows as systems and people do.

    Some stations are any station, some drives ten times too short or eight times too long, none is longer
    than 25 min (the system writes no more), all stamps are cut to minutes, a fifth has no arrival and one in
    twenty no station.
    """
    g = np.random.default_rng(seed)
    n, rows = len(rows), rows.copy()
    is_wrong = g.random(n) < share_wrong
    rows.loc[is_wrong, "station_id"] = g.choice(rows["station_id"].unique(), int(is_wrong.sum()))
    left = pd.to_datetime(rows["left_at"])
    driven = (pd.to_datetime(rows["arrived_at"]) - left).dt.total_seconds()
    driven = driven.where(g.random(n) >= share_wild, driven * g.choice([0.1, 8.0], n)).clip(upper=1500.0)
    stamps = {"left_at": left, "arrived_at": left + pd.to_timedelta(driven, unit="s")}
    for name, at in stamps.items():
        rows[name] = at.dt.floor("min").dt.strftime("%Y-%m-%d %H:%M:%S")
    rows.loc[g.random(n) < 0.2, "arrived_at"] = None
    rows.loc[g.random(n) < 0.05, "station_id"] = None
    return rows
