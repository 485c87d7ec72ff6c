"""Hydrants with one more at any place: only what lies near it is computed anew, to the same numbers."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree

from geo.hydrants._linear import Stretches, intersect, merge, subtract
from geo.hydrants.assessment import HydrantRules, HydrantState
from geo.hydrants.radius import RadiusCover, RoadPieces, cover_parts, drawn_need, in_circles
from geo.hydrants.roads import place_hydrants
from geo.hydrants.spacing import far_parts, group_gaps, hydrants_along

__all__ = ["HydrantFigures", "OneMore", "prepare_one_more"]


@dataclass(frozen=True)
class HydrantFigures:
    """What the hydrants of a district come to.

    Parameters
    ----------
    share_road : float
        Share (0-1) of the road that needs hydrants within the radius; nan where there is none.
    people : float
        People within the radius.
    n_gaps : int
        Gaps along the road.
    gap_m : float
        Length of road that lacks a hydrant, metres.
    """

    share_road: float
    people: float
    n_gaps: int
    gap_m: float


@dataclass(frozen=True, eq=False)
class OneMore:
    """Hydrants to which one more is added, again and again at another place.

    Parameters
    ----------
    others : HydrantState
        All but the one.
    rules : HydrantRules
        Radius and spacing.
    snap_m : float
        Farthest that the one may be from its road to count for its spacing, metres.
    pieces : RoadPieces
        Of the roads as they are drawn.
    need : Stretches
        What needs hydrants there, millimetres.
    near : Stretches
        What is within the radius of the others.
    far : Stretches
        Parts of ``roads.sides`` that need hydrants beyond the reach of the others, dead ends among them.
    """

    others: HydrantState
    rules: HydrantRules
    snap_m: float
    pieces: RoadPieces = field(repr=False)
    need: Stretches = field(repr=False)
    near: Stretches = field(repr=False)
    far: Stretches = field(repr=False)

    def figures(self, one: gpd.GeoDataFrame) -> HydrantFigures:
        """Give what :func:`geo.hydrants.judge_hydrants` says of the others and one more.

        Parameters
        ----------
        one : GeoDataFrame
            Its row of a ``Facilities`` table, in the roads' CRS; empty where it does not work.
        """
        state = self.others
        cover, is_covered = state.cover, state.people["is_covered"].to_numpy(bool)
        n_gaps, gap_m = state.spacing.n_gaps, state.spacing.gap_m
        if len(one):
            cover, is_covered = self._cover(one), is_covered | self._reaches(one)
            n_gaps, gap_m = self._gaps(place_hydrants(state.roads, one, max_m=self.snap_m))
        people = float(state.people.loc[is_covered, "people"].sum())
        return HydrantFigures(cover.share, people, n_gaps, gap_m)

    def _reaches(self, one: gpd.GeoDataFrame) -> NDArray[np.bool_]:
        at = shapely.get_coordinates(self.others.people.geometry.array)
        if not len(at):
            return np.zeros(0, dtype=bool)
        away, _ = KDTree(shapely.get_coordinates(one.geometry.array)).query(at)
        return np.asarray(away <= self.rules.radius_m)

    def _cover(self, one: gpd.GeoDataFrame) -> RadiusCover:
        """Give the roads within the radius: of the roads near the one, all else is as it was."""
        radius_m, pieces = self.rules.radius_m, self.pieces
        at = shapely.get_coordinates(one.geometry.array)[0]
        off = np.abs(pieces.network.xy[:-1] - at)
        beside = np.flatnonzero((off.max(axis=1) <= radius_m + pieces.metres) & (pieces.metres > 0))
        circle = in_circles(pieces, np.asarray(one.geometry.array), radius_m, among=beside)
        edges, was = np.unique(circle[0]), self.others.cover
        own = self.near.on(edges)
        near = merge(*(np.concatenate(pair) for pair in zip(_columns(own), circle, strict=True)))
        part = cover_parts(self.need.on(edges), near, radius_m)
        return RadiusCover(
            was.covered.replaced(edges, part.covered), was.uncovered.replaced(edges, part.uncovered), radius_m
        )

    def _gaps(self, placed: pd.DataFrame) -> tuple[int, float]:
        """Give number and metres of the gaps: another hydrant only cuts those apart that it reaches."""
        state, roads, was = self.others, self.others.roads, self.others.spacing
        own = placed[placed["is_snapped"].to_numpy(bool)]
        if not len(own):
            return was.n_gaps, was.gap_m
        limit_m = max(was.end_m, was.spacing_m / 2)
        node_mm = np.minimum(was.node_mm, hydrants_along(roads.sides, own, limit_m=limit_m))
        is_nearer = node_mm < was.node_mm
        touched = is_nearer[roads.sides.edge_u] | is_nearer[roads.sides.edge_v]
        touched[own["edge"].to_numpy(np.int64)] = True
        edges = np.flatnonzero(touched)
        on = pd.concat([state.placed, own])
        far = intersect(far_parts(roads, on, node_mm, was.reach_mm, edges), roads.need.on(edges))
        is_near = node_mm[was.ends.node] <= round(was.end_m * 1000.0)
        is_other = (is_near != was.ends.is_near)[was.ends.tail_of]
        edges = np.union1d(edges, was.ends.tails.edge[is_other])
        far = self.far.replaced(np.flatnonzero(touched), far).on(edges)
        parts = subtract(far, was.ends.in_order(is_near).on(edges))
        return self._n_gaps(edges, parts), was.parts.replaced(edges, parts).total() / 1000.0

    def _n_gaps(self, edges: NDArray[np.int64], parts: Stretches) -> int:
        """Count the gaps: those that have a part on these edges are put together anew."""
        was, roads = self.others.spacing, self.others.roads
        is_here = np.isin(was.parts.edge, edges)
        touched = np.unique(was.gap[is_here])
        rest = np.isin(was.gap, touched)
        of_them = Stretches(was.parts.edge[rest], was.parts.low[rest], was.parts.high[rest])
        return was.n_gaps - len(touched) + group_gaps(roads, of_them.replaced(edges, parts))[1]


def prepare_one_more(others: HydrantState, *, rules: HydrantRules, snap_m: float) -> OneMore:
    """Make hydrants ready for one more of them; it takes about as long as judging them.

    Parameters
    ----------
    others : HydrantState
        All but the one, from :func:`geo.hydrants.judge_hydrants` by the same rules.
    rules : HydrantRules
        Radius and spacing.
    snap_m : float
        Farthest that the one may be from its road to count for its spacing, metres.
    """
    roads, spacing = others.roads, others.spacing
    pieces = RoadPieces.of(roads.network)
    working = others.hydrants[others.hydrants["counts"].to_numpy(bool)]
    circles = in_circles(pieces, np.asarray(working.geometry.array), rules.radius_m)
    every = np.arange(roads.sides.n_edges)
    far = far_parts(roads, others.placed, spacing.node_mm, spacing.reach_mm, every)
    return OneMore(
        others, rules, snap_m, pieces, drawn_need(roads), merge(*circles), intersect(far, roads.need)
    )


def _columns(
    parts: Stretches,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    return parts.edge, parts.low, parts.high
