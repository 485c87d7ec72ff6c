"""Every computed measure behind a plan's targets, by the name of its method."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from geo import (
    depotmeasures,
    firemeasures,
    hydrantmeasures,
    roadmeasures,
    sheltermeasures,
    zonemeasures,
)
from geo.evidence import Facts, Measure
from geo.plans import Target

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
