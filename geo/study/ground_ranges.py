"""Road and land within the limit over many draws."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

from geo.areas import TOTAL, Drawing, land_share, road_share, service_areas
from geo.study.assessment import StudyResult
from geo.study.inputs import told_zones
from geo.study.response import snap_rules
from geo.study.settings import UncertaintySpec
from geo.uncertainty import Drawn, Prepared, tell_ranges

__all__ = ["GroundDraws"]


@dataclass(frozen=True, eq=False)
class GroundDraws:
    """Shares of road, and of land in the first draws alone: to draw that ground takes longest.

    Parameters
    ----------
    result : StudyResult
        The district as computed.
    spec : UncertaintySpec
        In how many draws land is measured.
    road, land : list of float
        The shares (0-1) of the draws so far.
    """

    result: StudyResult
    spec: UncertaintySpec
    road: list[float] = field(default_factory=list)
    land: list[float] = field(default_factory=list)

    def add(self, prepared: Prepared, drawn: Drawn) -> None:
        """Measure road, and land where it is asked for, in a draw."""
        coverage, state = prepared.coverage, drawn.state
        limit_s = coverage.standard.limit_s
        roads = road_share(
            state.network,
            state.station_snaps,
            limit_s=limit_s,
            start_s=drawn.starts_s,
            direction=coverage.direction,
            zones=None,
        )
        self.road.append(float(roads.loc[TOTAL, "share"]))
        whole = self._whole()
        if whole is None or state.draw >= self.spec.land_draws:
            return
        inputs = self.result.inputs
        areas = service_areas(
            state.network,
            state.station_snaps,
            limit_s=limit_s,
            direction=coverage.direction,
            start_s=drawn.starts_s,
            snapping=snap_rules(self.result.study, inputs),
            drawing=Drawing(union=True, each=False, land=inputs.land),
        )
        ground = land_share(areas, whole, limit_s=limit_s, land=inputs.land)
        self.land.append(float(ground.loc[TOTAL, "share"]))

    def _whole(self) -> gpd.GeoDataFrame | None:
        """Give the ground that is measured: the zones, else the land."""
        zones, land = told_zones(self.result.inputs.zones), self.result.inputs.land
        whole = zones if len(zones) else land
        return whole if whole is None or "name" in whole else whole.assign(name=TOTAL)

    def ranges(self, level: float) -> pd.DataFrame:
        """Give the ranges of the shares, as :func:`geo.uncertainty.tell_ranges` has them."""
        reached = self.result.reached
        known = pd.Series({"share_road": reached.share_road, "share_land": reached.share_land})
        told = [
            tell_ranges(pd.DataFrame({name: shares}), known, level=level)
            for name, shares in (("share_road", self.road), ("share_land", self.land))
            if shares
        ]
        return pd.concat(told)
