"""Whether a network hangs together: pieces of it that lie beside others without meeting them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.network.road_network import RoadNetwork

__all__ = ["Connectivity", "judge_connectivity"]

_BESIDE_M: Final = 50.0
_MOST_SHARE: Final = 0.15
_GAP_M: Final = 10.0
_MANY: Final = 20


@dataclass(frozen=True)
class Connectivity:
    """How far a network falls to pieces.

    Parameters
    ----------
    n_components : int
        Connected components.
    share_outside : float
        Share (0-1) of the length of roads outside the largest.
    share_beside : float
        Share of the length in components, but for the largest, that come within 50 m of another one: an
        island lies apart, and what lies beside other roads without meeting them was mostly drawn so.
    share_single : float
        Share of the length in components of one or two roads.
    n_crossings : int
        Places where roads of different components cross.
    n_gaps : int
        Dead ends of a component within 10 m of a road of another.
    gap_m : float
        The distance within which nine of ten of these gaps would close, 0 where there is none.
    """

    n_components: int
    share_outside: float
    share_beside: float
    share_single: float
    n_crossings: int
    n_gaps: int
    gap_m: float

    @property
    def is_in_pieces(self) -> bool:
        """Whether so much lies beside other roads without meeting them that the roads were read wrongly.

        That is more than 15 % of the length, or more in many components of one or two roads. Of real networks
        central Shanghai, clipped from OpenStreetMap through all its viaducts, has 8 %, Liechtenstein 4 %
        (parking aisles and tracks), Chongming 3 %, Helsinki 1 %.
        """
        is_dashed = self.share_single > _MOST_SHARE and self.n_components > _MANY
        return self.share_beside > _MOST_SHARE or is_dashed


def judge_connectivity(network: RoadNetwork) -> Connectivity:
    """Judge whether a network hangs together.

    Parameters
    ----------
    network : RoadNetwork
        Any network.
    """
    component = network.node_component[network.edge_u]
    metres = np.bincount(component, weights=network.edge_length)
    outside = 1 - metres[0] / metres.sum()
    if outside <= _MOST_SHARE:  # no more can lie beside others
        return Connectivity(len(metres), float(outside), 0.0, 0.0, 0, 0, 0.0)
    lines = shapely.from_ragged_array(shapely.GeometryType.LINESTRING, network.xy, (network.xy_start,))
    tree = shapely.STRtree(lines)
    small = np.flatnonzero(component > 0)
    near, other = tree.query(lines[small], predicate="dwithin", distance=_BESIDE_M)
    apart = component[small[near]] != component[other]
    beside = np.zeros(len(metres), dtype=bool)
    beside[component[small[near[apart]]]] = True
    crossing, crossed = small[near[apart]], other[apart]
    crosses = shapely.crosses(lines[crossing], lines[crossed]) & (
        (component[crossed] == 0) | (component[crossing] < component[crossed])
    )
    gaps = _gaps(network, tree, component)
    return Connectivity(
        n_components=len(metres),
        share_outside=float(outside),
        share_beside=float(metres[beside].sum() / metres.sum()),
        share_single=float(metres[np.bincount(component) < 3].sum() / metres.sum()),
        n_crossings=int(crosses.sum()),
        n_gaps=len(gaps),
        gap_m=float(np.quantile(gaps, 0.9, method="higher")) if len(gaps) else 0.0,
    )


def _gaps(network: RoadNetwork, tree: shapely.STRtree, component: NDArray[np.integer]) -> NDArray[np.float64]:
    """Give for each dead end near a road of another component how far it is from that, in metres."""
    degree = np.bincount(np.concatenate([network.edge_u, network.edge_v]), minlength=network.n_nodes)
    ends = np.flatnonzero(degree == 1)
    points = shapely.points(network.node_xy[ends])
    end, line = tree.query(points, predicate="dwithin", distance=_GAP_M)
    apart = network.node_component[ends[end]] != component[line]
    end, line = end[apart], line[apart]
    nearest: NDArray[np.float64] = np.full(len(ends), np.inf)
    np.minimum.at(nearest, end, shapely.distance(points[end], tree.geometries[line]))
    gaps: NDArray[np.float64] = nearest[np.isfinite(nearest)]
    return gaps
