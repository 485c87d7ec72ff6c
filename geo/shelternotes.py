"""What a report on shelters assumed, and what a study must set where something was not computed."""

from __future__ import annotations

from typing import Any

import pandas as pd

from geo.evidence import Sentence
from geo.roomspecs import SheltersSpec
from geo.shelters import is_of_level

__all__ = ["tell_assumptions"]


def tell_assumptions(
    spec: SheltersSpec, rated: pd.DataFrame, *, walk_kph: float, is_sent: bool, is_weighted: bool
) -> tuple[Sentence, ...]:
    """Tell what was assumed about shelters.

    Parameters
    ----------
    spec : SheltersSpec
        What the study sets.
    rated : DataFrame
        Existing and planned shelters: ``status``, ``level``, ``area_m2``, ``places``, ``places_from``,
        ``limit_s``.
    walk_kph : float
        Walking speed.
    is_sent, is_weighted : bool
        Whether people were sent to shelters, and again weighted by day and night.

    Returns
    -------
    tuple of Sentence
        Texts of ``layers/words/shelters.toml``.
    """
    is_existing = rated["status"] == "existing"
    numbers: dict[str, Any] = {
        "n": len(rated),
        "n_area": int((rated["places_from"] == "area").sum()),
        "n_places": int(rated["places"].isna().sum()),
        "n_limit": int(rated["limit_s"].isna().sum()),
        "n_area_unknown": int(rated.loc[is_existing, "area_m2"].isna().sum()),
        "kph": walk_kph,
        "shortest": rated["limit_s"].min() / 60.0,
        "longest": rated["limit_s"].max() / 60.0,
        "night": spec.night,
        "levels": ", ".join(_unmatched(rated["level"], spec)),
    }
    told = [
        ("only_existing", True),
        ("area_unknown", numbers["n_area_unknown"] > 0),
        ("places_from_area", numbers["n_area"] > 0),
        ("places_unknown", numbers["n_places"] > 0),
        ("reach_unknown", numbers["n_limit"] > 0),
        ("reach", numbers["n_limit"] < len(rated)),
        ("unmatched", bool(numbers["levels"])),
        ("sent" if is_sent else "not_sent", True),
        ("weighted", is_weighted),
        ("weight_unused", spec.night is not None and not is_weighted),
    ]
    return tuple((f"note_{name}", numbers) for name, is_told in told if is_told)


def _unmatched(level: pd.Series, spec: SheltersSpec) -> list[str]:
    """List the classes that the study names and no shelter has: perhaps a slip of the pen."""
    named = [*spec.m2_per_person_by_level, *spec.reach_m_by_level]
    named += [*(spec.fixed_levels or ()), *(spec.central_levels or ())]
    return [word for word in dict.fromkeys(named) if not is_of_level(level, [word]).any()]
