"""What a run of a large study needs, told before it starts: minutes and memory, by its size."""

from __future__ import annotations

from typing import Final

from geo.messages import Message
from geo.network import RoadNetwork
from geo.study.settings import Study

__all__ = ["tell_needs"]

_MB: Final = (420.0, 4.6e-3, 1.4e-3)
_SECONDS: Final = (12.0, 1.8e-4, 1.1e-4)
"""For any study, for each link of road and for each point with people; measured on runs of all rooms with
57,000 and 228,000 links, and on runs with 5,000 and 200,000 points."""
_OF_A_SCENARIO: Final = 0.5
"""A scenario is assessed as the study is, without being read and drawn."""
_MUCH_MB: Final = 4_000.0
_MUCH_S: Final = 300.0


def tell_needs(study: Study, network: RoadNetwork, n_points: int) -> tuple[Message, ...]:
    """Say what a run needs, if that is more than a planner expects of her computer.

    Parameters
    ----------
    study : Study
        Its scenarios and candidates count.
    network : RoadNetwork
        Its roads.
    n_points : int
        Points with people.
    """
    n_links = len(network.edge_u)
    base_mb, link_mb, point_mb = _MB
    base_s, link_s, point_s = _SECONDS
    mb = base_mb + link_mb * n_links + point_mb * n_points
    seconds = (base_s + link_s * n_links + point_s * n_points) * (1 + _OF_A_SCENARIO * len(study.scenarios))
    if mb < _MUCH_MB and seconds < _MUCH_S:
        return ()
    spec = study.candidates
    is_along_roads = spec is not None and (
        spec.source == "roads" or (spec.source == "auto" and not study.plots)
    )
    spacing = spec.spacing_m if spec is not None and is_along_roads else float("inf")
    values = {
        "links": n_links,
        "points": n_points,
        "scenarios": len(study.scenarios),
        "candidates": round(float(network.edge_length.sum()) / spacing),
        "minutes": max(seconds / 60, 1.0),
        "gb": mb / 1000,
    }
    return (Message("study.needs", values),)
