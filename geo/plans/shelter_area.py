"""Usable shelter area per person: the district, each town, and what planned shelters would add."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

__all__ = ["AREA_COLUMNS", "area_by_town", "judge_areas"]

AREA_COLUMNS: Final = (
    "people",
    "n_shelters",
    "n_area_unknown",
    "area_m2",
    "m2_per_person",
    "planned_m2",
    "with_planned_m2_per_person",
)
"""Columns of :func:`area_by_town`."""


def area_by_town(shelters: pd.DataFrame, people: pd.Series) -> pd.DataFrame:
    """Add up the usable area of shelters by town and divide it by the town's people.

    m2 per person = usable area of the existing shelters that stand in the town / its people.

    Parameters
    ----------
    shelters : DataFrame
        ``status``, ``area_m2`` (nan where not known), ``zone`` (the town; missing where in none). Only
        ``existing`` ones count; ``planned`` ones are told beside them.
    people : Series
        People by town.

    Returns
    -------
    DataFrame
        Index ``zone``: the towns of ``people``, then others that shelters name ('' for none);
        ``AREA_COLUMNS``. ``area_m2`` is the sum of the known areas, a lower bound where ``n_area_unknown`` is
        not 0; ``m2_per_person`` is nan where nobody lives.

    Examples
    --------
    >>> shelters = pd.DataFrame({
    ...     "status": ["existing", "existing", "planned"], "area_m2": [500.0, np.nan, 300.0],
    ...     "zone": ["N", "S", "S"]})
    >>> table = area_by_town(shelters, pd.Series({"N": 1000.0, "S": 400.0}))
    >>> table[["n_area_unknown", "area_m2", "m2_per_person", "with_planned_m2_per_person"]].values.tolist()
    [[0.0, 500.0, 0.5, 0.5], [1.0, 0.0, 0.0, 0.75]]
    """
    zone = shelters["zone"].astype(object).where(shelters["zone"].notna(), "")
    area = shelters["area_m2"].astype(float)
    is_existing, is_planned = shelters["status"] == "existing", shelters["status"] == "planned"
    others = [name for name in zone[is_existing | is_planned].unique() if name not in people.index]
    names = pd.Index([*people.index, *others], name="zone", dtype=object)
    table = pd.DataFrame(index=names)
    table["people"] = people.astype(float).reindex(names, fill_value=0.0)
    table["n_shelters"] = zone[is_existing].value_counts().reindex(names, fill_value=0)
    table["n_area_unknown"] = zone[is_existing & area.isna()].value_counts().reindex(names, fill_value=0)
    table["area_m2"] = area[is_existing].groupby(zone[is_existing]).sum().reindex(names, fill_value=0.0)
    planned = area[is_planned].groupby(zone[is_planned]).sum().reindex(names, fill_value=0.0)
    heads = table["people"].where(table["people"] > 0)
    table["m2_per_person"] = table["area_m2"] / heads
    table["planned_m2"] = planned
    table["with_planned_m2_per_person"] = (table["area_m2"] + planned) / heads
    return table[list(AREA_COLUMNS)]


def judge_areas(table: pd.DataFrame, *, target_m2: float | None, is_above: bool = False) -> pd.DataFrame:
    """Hold the area per person of each town against a target.

    Parameters
    ----------
    table : DataFrame
        As :func:`area_by_town` gives it.
    target_m2 : float or None
        m2 per person; None for no target.
    is_above : bool
        Whether the value must be above the target, not only reach it.

    Returns
    -------
    DataFrame
        The same index; ``state`` ('met', 'below', 'unknown' where known areas are too little and some are
        not known, 'nobody' where nobody lives, 'no target') and ``lacks_m2`` (usable area that is missing
        for the target, counting unknown areas as 0).

    Examples
    --------
    >>> table = area_by_town(
    ...     pd.DataFrame({"status": "existing", "area_m2": [770.0, 500.0], "zone": ["N", "S"]}),
    ...     pd.Series({"N": 1000.0, "S": 1000.0}))
    >>> judge_areas(table, target_m2=0.77)[["state", "lacks_m2"]].values.tolist()
    [['met', 0.0], ['below', 270.0]]
    """
    if target_m2 is None:
        return pd.DataFrame({"state": "no target", "lacks_m2": np.nan}, index=table.index)
    # Tenths of a square millimetre are not what a target is missed by.
    lacks = (target_m2 * table["people"] - table["area_m2"]).round(6)
    is_met = lacks < 0 if is_above else lacks <= 0
    state = np.select(
        [table["people"] <= 0, is_met, table["n_area_unknown"] > 0], ["nobody", "met", "unknown"], "below"
    )
    return pd.DataFrame({"state": state.astype(object), "lacks_m2": lacks.clip(lower=0.0)}, index=table.index)
