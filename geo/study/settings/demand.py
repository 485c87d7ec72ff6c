"""Settings of people layers that contradict each other."""

from __future__ import annotations

from geo.messages import Message
from geo.study.settings.layers import DemandSpec

__all__ = ["demand_faults"]


def demand_faults(spec: DemandSpec) -> list[Message]:
    """Find settings of a people layer that contradict each other, or that its method would not heed."""
    faults, method = [], f"method = {spec.method!r}"
    if spec.total is not None and spec.people is not None:
        faults.append(Message("settings.people_or_total"))
    if spec.method == "points":
        if spec.total is None and spec.weight is not None:
            faults.append(Message("settings.weight_alone"))
    elif spec.total is not None:
        faults.append(Message("settings.total_of_method", {"method": method}))
    elif isinstance(spec.people, float):
        faults.append(Message("settings.number_of_method", {"method": method, "number": spec.people}))
    heeds_over = spec.method in ("zones", "places")
    if not heeds_over and (spec.over or spec.over_layer or spec.over_where):
        faults.append(Message("settings.over_of_method", {"method": method}))
    if spec.method in ("grid", "raster") and spec.weight is not None:
        faults.append(Message("settings.weight_of_method", {"method": method}))
    if spec.method in ("places", "raster") and (spec.people is not None or spec.columns):
        faults.append(Message("settings.columns_of_method", {"method": method}))
    if spec.method not in ("grid", "raster") and spec.unit is not None:
        faults.append(Message("settings.unit_of_method", {"method": method}))
    if spec.method != "raster" and (spec.nodata is not None or spec.band != 1):
        faults.append(Message("settings.nodata_of_method", {"method": method}))
    if spec.places and spec.method not in ("points", "zones"):
        faults.append(Message("settings.places_of_method", {"method": method}))
    if spec.method == "raster" and spec.where:
        faults.append(Message("settings.where_of_method", {"method": method}))
    return faults
