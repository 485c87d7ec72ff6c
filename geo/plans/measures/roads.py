"""The measures of the roads: links that strand people, and what is left when roads close."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from geo.messages import Message
from geo.plans.evidence import Facts, Measure
from geo.plans.plan import Target

__all__ = ["MEASURES"]


def _road_links(target: Target, facts: Facts) -> Measure:
    """Count the links whose loss strands people; dead ends are told beside them (CM-9)."""
    links, ends = facts.figures.get("cut_links"), facts.figures.get("dead_ends")
    if links is None or ends is None:
        return Measure(needs=(("roads", ""),))
    return Measure(
        value=links["n_links"],
        evidence=(
            Message("plans.cut_links", {"n": links["n_links"], "people": links["people_worst"]}),
            Message(
                "plans.dead_ends",
                {"n": ends["n_dead_ends"], "people": ends["people"], "km": ends["length_m"] / 1000.0},
            ),
        ),
        places="cut_links",
    )


def _network_loss(target: Target, facts: Facts) -> Measure:
    """Share of people still in time when the roads in all hazard areas close, in percent (ALL-2)."""
    figures = facts.figures.get("road_loss", {})
    if "hazards_share_after" not in figures:
        return Measure(needs=(("hazards", ""), ("people", "people > 0")))
    evidence: list[Message] = [Message("plans.loss_hazards", _numbers(figures, "hazards"))]
    if "link_share_after" in figures:
        evidence.append(Message("plans.loss_link", _numbers(figures, "link")))
    return Measure(
        value=100.0 * figures["hazards_share_after"], evidence=tuple(evidence), places="flooded_roads"
    )


def _numbers(figures: Mapping[str, float], cause: str) -> dict[str, float]:
    lead = f"{cause}_"
    return {name.removeprefix(lead): value for name, value in figures.items() if name.startswith(lead)}


MEASURES: Final[Mapping[str, Callable[[Target, Facts], Measure]]] = MappingProxyType(
    {
        "network_loss": _network_loss,
        "road_links": _road_links,
    }
)
"""The methods that this room computes."""
