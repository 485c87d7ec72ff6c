"""Which notes can change a number, and which only say what was done as the file or the study asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from geo.messages import Message

__all__ = ["STATEMENTS", "can_change"]

STATEMENTS: Final = frozenset(
    {
        # what was asked for, chosen or declared in the study
        *(
            "study.rows_selected",
            "study.rows_within",
            "network.ways_selected",
            "osm.within",
            "study.osm_zones",
        ),
        *("crs.own_used", "crs.old_own", "crs.old_bound", "study.people_at_places", "study.needs_files"),
        *("study.needs", "demand.scaled", "demand.cells_cut", "demand.outside_zones", "demand.few_people"),
        # what the file says itself, by words and codes that are known
        *(
            "study.own_statuses",
            "study.own_conditions",
            "network.road_classes_read",
            "network.road_column",
            "network.roads_not_open",
        ),
        *("network.road_oneway_flags", "network.road_oneway_navigation", "network.overture_rules"),
        *("network.road_oneway_blank_only", "network.road_flags_read", "network.road_forms_read"),
        *("layers.codes_worded", "layers.folders_read", "layers.kml_described"),
        *(
            "layers.angles_unpacked",
            "osm.edited",
            "osm.classes_read",
            "osm.unbuilt",
            "network.speeds_of_limits",
            "network.barriers_stop",
        ),
        *("network.barriers_opened", "network.roads_too_tight", "network.ferries_closed"),
        *("network.areas_left_out", "network.access_closed"),
        # what is drawn or written so that it counts once, or does not count
        *(
            "network.roads_cut_at_others",
            "network.roads_levels_apart",
            "network.roads_ends_apart",
            "network.roads_parted",
        ),
        *("network.roads_again", "network.roads_twice", "network.pieces_twice", "network.roads_empty"),
        *("network.roads_no_length", "network.lines_left_out", "network.road_nodes_unused"),
        *("study.roads_joined", "study.places_balance", "study.places_reach", "study.maxspeed_unused"),
        *("layers.blank_rows", "layers.remarks_below", "layers.rows_above", "layers.heights_left_out"),
        *("layers.merged_filled", "layers.columns_hidden", "layers.cpg_wrong", "layers.dxf_paper"),
        "layers.id_shared",
        # names alone
        *("study.same_zone_names", "study.zones_no_name", "study.village_in_towns", "study.village_no_town"),
        "layers.few_letters",
        # the limits of a test, which the check tells of nearly every study in China
        "study.datum_open",
        # rows of records that count once
        *("calls.note_counts_all", "calls.note_twice"),
    }
)
"""Notes that say what was done and leave nothing open. Every other note can change a number."""

_SMALL_KM2: Final = 0.05
_OWN_SYSTEM_M: Final = 5.0
_FEW_LEFT_OUT: Final = 0.2
"""Share of the rows of records that may lack a stamp: such tables are never whole."""


def can_change(note: Message) -> bool:
    """Say whether what a note tells can change a number, so that somebody should look at it first.

    Examples
    --------
    >>> can_change(Message("network.road_no_oneway"))
    True
    >>> can_change(Message("study.rows_selected", {"n": 3, "n_rows": 7, "where": "kind"}))
    False
    """
    if note.key in _BY_NUMBERS:
        return _BY_NUMBERS[note.key](note.values)
    return note.key not in STATEMENTS


def _loses_calls(values: Mapping[str, Any]) -> bool:
    """Say whether so many rows of records cannot be used that the others may not stand for them."""
    return bool(values["n"] < (1.0 - _FEW_LEFT_OUT) * values["n_rows"])


def _loses_people(values: Mapping[str, Any]) -> bool:
    """Say whether people are left out for another reason than that the study chooses the others."""
    return any(part.values["reason"].key != "study.left_where" for part in values["parts"])


_BY_NUMBERS: Final[Mapping[str, Callable[[Mapping[str, Any]], bool]]] = MappingProxyType(
    {
        "study.people_sum": lambda values: False,
        "study.people_sum_left": _loses_people,
        "study.water_unheeded": lambda values: values["n"] > 0 or values["near_km2"] >= _SMALL_KM2,
        "network.tags_unpacked": lambda values: values["unread"] > 0,
        "calls.note_counts": _loses_calls,
        "crs.own_residuals": lambda values: values["most_m"] > _OWN_SYSTEM_M,
    }
)
"""Notes that tell sums or residuals: their numbers say whether anything is open."""
