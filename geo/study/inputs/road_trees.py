"""What is asked of the roads again for each layer: their lines by place, and the ground that they cover."""

from __future__ import annotations

from typing import Final
from weakref import WeakKeyDictionary

import shapely

from geo.network import RoadNetwork

__all__ = ["hull_of", "tree_of"]

# A study reads some ten layers over one network; to sort 450,000 lines takes a second each time.
_TREES: Final[WeakKeyDictionary[RoadNetwork, shapely.STRtree]] = WeakKeyDictionary()
_HULLS: Final[WeakKeyDictionary[RoadNetwork, shapely.Geometry]] = WeakKeyDictionary()


def tree_of(network: RoadNetwork) -> shapely.STRtree:
    """Give the lines of a network by place; made once, and kept as long as the network is."""
    tree = _TREES.get(network)
    if tree is None:
        tree = _TREES[network] = shapely.STRtree(network.edges.geometry.to_numpy())
    return tree


def hull_of(network: RoadNetwork) -> shapely.Geometry:
    """Give the convex hull of a network's nodes; made once, and kept as long as the network is."""
    hull = _HULLS.get(network)
    if hull is None:
        hull = _HULLS[network] = shapely.convex_hull(shapely.multipoints(network.node_xy))
    return hull
