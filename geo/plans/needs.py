"""What a target lacks, in words: layers, and columns under the headers that planners' tables have."""

from __future__ import annotations

import re
from typing import Final

from geo.messages import Message
from geo.plans.evidence import Need
from geo.plans.plan import LAYERS
from geo.words import Lang, say_if_there

__all__ = ["tell_need", "tell_needs", "write_needs"]

_BETWEEN: Final = re.compile(rf"; (?=(?:{'|'.join((*LAYERS, 'built_up'))})(?::|;|$))")
_PART: Final = re.compile(r"(?P<what>[^,(]*)(?:\((?P<of>[^)]*)\))?")
"""A column with what is said of it; a comma inside brackets stands between names."""
_EXISTING: Final = " = existing"


def write_needs(needs: tuple[Need, ...]) -> str:
    """Write what is missing as a Targets table holds it: ``"layer: column, column; layer"``."""
    return "; ".join(f"{layer}: {what}" if what else layer for layer, what in needs)


def tell_needs(text: str, *, lang: Lang) -> str:
    """Say what :func:`write_needs` or a table of checks wrote; names without words stand as they are.

    Examples
    --------
    >>> tell_needs("hydrants: status, opened_year; depots: level (3 / 40)", lang="zh")
    '消火栓（状态、建成年份）；物资库（储备级别，缺 3 / 40）'
    >>> tell_needs("hydrants: status, opened_year; depots", lang="en")
    'hydrants (status, opened_year); depots'
    """
    parts = [part.partition(": ") for part in _BETWEEN.split(text)]
    return ("；" if lang == "zh" else "; ").join(tell_need(layer, what).say(lang) for layer, _, what in parts)


def tell_need(layer: str, what: str) -> Message:
    """Give the message that a layer lacks columns or values; without ``what``, that there is no such layer.

    Examples
    --------
    >>> tell_need("stations", "status = existing").say("zh"), str(tell_need("people", "people > 0"))
    ('消防站（状态 = 现状）', 'people (people > 0)')
    """
    name = _label(layer, f"layer_{layer}")
    columns = tuple(_lacking(layer, part) for part in _PART.finditer(what) if part[0].strip())
    return Message("plans.layer_with", {"layer": name, "what": columns}) if columns else name


def _label(name: str, *keys: str) -> Message:
    """Give the first word that there is for a name; a plan may name a column that is none of ours."""
    known = next((key for key in keys if say_if_there(f"plans.{key}", lang="zh")), "")
    return Message(f"plans.{known}") if known else Message("messages.names", {"names": name})


def _lacking(layer: str, part: re.Match[str]) -> Message | str:
    """Say one column, with how many rows lack it, or a condition that no row meets."""
    what, of = part["what"].strip(), part["of"]
    if not what:
        return of
    column, _, condition = what.partition(" ")
    label = _label(column, f"column_{layer}_{column}", f"column_{column}")
    if what.endswith(_EXISTING):
        return Message("plans.need_existing", {"column": label})
    if condition:
        return Message("plans.need_condition", {"column": label, "condition": condition})
    return Message("plans.need_counted", {"column": label, "of": of}) if of else label
