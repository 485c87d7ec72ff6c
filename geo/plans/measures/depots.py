"""The measures of depots, teams and other facilities: counts by level, year, town and village; reach."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

import pandas as pd

from geo.messages import Message
from geo.plans.depot_levels import count_new, count_zones, read_levels, tier_of
from geo.plans.evidence import Facts, Measure, Need, beside_people
from geo.plans.plan import Target
from geo.words import percent

__all__ = ["MEASURES"]

_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "bases": "base",
        "depots": "depot",
        "gas_repair": "gas_repair",
        "hydrants": "hydrant",
        "shelters": "shelter",
        "stations": "fire_station",
        "teams": "team",
        "water_points": "water_point",
    }
)
"""The kind of facility in each layer of a plan."""
_PLACES: Final[Mapping[str, str]] = MappingProxyType(
    {"bases": "depots", "depots": "depots", "gas_repair": "gas_repair_stations"}
)
_COLUMNS: Final = ["kind", "status", "name", "level", "zone", "opened_year"]
_NO_DEPOTS: Final = pd.DataFrame(columns=["kind", "level", "level_told", "village_id", "how"])
_MOST_NAMES: Final = 10


def _count(target: Target, facts: Facts) -> Measure:
    """Count existing facilities, of some levels or new since the base year (CM-7, JS-3, SH-3, SJ-4, YP-1)."""
    layer, rows = _rows(target, facts)
    levels = target.settings.get("levels")
    after = facts.base_year if target.settings.get("is_new") else None
    if target.settings.get("is_new") and after is None:
        return Measure(needs=((layer, "base_year"),))
    count = count_new(rows, new_after=after, levels=levels)
    numbers = {"n": count.n, "all": len(rows), "year": after, "n_open": count.n_open}
    evidence: list[Message] = [
        Message("plans.count_new" if after is not None else "plans.count_all", numbers)
    ]
    if levels is not None:
        evidence += [Message(f"plans.of_level_{level}") for level in levels]
    needs: list[Need] = []
    if count.n_open:
        evidence.append(Message("plans.count_open", numbers))
        if _is_open(target, count.n, count.n + count.n_open):
            needs = _unsaid(layer, rows, is_new=after is not None, has_level=levels is not None)
    if levels is not None:
        evidence += _unread(rows)
    if layer == "gas_repair":
        evidence += _response(facts)
    return Measure(
        value=float(count.n),
        evidence=tuple(evidence),
        needs=tuple(needs),
        places=_PLACES.get(layer, ""),
    )


def _count_per_zone(target: Target, facts: Facts) -> Measure:
    """Give the fewest facilities that a town or village has (CM-5, JS-4, SJ-3)."""
    return _per_village(target, facts) if "villages" in target.layers else _per_town(target, facts)


def _per_town(target: Target, facts: Facts) -> Measure:
    layer, rows = _rows(target, facts)
    names = _towns(facts)
    if names.empty:
        return Measure(needs=(("towns", "name"),))
    n = _by_town(rows, names)
    lacking = n[n < target.value]
    numbers = {
        "n": len(rows),
        "zones": len(n),
        "fewest": int(n.min()),
        "n_lacking": len(lacking),
        "lacking": _first(lacking.index),
        "elsewhere": len(rows) - int(n.sum()),
    }
    n_with = len(n) - len(lacking)
    beside = {"n_with": n_with, "zones": len(n), "share": percent(n_with / len(n))}
    return Measure(
        value=float(n.min()),
        beside=(Message("plans.beside_towns", beside),),
        evidence=(Message("plans.count_per_town", numbers),),
        if_missed=(Message("plans.short_per_town", numbers),),
        places="teams_by_town" if layer == "teams" else "",
    )


def _per_village(target: Target, facts: Facts) -> Measure:
    villages, depots = facts.tables.get("village_depots"), facts.tables.get("depots", _NO_DEPOTS)
    if villages is None or not len(villages):
        return Measure(needs=(("villages", "name"),))
    stock = depots[depots["kind"] == "depot"]
    levels = target.settings.get("levels")
    is_sure = stock["level"].isin(levels) if levels is not None else stock["level"].notna()
    is_open = ~is_sure & (stock["level"] == "unknown")
    n = stock.loc[is_sure, "village_id"].value_counts().reindex(villages.index, fill_value=0)
    most = n + stock.loc[is_open, "village_id"].value_counts().reindex(villages.index, fill_value=0)
    # Told as the list of villages tells them: where no level is understood at all, every depot counts there.
    counted, is_counted = (most, is_sure | is_open) if is_open.all() else (n, is_sure)
    lacking = villages[counted < target.value]
    towns = lacking["zone"].fillna("–").value_counts()
    numbers = {
        "n": int(counted.sum()),
        "zones": len(n),
        "n_with": len(n) - len(lacking),
        "n_lacking": len(lacking),
        "towns": tuple(f"{town} {count}" for town, count in towns.head(_MOST_NAMES).items()),
        "lacking": _first(lacking["name"]),
        "guessed": int(stock.loc[is_counted, "how"].isin(["part_of_name", "nearest"]).sum()),
        "unmatched": int((is_counted & stock["village_id"].isna()).sum()),
    }
    doubt = _is_open(target, float(n.min()), float(most.min()))
    share = percent((len(n) - len(lacking)) / len(n))
    return Measure(
        value=float(n.min()),
        beside=(Message("plans.beside_villages", {**numbers, "share": share}),),
        evidence=(Message("plans.count_per_village", numbers), *_unread(stock, "level_told")),
        if_missed=(Message("plans.short_per_village", numbers),),
        needs=(("depots", f"level ({int(is_open.sum())} / {len(stock)})"),) if doubt else (),
        places="villages_without_depot",
    )


def _levels(target: Target, facts: Facts) -> Measure:
    """Count the tiers of the reserve that stand; the town's does when every town has a depot (ALL-1)."""
    layer, rows = _rows(target, facts)
    read = read_levels(rows["level"])
    tiers = tier_of(read)
    n_unread = int(read.isna().sum())
    held = may_hold = 0
    evidence: list[Message] = []
    for tier in target.settings["levels"]:
        own = rows[(tiers == tier).to_numpy()]
        missing, sentence = _tier(tier, own, facts)
        held += missing == 0
        may_hold += missing <= n_unread
        evidence.append(sentence)
    evidence += _village_reserve(facts) if "village" in target.settings["levels"] else []
    doubt = _is_open(target, float(held), float(may_hold))
    return Measure(
        value=float(held),
        evidence=(*evidence, *_unread(rows)),
        needs=((layer, f"level ({n_unread} / {len(rows)})"),) if doubt else (),
        places="depots",
    )


