"""Roads cut where they leave the land: what is nearest to a road inside a barrier is inside it too."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.defaults import SHORE_M
from geo.ground.barriers import straight_walls
from geo.ground.segments import Pieces

__all__ = ["cut_at_shores"]


def cut_at_shores(pieces: Pieces, barriers: NDArray[np.object_]) -> tuple[Pieces, NDArray[np.bool_]]:
    """Cut pieces of road at the borders of polygons, and say which pieces lie inside one.

    A place that sees its nearest road, and the road there lies inside a barrier, is inside it itself: between
    the two there is no border. So such pieces let nobody be in time; they still shut off their own edge from
    places across the border, as :func:`geo.ground.nearest_in_sight` has it.

    Parameters
    ----------
    pieces : Pieces
        As :func:`geo.ground.cut_roads` gives them.
    barriers : array of shapely geometries
        Only polygons have an inside.

    Returns
    -------
    (Pieces, bool array)
        The pieces in the same order, and whether each lies inside a polygon, farther than ``SHORE_M`` from
        its border.
    """
    wet = barriers[shapely.get_dimensions(barriers) == 2]
    if not len(wet) or not len(pieces.edge):
        return pieces, np.zeros(len(pieces.edge), dtype=bool)
    roads = shapely.linestrings(np.stack([pieces.xy, pieces.to_xy], axis=1))
    tree = shapely.STRtree(roads)
    walls = straight_walls(wet[np.unique(tree.query(wet, predicate="intersects")[0])])
    wall, road = tree.query(shapely.linestrings(walls.reshape(-1, 2, 2)), predicate="intersects")
    # Cut a little before and behind: a place that is nearest to where a road begins on the shore is on land.
    share, step = _where_met(pieces, road, walls[wall]), SHORE_M / shapely.length(roads[road])
    road, share = np.concatenate([road, road]), np.concatenate([share - step, share + step])
    is_cut = (share > 0.0) & (share < 1.0)
    cut = _cut(pieces, road[is_cut], share[is_cut])
    return cut, _is_inside(cut, wet, walls)


def _where_met(pieces: Pieces, road: NDArray[np.int64], walls: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give where on each piece (0-1) its wall crosses it; nan where the two run side by side."""
    along, wall = (pieces.to_xy - pieces.xy)[road], walls[:, 2:] - walls[:, :2]
    off = walls[:, :2] - pieces.xy[road]
    turn = along[:, 0] * wall[:, 1] - along[:, 1] * wall[:, 0]
    share = np.full(len(road), np.nan)
    np.divide(off[:, 0] * wall[:, 1] - off[:, 1] * wall[:, 0], turn, out=share, where=turn != 0.0)
    return share


def _cut(pieces: Pieces, road: NDArray[np.int64], share: NDArray[np.float64]) -> Pieces:
    """Part pieces at shares of their length, in order."""
    n = len(pieces.edge)
    of = np.concatenate([np.arange(n), road])
    start = np.concatenate([np.zeros(n), share])
    order = np.lexsort((start, of))
    of, start = of[order], start[order]
    end = np.append(start[1:], 1.0)
    end[np.append(of[1:] != of[:-1], True)] = 1.0
    is_piece = end > start
    of, start, end = of[is_piece], start[is_piece, None], end[is_piece, None]
    way = pieces.to_xy[of] - pieces.xy[of]
    step = pieces.to_fraction[of] - pieces.fraction[of]
    # The old ends stay as they are, to the last digit.
    return Pieces(
        pieces.edge[of],
        pieces.fraction[of] + start[:, 0] * step,
        np.where(end[:, 0] == 1.0, pieces.to_fraction[of], pieces.fraction[of] + end[:, 0] * step),
        pieces.xy[of] + start * way,
        np.where(end == 1.0, pieces.to_xy[of], pieces.xy[of] + end * way),
        pieces.cost[of] * (end - start),
    )


def _is_inside(pieces: Pieces, wet: NDArray[np.object_], walls: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say which pieces lie inside a polygon: one part of a piece does where its middle does."""
    middles = shapely.points((pieces.xy + pieces.to_xy) / 2)
    inside = np.zeros(len(middles), dtype=bool)
    inside[shapely.STRtree(middles).query(wet, predicate="contains")[1]] = True
    if len(walls) and inside.any():
        lines = shapely.STRtree(shapely.linestrings(walls.reshape(-1, 2, 2)))
        at = np.flatnonzero(inside)
        on_shore = lines.query(middles[at], predicate="dwithin", distance=SHORE_M)[0]
        inside[at[on_shore]] = False
    return inside
