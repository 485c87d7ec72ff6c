"""The plan's table: each target, its value, met or missed by how much, and the evidence."""

from __future__ import annotations

import math
from typing import Any, Final

import pandas as pd

from geo.messages import Message
from geo.plans.evidence import Facts, Measure, Need, Reading
from geo.plans.measures import MEASURES
from geo.plans.needs import tell_need, write_needs
from geo.plans.plan import Plan, Target, load_plan

__all__ = ["TARGET_COLUMNS", "Facts", "Reading", "evaluate", "judge", "load_plan"]

TARGET_COLUMNS: Final = (
    "plan",
    "name_zh",
    "name_en",
    "comparator",
    "target",
    "unit",
    "binding",
    "status",
    "value",
    "missed_by",
    "beside_zh",
    "beside_en",
    "evidence_zh",
    "evidence_en",
    "needs",
    "source",
    "places",
)
"""Columns of a Targets table."""


def evaluate(plan: Plan, facts: Facts) -> pd.DataFrame:
    """Compare each target of a plan with the facts.

    A target is ``met`` or ``missed`` only when it was computed from layers that are there, and ``told`` when
    the plan gives no number to hold the value against. It is ``no data`` when a layer or column is absent,
    empty or incomplete, and ``not computed`` when the data is there but the computation is not. Nothing is
    met by default.

    Parameters
    ----------
    plan : Plan
        The plan.
    facts : Facts
        The district.

    Returns
    -------
    DataFrame
        Index ``target_id``, in the plan's order; ``TARGET_COLUMNS``. ``value``, ``target`` and ``missed_by``
        (the distance to the target where missed, else nan) are in ``unit``; ``binding`` is the target's
        kind; ``beside_zh`` and ``beside_en`` what must be read beside the value; ``needs`` names the layers
        and columns that are missing, such as ``"stations: staff"``; ``places`` the finding, or ``gaps`` or
        ``stations`` of the map, that shows where it fails.

    Examples
    --------
    The number of stations and people is known, but nothing about shelters or roads:

    >>> facts = Facts(
    ...     layers={"stations": ["status"], "people": ["people"]},
    ...     people=pd.Series([500_000.0, 322_800.0]),
    ...     stations=pd.DataFrame({"name": ["甲", "乙"], "status": "existing"}),
    ...     served=pd.Series(dtype=float),
    ... )
    >>> table = evaluate(load_plan("jinshan"), facts)
    >>> row = table.loc["JS-1"]
    >>> print(row["status"], row["value"].round(2), row["missed_by"].round(2))
    missed 41.14 29.14
    >>> row["evidence_en"].split(". ")[0]
    '822,800 people / 2 existing stations = 41.14 ten thousand people per station'
    >>> table.loc["JS-2", ["status", "needs"]].tolist()
    ['no data', 'shelters: area_m2']
    """
    rows = [_row(plan, target, facts) for target in plan.targets]
    ids = pd.Index([target.id for target in plan.targets], name="target_id", dtype=object)
    return pd.DataFrame(rows, index=ids, columns=list(TARGET_COLUMNS))


def _row(plan: Plan, target: Target, facts: Facts) -> dict[str, Any]:
    measure = _measure(target, facts)
    status = _status(target, measure)
    value = measure.value if status in ("met", "missed", "told") else math.nan
    missed_by = abs(target.value - value) if status == "missed" else math.nan
    evidence = _evidence(target, measure, status, missed_by)
    beside = measure.beside if status in ("met", "missed", "told") else ()
    return {
        "plan": plan.id,
        "name_zh": target.name_zh + (f"（{target.reading_zh}）" if target.reading_zh else ""),
        "name_en": target.name_en + (f" ({target.reading_en})" if target.reading_en else ""),
        "comparator": target.comparator,
        "target": target.value,
        "unit": target.unit,
        "binding": target.kind,
        "status": status,
        "value": value,
        "missed_by": missed_by,
        "beside_zh": "；".join(message.say("zh") for message in beside),
        "beside_en": "; ".join(message.say("en") for message in beside),
        "evidence_zh": "".join(message.say("zh") for message in evidence),
        "evidence_en": " ".join(message.say("en") for message in evidence),
        "needs": write_needs(measure.needs),
        "source": " ".join(part for part in (target.source, target.section) if part),
        "places": measure.places,
    }


def _measure(target: Target, facts: Facts) -> Measure:
    needs = _missing(target, facts)
    return Measure(needs=needs) if needs else MEASURES[target.method](target, facts)


def _missing(target: Target, facts: Facts) -> tuple[Need, ...]:
    """Name the layers and columns that the target needs and the study does not have."""
    needs: list[Need] = []
    for layer, columns in target.layers.items():
        lacking = [name for name in columns if name not in facts.layers.get(layer, ())]
        if layer not in facts.layers or lacking:
            needs.append((layer, ", ".join(lacking)))
    if not needs and "people" in target.layers and not facts.total > 0:
        needs.append(("people", "people > 0"))
    return tuple(needs)


def _status(target: Target, measure: Measure) -> str:
    if measure.needs:
        return "no data"
    return judge(target, measure.value)


def judge(target: Target, value: float) -> str:
    """Hold a value against a target: ``met``, ``missed``, ``told`` (it asks nothing), ``not computed``."""
    if math.isnan(value):
        return "not computed"
    if target.comparator == "none":
        return "told"
    is_met = {
        ">=": value >= target.value,
        ">": value > target.value,
        "<=": value <= target.value,
        "<": value < target.value,
    }[target.comparator]
    return "met" if is_met else "missed"


def _evidence(target: Target, measure: Measure, status: str, missed_by: float) -> list[Message]:
    """Give the evidence: what made the value, by how much it misses, from which layers."""
    messages: list[Message] = []
    if status == "no data":
        needs = tuple(tell_need(layer, what) for layer, what in measure.needs)
        messages.append(Message("plans.no_data", {"needs": needs}))
    messages.extend(measure.evidence)
    if status == "missed":
        unit = Message(f"plans.gap_{target.unit}")
        messages.append(Message("plans.missed_by", {"by": _amount(missed_by), "unit": unit}))
        messages.extend(measure.if_missed)
    if status in ("met", "missed", "told"):
        layers = tuple(tell_need(name, "") for name in target.layers)
        messages.append(Message("plans.layers_used", {"layers": layers}))
    return messages


def _amount(number: float) -> str:
    """Write a number to two places, or two digits where it is small, without idle zeros."""
    if math.isinf(number):
        return "∞"
    return f"{number:,.2f}".rstrip("0").rstrip(".") if number >= 0.1 else f"{number:.2g}"
