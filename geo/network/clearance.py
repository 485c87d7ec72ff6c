"""Which roads a profile's vehicle fits through, and where a barrier stops it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.messages import Message, first_few
from geo.network.roads import Roads
from geo.network.tags import AREA, FERRY
from geo.network.travel_times import has_speed, is_shut
from geo.standards import SpeedProfile

__all__ = ["passable"]

_SMALLEST: Final = (0.0, 0.1, 0.0)
"""A vehicle of which nothing is stated: it stops at a bollard, which leaves no width, and at nothing else."""


def _too_tight(limits: NDArray[np.float32] | None, profile: SpeedProfile, n: int) -> NDArray[np.bool_]:
    """Mark what the vehicle of a profile does not fit through, for each limit: shape (n, 3).

    A limit itself is kept by a vehicle of just that size. People on foot fit through everything.
    """
    if limits is None or profile.mode == "walk":
        return np.zeros((n, 3), dtype=bool)
    stated = zip(_vehicle(profile), _SMALLEST, strict=True)
    vehicle = [least if size is None else size for size, least in stated]
    return limits < np.array(vehicle, dtype=np.float32)


def _vehicle(profile: SpeedProfile) -> tuple[float | None, float | None, float | None]:
    return profile.height_m, profile.width_m, profile.weight_t


def _tell_tight(roads: Roads, tight: NDArray[np.bool_], profile: SpeedProfile) -> tuple[Message, ...]:
    """Say which roads the vehicle of a profile does not fit through, and what stops it."""
    edges = np.flatnonzero(tight.any(axis=1))
    if not len(edges):
        return ()
    height, width, weight = tight[edges].sum(axis=0)
    source = list(dict.fromkeys(roads.edge_source[edges].tolist()))
    vehicle = ["?" if size is None else f"{size:g}" for size in _vehicle(profile)]
    values = {
        "n": len(edges),
        "km": float(roads.edge_length[edges].sum()) / 1000,
        "profile": profile.name,
        **dict(zip(("height_m", "width_m", "weight_t"), vehicle, strict=True)),
        **{"n_height": int(height), "n_width": int(width), "n_weight": int(weight)},
        "ways": first_few(source),
    }
    return (Message("network.roads_too_tight", values),)


def _tell_unstated(roads: Roads, speed: NDArray[np.float64], profile: SpeedProfile) -> tuple[Message, ...]:
    """Say which limits a profile does not heed, because it does not state that of its vehicle."""
    unstated = np.array([size is None for size in _vehicle(profile)])
    if roads.edge_limits is None or profile.mode == "walk" or not unstated.any():
        return ()
    bears = ~np.isnan(roads.edge_limits) & unstated & (roads.edge_limits > _SMALLEST) & (speed > 0)[:, None]
    edges = bears.any(axis=1)
    if not edges.any():
        return ()
    height, width, weight = bears.sum(axis=0).tolist()
    values = {
        "n": int(edges.sum()),
        "km": float(roads.edge_length[edges].sum()) / 1000,
        "profile": profile.name,
        **{"n_height": height, "n_width": width, "n_weight": weight},
    }
    return (Message("network.limits_unstated", values),)


def _tell_shut(roads: Roads, profile: SpeedProfile) -> tuple[Message, ...]:
    """Say which roads of a profile's classes access keeps it out of: outlines of squares, and the others."""
    shut = is_shut(roads, profile) & has_speed(roads, profile)[roads.edge_class]
    is_area = (roads.edge_access & AREA > 0) & (profile.mode != "walk")  # people walk along outlines
    notes = []
    for key, which in (("areas_left_out", shut & is_area), ("access_closed", shut & ~is_area)):
        if which.any():
            ways = list(dict.fromkeys(roads.edge_source[which].tolist()))
            values = {
                "n": len(ways),
                "km": float(roads.edge_length[which].sum()) / 1000,
                "profile": profile.name,
                "ways": first_few(ways),
            }
            notes.append(Message(f"network.{key}", values))
    return tuple(notes)


def _tell_ferries(roads: Roads, profile: SpeedProfile) -> tuple[Message, ...]:
    """Say which ferry routes a profile does not use."""
    if profile.ferries or FERRY not in roads.classes:
        return ()
    edges = roads.edge_class == roads.classes.index(FERRY)
    if not edges.any():
        return ()
    km = float(roads.edge_length[edges].sum()) / 1000
    return (Message("network.ferries_closed", {"n": int(edges.sum()), "km": km, "profile": profile.name}),)


