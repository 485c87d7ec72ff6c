"""Every computed measure behind a plan's targets, by the name of its method."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from geo.plans.evidence import Facts, Measure
from geo.plans.measures import depots as depotmeasures
from geo.plans.measures import fire as firemeasures
from geo.plans.measures import hydrants as hydrantmeasures
from geo.plans.measures import roads as roadmeasures
from geo.plans.measures import shelters as sheltermeasures
from geo.plans.measures import zones as zonemeasures
from geo.plans.plan import Target

__all__ = ["MEASURES"]

MEASURES: Final[Mapping[str, Callable[[Target, Facts], Measure]]] = MappingProxyType(
    {
        **firemeasures.MEASURES,
        **zonemeasures.MEASURES,
        **sheltermeasures.MEASURES,
        **depotmeasures.MEASURES,
        **hydrantmeasures.MEASURES,
        **roadmeasures.MEASURES,
    }
)
"""Each computed method of ``plans.METHODS``."""
