"""``close = "each station"``: who answers when that station's engine is already out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from geo.coverage import summary
from geo.findings import Finding, Style
from geo.messages import Message
from geo.scenarios import OUTAGES, answer_outages, compare_outages, mark_outages
from geo.words import percent

if TYPE_CHECKING:
    import pandas as pd

    from geo.study.assessment import StudyResult

__all__ = ["outage_findings"]

_N_TOLD: Final = 5
_ROLES: Final = ("change.same", "change.loses", "change.slower", "change.unreachable")
_PEOPLE: Final = Style(
    dict(zip(OUTAGES, _ROLES, strict=True)),
    by="outage",
    columns=("outage", "people", "before_s", "after_s", "first_station", "second_station", "zone"),
    size=4.0,
)
_STATIONS: Final = Style(
    {"": "change.loses"},
    columns=(
        *("people_served", "before_in_time_people", "after_in_time_people", "lose_people", "cut_off_people"),
        *("share_covered", "both_before_mean_s", "both_after_mean_s", "answered_by"),
    ),
    size=16.0,  # a ring around the station's own sign
)


def outage_findings(result: StudyResult) -> tuple[Finding, ...]:
    """Give who answers when a station is out, where a scenario of the study asks for it.

    Returns
    -------
    tuple of Finding
        ``outages`` (a station a row), ``outage_answers`` (who answers for whom) and ``outage_people`` (a
        point a row); none when no scenario asks.
    """
    if not any(scenario.is_each_station for scenario in result.study.scenarios):
        return ()
    coverage = result.coverage
    names = coverage.stations["name"]
    marked = mark_outages(coverage.table, limit_s=coverage.standard.limit_s)
    people = float(coverage.table["people"].sum())
    stations = compare_outages(marked, coverage.stations, people=people)
    worst = stations.iloc[0]
    values = {
        "name": worst["name"],
        "before": percent(summary(coverage)["share_covered"]),
        "after": percent(worst["share_covered"]),
        "people": float(worst["lose_people"]),
        "cut_off": float(worst["cut_off_people"]),
    }
    notes = [Message("scenarios.outage_worst", values), *_nobody_else(stations)]
    points = marked.assign(
        first_station=marked["first_id"].map(names), second_station=marked["second_id"].map(names)
    )
    return (
        Finding("outages", "scenarios", stations, _STATIONS, notes=tuple(notes)),
        Finding("outage_answers", "scenarios", answer_outages(marked, coverage.stations)),
        Finding("outage_people", "scenarios", points, _PEOPLE),
    )


def _nobody_else(stations: pd.DataFrame) -> Iterator[Message]:
    """Name the stations whose people nobody else reaches; the worst is told already."""
    cut_off = stations[["name", "cut_off_people"]].sort_values(
        "cut_off_people", ascending=False, kind="stable"
    )
    cut_off = cut_off[cut_off["cut_off_people"] > 0]
    if cut_off.index.difference(stations.index[:1]).empty:
        return
    told = tuple(
        Message("scenarios.outage_nobody_of", {"name": name, "people": float(people)})
        for name, people in cut_off.head(_N_TOLD).itertuples(index=False)
    )
    yield Message("scenarios.outage_nobody", {"stations": told})