def _tier(tier: str, own: pd.DataFrame, facts: Facts) -> tuple[int, Message]:
    """Tell how many depots a tier lacks: one, or one for each town without."""
    towns = _towns(facts)
    if tier != "town" or towns.empty:
        return int(own.empty), Message(f"plans.tier_{tier}", {"n": len(own)})
    n = _by_town(own, towns)
    lacking = n[n == 0]
    numbers = {"n": len(own), "zones": len(n), "n_with": len(n) - len(lacking)}
    return len(lacking), Message("plans.tier_towns", {**numbers, "lacking": _first(lacking.index)})


def _village_reserve(facts: Facts) -> list[Message]:
    """Tell how many villages have a depot of their own, where there is a list of villages."""
    figures = facts.figures.get("village_depots")
    if figures is None:
        return []
    return [Message("plans.tier_villages", {"n_with": figures["n_with"], "zones": figures["n_villages"]})]


def _drive_reach(target: Target, facts: Facts) -> Measure:
    """Share of people within the limit of driving from a depot or base, in percent (CM-4)."""
    return _reach(target, facts, way="drive")


def _walk_reach(target: Target, facts: Facts) -> Measure:
    """Share of people within the limit of walking to a depot, in percent (SH-4)."""
    return _reach(target, facts, way="walk")