def passable(
    roads: Roads, speed: NDArray[np.float64], profile: SpeedProfile
) -> tuple[Roads, NDArray[np.float64], tuple[Message, ...]]:
    """Give the roads that a profile's vehicle may use and fits through, with their speeds; and what stops it.

    Parameters
    ----------
    roads : Roads
        All roads.
    speed : float64 array
        Speed on each in km/h, 0 where the profile may not go.
    profile : SpeedProfile
        Its vehicle.

    Returns
    -------
    tuple
        Roads that meet nowhere at a barrier that stops the vehicle; their speeds; notes.
    """
    tight = _too_tight(roads.edge_limits, profile, roads.n_edges) & (speed > 0)[:, None]
    keep = np.flatnonzero((speed > 0) & ~tight.any(axis=1))
    usable = roads.take(keep)
    stopping, notes = _stopped_at(usable, profile)
    of_limits = (
        *_tell_tight(roads, tight, profile),
        *_tell_unstated(roads, speed, profile),
        *_tell_shut(roads, profile),
        *_tell_ferries(roads, profile),
    )
    return _part_roads(usable, stopping), speed[keep], (*of_limits, *notes)


def _stopped_at(roads: Roads, profile: SpeedProfile) -> tuple[NDArray[np.int64], tuple[Message, ...]]:
    """Give the nodes at which a barrier stops the vehicle of a profile, and what is told of all barriers.

    Parameters
    ----------
    roads : Roads
        Those that the profile may use, with the barriers of the source.
    profile : SpeedProfile
        Its vehicle; one that may use private roads opens gates.
    """
    barriers = roads.barriers
    if barriers is None or profile.mode == "walk":
        return np.empty(0, dtype=np.int64), ()
    # A gate that stops nobody stands in the middle of a road, where no node of the network is.
    is_here = np.isin(barriers.node_id, roads.node_id) | np.isin(barriers.way, roads.edge_source)
    kept_out = barriers.no_cars if not profile.private_roads else np.zeros(len(is_here), dtype=bool)
    stops = is_here & (_too_tight(barriers.limits, profile, len(is_here)).any(axis=1) | kept_out)
    opened = is_here & ~stops & barriers.is_opened
    notes = []
    unknown = is_here & ~stops & barriers.is_unknown
    for key, which in (
        ("barriers_stop", stops),
        ("barriers_opened", opened),
        ("barriers_unknown", unknown),
    ):
        if which.any():
            numbers = {"n": int(which.sum()), "kinds": _counted(barriers.kind, which)}
            first = ", ".join(str(node) for node in barriers.node_id[which][:5])
            notes.append(Message(f"network.{key}", {**numbers, "profile": profile.name, "nodes": first}))
    return barriers.node_id[stops], tuple(notes)


def _part_roads(roads: Roads, nodes: NDArray[np.int64]) -> Roads:
    """Give each end of a road at some nodes, named by their ids, a node of its own.

    New nodes bear negative ids that no other node has.
    """
    ends = np.concatenate([roads.edge_u, roads.edge_v])
    there = np.flatnonzero(np.isin(roads.node_id[ends], nodes))
    again = np.ones(len(there), dtype=bool)
    again[np.unique(ends[there], return_index=True)[1]] = False
    moved = there[again]
    if not len(moved):
        return roads
    fresh = min(0, int(roads.node_id.min())) - 1 - np.arange(len(moved))
    node_xy = np.vstack([roads.node_xy, roads.node_xy[ends[moved]]])
    ends[moved] = roads.n_nodes + np.arange(len(moved), dtype=np.int32)
    u, v = np.split(ends, 2)
    return replace(roads, node_id=np.append(roads.node_id, fresh), node_xy=node_xy, edge_u=u, edge_v=v)


def _counted(kinds: Sequence[str], which: NDArray[np.bool_]) -> str:
    """Count kinds, the most frequent first."""
    words, counts = np.unique(np.array(kinds, dtype=object)[which].astype(str), return_counts=True)
    order = np.lexsort((words, -counts))
    return ", ".join(f"{words[i]} {counts[i]}" for i in order)
