"""A grid of roads of three classes, and trips drawn on it with known speeds."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.calibration import CalibrationRules, RoadParts, road_parts, travel_time
from geo.calibration.routes import route_parts, timed_network
from geo.calibration.rules import band_of
from geo.network import EdgeTable, RoadNetwork, build_network
from tests.random_roads import make_snaps
from tests.towns import METRIC, ORIGIN

CLASSES = ("primary", "secondary", "residential")
KPH = {"primary": 60.0, "secondary": 50.0, "residential": 30.0}
PROFILE_DELAY_S = 2.0


def grid(n: int = 16, step_m: float = 300.0) -> RoadNetwork:
    """Make n x n crossings; every fifth road is primary, of the others every second one is secondary.

    Blocks are from a fifth to twice as long as the step: junctions are told apart from metres.
    """
    at = np.arange(n * n).reshape(n, n)
    steps = step_m * np.random.default_rng(3).uniform(0.2, 2.0, (2, n))
    x, y = np.meshgrid(np.cumsum(steps[0]), np.cumsum(steps[1]))
    xy = np.column_stack([x.ravel(), y.ravel()]) + ORIGIN
    u = np.concatenate([at[:, :-1].ravel(), at[:-1].ravel()])
    v = np.concatenate([at[:, 1:].ravel(), at[1:].ravel()])
    line = np.concatenate([np.repeat(np.arange(n), n - 1), np.tile(np.arange(n), n - 1)])
    code = np.where(line % 5 == 2, 0, np.where(line % 2 == 0, 1, 2))
    kph = np.array([KPH[name] for name in CLASSES])[code]
    is_junction = np.bincount(np.concatenate([u, v])) >= 3
    delay = PROFILE_DELAY_S / 2 * (is_junction[u].astype(float) + is_junction[v])
    length = np.hypot(*(xy[v] - xy[u]).T)
    ms = np.rint(1000.0 * (length / kph * 3.6 + delay)).astype(np.int32)
    edges = EdgeTable(
        u=u, v=v, length=length, ms=ms, back_ms=ms,
        xy=xy[np.column_stack([u, v]).ravel()], xy_start=np.arange(len(u) + 1) * 2,
        class_code=code, classes=CLASSES,
    )  # fmt: skip
    return build_network(np.arange(n * n), xy, edges, crs=METRIC, profile="by hand")


@dataclass(frozen=True)
class Truth:
    """What trips are drawn with: factors on the speed by class, and by band of hours."""

    factor: dict[str, float] = field(
        default_factory=lambda: {"primary": 0.8, "secondary": 0.7, "residential": 1.15}
    )
    junction_delay_s: float = 4.0
    start_loss_s: float = 15.0
    bands: tuple[float, float, float] = (0.9, 0.95, 1.0)
    spread: float = 0.15


@dataclass(frozen=True, eq=False)
class Drawn:
    """Trips, with the snaps of their stations and places."""

    roads: RoadParts
    trips: pd.DataFrame
    stations: pd.DataFrame
    places: pd.DataFrame

    def with_trips(self, **columns: object) -> Drawn:
        """Give the same with other columns of the trips."""
        return Drawn(self.roads, self.trips.assign(**columns), self.stations, self.places)


def draw(
    seed: int, n: int, truth: Truth | None = None, *, network: RoadNetwork | None = None, n_stations: int = 5
) -> Drawn:
    """Draw trips on the fastest ways at the true speeds, with log-normal errors, stamped exactly."""
    truth, network = truth or Truth(), network or grid()
    rng = np.random.default_rng(seed)
    roads = road_parts(network, junction_delay_s=PROFILE_DELAY_S)
    stations = make_snaps(_spots(rng, network, n_stations), prefix="s")
    places = make_snaps(_spots(rng, network, n), prefix="t")
    trips = pd.DataFrame(
        {
            "call_id": [f"c{i}" for i in range(n)],
            "station_id": rng.choice(stations.index.to_numpy(), n),
            "hour": rng.uniform(0.0, 24.0, n),
            "turnout_s": np.nan,
        },
        index=places.index,
    )
    slower = pd.Series({name: 1.0 / value for name, value in truth.factor.items()})
    driven = timed_network(roads, slower, truth.junction_delay_s)
    parts = route_parts(roads, driven, trips, stations, places)
    factor = np.array([slower.get(name, 1.0) for name in parts.names])
    band = band_of(trips["hour"], CalibrationRules().bands)
    plain = parts.seconds @ factor + truth.junction_delay_s * parts.n_junctions
    cruise = plain / np.array(truth.bands)[band]
    seconds = travel_time(cruise, truth.start_loss_s) * np.exp(rng.normal(0.0, truth.spread, n))
    return Drawn(roads, trips.assign(driving_s=seconds), stations, places)


def _spots(rng: np.random.Generator, network: RoadNetwork, n: int) -> list[tuple[int, float, float]]:
    edges: NDArray[np.int64] = rng.integers(0, network.n_edges, n)
    return [(int(edge), float(part), 0.0) for edge, part in zip(edges, rng.uniform(0, 1, n), strict=True)]
