"""Shelters held against the standards: fixed shelters' places by town, what central shelters serve."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.demand import town_key
from geo.errors import StudyError
from geo.settings import unknown
from geo.shelters.rules import ShelterRules
from geo.shelters.walks import default_levels, is_of_level
from geo.standards import Rule, get_rule

__all__ = ["CHECK_COLUMNS", "check_shelters"]

CHECK_COLUMNS: Final = (
    "rule",
    "place",
    "value",
    "comparator",
    "limit",
    "unit",
    "status",
    "needs",
    "n_shelters",
    "people",
    "standard",
    "edition",
    "clause",
    "level",
    "mark",
    "text_zh",
    "text_en",
)
"""Columns of a table of checks."""
WHOLE: Final = ""
"""The place of a check on the whole district."""


def check_shelters(
    shelters: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    spec: ShelterRules,
    *,
    built_up: gpd.GeoDataFrame | None = None,
    towns: Collection[str] = (),
) -> pd.DataFrame:
    """Hold existing shelters against GB 55028: the district and each town, and each central shelter.

    Fixed shelters of a town hold at least 15 % of its planned people (4.2.2): sum of places of the fixed
    shelters in the town / planned people. Unknown places make the sum a lower bound: enough for 'met'.
    A central shelter serves at most 500,000 people and 50 km2 of built land (4.2.1): it serves what is
    nearer to it than to any other central shelter in a straight line, because the clause gives no way of
    drawing its zone.

    Parameters
    ----------
    shelters : GeoDataFrame
        Existing shelters: ``name``, ``level``, ``places`` (nan where not known), ``zone`` (town), points.
    demand : GeoDataFrame
        ``people``, ``zone``, points.
    spec : ShelterRules
        Which classes are fixed and central; planned people by town.
    built_up : GeoDataFrame, optional
        Built-up land.
    towns : collection of str, optional
        Names of towns, besides those of the demand, that may have planned people.

    Returns
    -------
    DataFrame
        ``CHECK_COLUMNS``; ``place`` is a town, a shelter, or '' for the district; ``status`` 'met', 'missed'
        or 'no data' (then ``needs`` names the layer and column); ``value`` nan where not computed.

    Raises
    ------
    StudyError
        Planned people are told for a town that is not there.
    """
    plain = pd.DataFrame(shelters).drop(columns="geometry")
    rows = [*_fixed_rows(plain, demand, spec, towns), *_central_rows(shelters, demand, spec, built_up)]
    return pd.DataFrame(rows, columns=list(CHECK_COLUMNS))


def _fixed_rows(
    shelters: pd.DataFrame, demand: pd.DataFrame, spec: ShelterRules, towns: Collection[str]
) -> Iterator[dict[str, Any]]:
    rule = get_rule("shelter-share-of-people")
    levels = default_levels("fixed") if spec.fixed_levels is None else spec.fixed_levels
    fixed = shelters[is_of_level(shelters["level"], levels).to_numpy()]
    people = demand["people"].groupby(demand["zone"].to_numpy()).sum()
    planned = people.copy()
    for town, number in spec.planned_people.items():
        planned[_town(town, {*people.index, *towns})] = number
    # People outside all towns belong to the district.
    outside = float(demand.loc[demand["zone"].isna(), "people"].sum())
    yield _fixed_row(rule, WHOLE, fixed, shelters, float(planned.sum()) + outside)
    for town in sorted(planned.index):
        here = (fixed["zone"] == town).to_numpy(), (shelters["zone"] == town).to_numpy()
        yield _fixed_row(rule, town, fixed[here[0]], shelters[here[1]], float(planned[town]))


def _town(name: str, known: set[str]) -> str:
    """Find the town that a study means: by its name, or by its bare name where one town alone has that."""
    fits = [town for town in known if town_key(town) == town_key(name)]
    if name in known or len(fits) == 1:
        return name if name in known else fits[0]
    raise StudyError(unknown("[shelters] planned_people", name, known))


def _fixed_row(
    rule: Rule, place: str, fixed: pd.DataFrame, shelters: pd.DataFrame, people: float
) -> dict[str, Any]:
    """Judge one town: without a class nothing can be said about fixed shelters."""
    places = math.fsum(fixed["places"].dropna())
    value = 100.0 * places / people if people > 0 else math.nan
    is_met = places >= rule.number / 100.0 * people
    lacking = int(fixed["places"].isna().sum())
    unclassed = int(shelters["level"].isna().sum())
    needs = []
    if people <= 0:
        needs.append("people")
    elif not is_met:
        needs += [f"shelters: places ({lacking})"] if lacking else []
        needs += [f"shelters: level ({unclassed})"] if unclassed else []
    return _row(rule, place, value, is_met=is_met, needs=needs, n_shelters=len(fixed), people=people)


def _central_rows(
    shelters: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    spec: ShelterRules,
    built_up: gpd.GeoDataFrame | None,
) -> Iterator[dict[str, Any]]:
    from scipy.spatial import KDTree

    levels = default_levels("central") if spec.central_levels is None else spec.central_levels
    central = shelters[is_of_level(shelters["level"], levels).to_numpy()]
    if central.empty:
        return
    xy = shapely.get_coordinates(central.geometry.to_numpy())
    nearest = KDTree(xy).query(shapely.get_coordinates(demand.geometry.to_numpy()))[1]
    people = np.bincount(nearest, weights=demand["people"].to_numpy(float), minlength=len(central))
    land = None if built_up is None else _nearest_km2(xy, built_up)
    for i, (shelter_id, name) in enumerate(central["name"].items()):
        place = str(shelter_id) if pd.isna(name) else str(name)
        rule = get_rule("shelter-central-people")
        served = float(people[i])
        is_met = served <= rule.number
        yield _row(rule, place, served, is_met=is_met, needs=[], n_shelters=1, people=served)
        rule = get_rule("shelter-central-land")
        km2 = math.nan if land is None else float(land[i])
        needs = ["built_up"] if land is None else []
        yield _row(rule, place, km2, is_met=km2 <= rule.number, needs=needs, n_shelters=1, people=served)


def _nearest_km2(xy: NDArray[np.float64], built_up: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Measure the built-up land that is nearest to each shelter; those at one place share theirs."""
    ground = built_up.union_all()
    spots, which = np.unique(xy, axis=0, return_inverse=True)
    if len(spots) == 1:
        return np.full(len(xy), ground.area / 1e6)
    extent = shapely.union(shapely.MultiPoint(spots), ground)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(spots), extend_to=extent))
    spot, cell = shapely.STRtree(cells).query(shapely.points(spots), predicate="intersects")
    km2 = np.zeros(len(spots))
    km2[spot] = shapely.area(shapely.intersection(cells[cell], ground)) / 1e6
    return km2[which.reshape(-1)]


def _row(
    rule: Rule,
    place: str,
    value: float,
    *,
    is_met: bool,
    needs: list[str],
    n_shelters: int,
    people: float,
) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "place": place,
        "value": value,
        "comparator": rule.comparator,
        "limit": rule.number,
        "unit": rule.unit,
        "status": "no data" if needs else "met" if is_met else "missed",
        "needs": "; ".join(needs),
        "n_shelters": n_shelters,
        "people": people,
        "standard": rule.standard,
        "edition": rule.edition,
        "clause": rule.clause,
        "level": rule.level,
        "mark": rule.mark,
        "text_zh": rule.text_zh,
        "text_en": rule.text_en,
    }