def _reach(target: Target, facts: Facts, *, way: str) -> Measure:
    figures = facts.figures.get("depot_reach", {})
    limit_s = float(target.settings["limit_s"])
    reach = {name.removeprefix(f"{way}_"): value for name, value in figures.items() if name.startswith(way)}
    if not reach:
        return Measure(needs=(("depots", "status = existing"),))
    if reach["limit_s"] != limit_s:
        return Measure(
            evidence=(Message("plans.reach_other_limit", {"limit": limit_s, "other": reach["limit_s"]}),)
        )
    if math.isnan(reach["share_in_time"]):
        return Measure(needs=(("people", "people > 0"),))
    late = reach["people"] - reach["people_in_time"] - reach["people_unreachable"]
    numbers = {**reach, "late": late, "minutes": limit_s / 60.0, "mean_min": reach["mean_s"] / 60.0}
    short = math.ceil(target.value / 100.0 * reach["people"] - reach["people_in_time"])
    return Measure(
        value=100.0 * reach["share_in_time"],
        evidence=(Message(f"plans.reach_{way}", numbers),),
        beside=(beside_people(reach["people"], reach["people_in_time"], reach["people_unreachable"]),),
        if_missed=(Message("plans.short_people", {"n": short}),),
        places="depot_reach",
    )


def _rows(target: Target, facts: Facts) -> tuple[str, pd.DataFrame]:
    """Give the layer that a target counts, and its existing facilities."""
    layer = next(name for name in target.layers if name in _KINDS)
    rows = facts.facilities.reindex(columns=_COLUMNS)
    return layer, rows[(rows["kind"] == _KINDS[layer]) & (rows["status"] == "existing")]


def _towns(facts: Facts) -> pd.Series:
    zones = facts.zones.reindex(columns=["name", "level"])
    return zones.loc[zones["level"] == "town", "name"]


def _by_town(rows: pd.DataFrame, names: pd.Series) -> pd.Series:
    return count_zones(rows["zone"], names).reindex(names)


def _is_open(target: Target, low: float, high: float) -> bool:
    """Tell whether what is not known decides: the target is held by one of two bounds only."""
    holds: Mapping[str, Callable[[float], bool]] = {
        ">=": lambda value: value >= target.value,
        ">": lambda value: value > target.value,
        "<=": lambda value: value <= target.value,
        "<": lambda value: value < target.value,
        "none": lambda value: True,
    }
    return holds[target.comparator](low) != holds[target.comparator](high)


def _unsaid(layer: str, rows: pd.DataFrame, *, is_new: bool, has_level: bool) -> list[Need]:
    """Name the columns whose missing values decide, with how many are missing."""
    needs: list[Need] = []
    if is_new and rows["opened_year"].isna().any():
        needs.append((layer, f"opened_year ({int(rows['opened_year'].isna().sum())} / {len(rows)})"))
    unread = int(read_levels(rows["level"]).isna().sum()) if has_level else 0
    if unread:
        needs.append((layer, f"level ({unread} / {len(rows)})"))
    return needs


def _unread(rows: pd.DataFrame, column: str = "level") -> list[Message]:
    """Say which words of level are not understood."""
    words = rows[column]
    bad = words[words.notna() & read_levels(words).isna()]
    if not len(bad):
        return []
    return [Message("plans.levels_unread", {"n": len(bad), "words": _first(dict.fromkeys(map(str, bad)))})]


def _response(facts: Facts) -> list[Message]:
    """Say how soon the nearest gas repair station is there, beside the count (SJ-4)."""
    figures = facts.figures.get("gas_repair_stations", {})
    if math.isnan(figures.get("mean_s", math.nan)):
        return []
    numbers = {"minutes": figures["mean_s"] / 60.0, "unreachable": figures["people_unreachable"]}
    return [Message("plans.gas_response", numbers)]


def _first(names: Iterable[object]) -> tuple[str, ...]:
    """Give the first names, and dots where there are more."""
    texts = [str(name) for name in names]
    return (*texts[:_MOST_NAMES], *(["…"] if len(texts) > _MOST_NAMES else []))


MEASURES: Final[Mapping[str, Callable[[Target, Facts], Measure]]] = MappingProxyType(
    {
        "count": _count,
        "count_per_zone": _count_per_zone,
        "depot_reach": _drive_reach,
        "levels": _levels,
        "walk_reach": _walk_reach,
    }
)
"""The methods that this room computes."""
