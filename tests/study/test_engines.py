"""Kinds of engine and types of call in a study, by hand: the town of ``tests/studies.py`` with A and P.

place  people  from A (0 m)   from P (6,000 m)     A has 1 pump, P a pump and a ladder; 60 s of turnout
v1       1000  160 s          560 s
v2        500  360 s          560 s
v3        300  300 s          420 s
v4        200  460 s          260 s
v5         50  never          never
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geo.errors import GeoError, StudyError
from geo.maps.room_layers import draw_findings
from geo.study import (
    Study,
    StudyResult,
    assess,
    check_study,
    parse_study,
    read_inputs,
    report_simulation,
    simulate_study,
)
from geo.study.settings import TODAY
from tests.outputs.test_fields import rows_of, told
from tests.studies import VILLAGES, changed, lonlat, write_town

KINDS: list[dict[str, Any]] = [
    {"name": "pump", "column": "pumps", "riders": 3.0},
    {"name": "ladder", "column": "ladders"},
]
FIRE = {"name": "fire", "engines": {"pump": 1}, "share": 3.0, "words": ["House Fire", "car fire"]}
HIGH = {"name": "high", "engines": {"pump": 1, "ladder": 1}, "share": 1.0, "service_min": 120.0}
# 43.8 calls a year for 10 people: the 2,000 on roads call once an hour
ASKED = {"calls_per_year_per_10000": 43_800.0, "engines": KINDS, "call_types": [FIRE, HIGH]}


def engines_study(
    folder: Path,
    *,
    pumps: Any = (1, 0, 1),
    ladders: Any = (0, 0, 1),
    sections: Any = None,
    **availability: Any,
) -> Study:
    """Give the town with engines in two columns of its stations."""
    both = {"response": {"standard": "clock.toml", "facility_status": ["existing", "planned"]}}
    asked = {name: value for name, value in {**ASKED, **availability}.items() if value is not None}
    more: dict[str, Any] = {**both, **(sections or {})}
    told_of = changed(write_town(folder), availability=asked, **more)
    stations = gpd.read_file(folder / "stations.gpkg").assign(pumps=pumps, ladders=ladders)
    stations.to_file(folder / "stations.gpkg")
    return parse_study(told_of, folder=folder)


def found(study: Study) -> StudyResult:
    return assess(study, read_inputs(study), draw_areas=False)


def test_each_kind_is_as_busy_as_it_is_asked_for(tmp_path: Path) -> None:
    result = found(engines_study(tmp_path, pumps=(1, 0, 0)))
    kinds = result.findings["availability_kinds"].table.set_index("engine_kind")
    # a pump, 1 call an hour, 3/4 of an hour and 1/4 of two hours: load 1.25, 1.25 / 2.25 is lost (Erlang)
    pump = kinds.loc["pump"]
    assert (pump["n_engines_in"], pump["n_stations"]) == (1, 1)
    assert pump["share_busy"] == pytest.approx(1.25 / 2.25)
    assert pump["calls_per_year"] == pytest.approx(2050 * 4.38)
    assert pump["share_lost"] == pytest.approx(1.25 / 2.25 * 2000 / 2050)
    assert pump["share_unreached"] == pytest.approx(50 / 2050)
    # one ladder at P for a quarter of the calls, two hours each: load 0.5
    ladder = kinds.loc["ladder"]
    assert ladder["share_busy"] == pytest.approx(0.5 / 1.5)
    assert ladder["calls_per_year"] == pytest.approx(2050 * 4.38 / 4)
    # in time by ladder is v4 alone, 260 s: 200 of 2,050
    assert ladder["share_in_time_if_free"] == pytest.approx(200 / 2050)
    # the headline is about the pump: v1 and v3 are in time while it is in
    figures = result.findings["availability"].figures
    assert figures["people_in_time"] == pytest.approx(1300 / 2.25)
    (layer,) = draw_findings([result.findings["availability"]], lang="zh").layers
    assert layer["caution"] == "", "one pump to a call: the hypercube is exact"
    stations = result.findings["availability_stations"].table
    assert stations["crews"].to_dict() == {"A": 1, "P": 0}
    assert stations.loc["P", "class"] == "load_none"


def test_several_engines_of_a_kind_are_each_busy(tmp_path: Path) -> None:
    two = {"name": "two", "engines": {"pump": 2}, "share": 1.0}
    result = found(engines_study(tmp_path, pumps=(3, 0, 0), call_types=[two]))
    figures = result.findings["availability"].figures
    # 2 engines an hour of an hour each on three: (8/6) / (1 + 2 + 2 + 8/6) is lost
    lost = (8 / 6) / (5 + 8 / 6)
    assert figures["calls_per_year"] == pytest.approx(2050 * 4.38)  # calls, not engines
    assert figures["lost_share"] == pytest.approx(lost * 2000 / 2050, abs=1e-6)
    assert figures["busy_share"] == pytest.approx(2 * (1 - lost) / 3)
    assert figures["engines_per_call"] == 2.0
    notes = [note.key for note in result.findings["availability"].notes]
    assert "availability.note_several" in notes
    (layer,) = draw_findings([result.findings["availability"]], lang="zh").layers
    assert "偏高" in layer["caution"], "the legend of the map says what its shares lack"


def test_a_force_waits_for_its_ladder_and_its_people(tmp_path: Path) -> None:
    forces = [
        {"name": "high", "limit_min": 8, "engines": {"pump": 2, "ladder": 1}},
        {"name": "four", "limit_min": 8, "n_firefighters": 4},
    ]
    result = found(engines_study(tmp_path, force=forces))
    table = result.findings["availability_force"].table
    whole = table[table["zone"].isna()].set_index("force")
    # both stations must be there, as with any two engines: v3 420 s and v4 460 s are within 480 s
    assert whole.loc["high", "people_in_time"] == 500.0
    assert whole.loc["high", "n_engines"] == 3
    assert whole.loc["high", "engine_kinds"] == "2 pump, 1 ladder"
    # A has a staff of 4, but its pump carries 3, and P says no staff: never four
    assert whole.loc["four", "people_never"] == 2050.0


def test_types_of_a_place_depend_on_its_risk(tmp_path: Path) -> None:
    risky = {**HIGH, "risk_from": 2.0}
    with pytest.raises(StudyError, match="their risk: 1"):
        found(engines_study(tmp_path, call_types=[risky]))
    result = found(engines_study(tmp_path, call_types=[FIRE, risky]))
    kinds = result.findings["availability_kinds"].table.set_index("engine_kind")
    assert kinds.loc["ladder", "calls_per_year"] == 0.0  # nobody has that risk
    assert np.isnan(kinds.loc["ladder", "share_in_time"])


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"engines": [*KINDS, KINDS[0]]}, "name of its own"),
        ({"engines": [{"name": "pump"}]}, "no column"),
        ({"engines": None}, "unknown"),
        ({"call_types": [FIRE, FIRE]}, "name of its own"),
        ({"call_types": [FIRE, {**HIGH, "words": ["CAR FIRE"]}]}, "two types: car fire"),
        ({"call_types": [FIRE, {"name": "x", "engines": {"pump": 1}}]}, "share"),
        ({"call_types": [{"name": "x", "engines": {"pump": 1}}]}, r"no \[\[calls\]\]"),
        ({"call_types": [{**FIRE, "engines": {"pump": 0}}]}, "one engine at least"),
        ({"call_types": [{**FIRE, "engines": {"pmp": 1}}]}, "did you mean 'pump'"),
        ({"call_types": [{**FIRE, "risk_from": 2.0, "risk_below": 1.0}]}, "risk_below"),
        ({"engines_per_call": 2}, "engines_per_call"),
        ({"force": [{"name": "x", "limit_min": 5, "engines": {"boat": 1}}]}, "boat"),
    ],
)
def test_contradictions_are_told_before_anything_is_read(
    tmp_path: Path, change: dict[str, Any], word: str
) -> None:
    with pytest.raises(StudyError, match=word):
        engines_study(tmp_path, **change)


def test_columns_that_say_nothing_or_no_number_are_told(tmp_path: Path) -> None:
    missing = [{"name": "pump", "column": "Pumps there"}, KINDS[1]]
    with pytest.raises(GeoError, match="no layer of stations has the column 'Pumps there'"):
        found(engines_study(tmp_path, engines=missing))
    with pytest.raises(StudyError, match=r"no whole number of pump: West Fire Station"):
        found(engines_study(tmp_path, pumps=(1.5, 0, 1)))
    with pytest.raises(StudyError, match="No station on a road has a pump"):
        found(engines_study(tmp_path, pumps=(0, 0, 0)))
    with pytest.raises(StudyError, match="any engine"):
        found(engines_study(tmp_path, pumps=(0, 0, 0), ladders=(0, 0, 0)))
    with pytest.raises(StudyError, match=r"say of no kind.*East Fire Station"):
        found(engines_study(tmp_path, pumps=(1, 0, np.nan), ladders=(0, 0, np.nan)))
    blank = engines_study(tmp_path, pumps=(1, 0, np.nan), engines=[{**KINDS[0], "n": 2}, KINDS[1]])
    result = found(blank)
    kinds = result.findings["availability_kinds"].table.set_index("engine_kind")
    assert kinds.loc["pump", "n_engines_in"] == 3
    notes = " ".join(note.say("en") for note in result.findings["availability"].notes)
    assert "the other 1 do not: 2 each is assumed" in notes
    assert not check_study(blank, lang="zh").errors


def simulated(folder: Path, **availability: Any) -> Any:
    built = {"scenarios": [{"name": "built", "build": ["P"]}], "response": {"standard": "clock.toml"}}
    asked = {"years": 0.25, "runs": 12, "seed": 3, **availability}
    return simulate_study(engines_study(folder, sections=built, **asked))


def test_types_are_simulated_and_add_up(tmp_path: Path) -> None:
    result = simulated(tmp_path)
    tables = {finding.name: finding.table for finding in report_simulation(result)}
    types = tables["simulated_types"].set_index(["scenario_name", "call_type", "figure"])["value"]
    n = result.today.simulated.runs["n_calls"].mean()
    by_type = types[TODAY].unstack()["n_calls"]
    assert by_type.sum() == pytest.approx(n)
    assert by_type["fire"] / n == pytest.approx(0.75, abs=0.03)
    # today only the pump of A is there: no call for a ladder is ever full
    assert types[TODAY, "high", "share_full_in_time"] == 0.0
    assert types["built", "high", "share_full_in_time"] > 0.0
    changes = tables["simulated_type_changes"].set_index(["call_type", "figure"])
    assert changes.loc[("fire", "share_lost"), "is_sure"]
    engines = tables["simulated_engines"].set_index(["scenario_name", "engine_kind", "facility_id"])
    whole = engines.loc[("built", "pump", None)]
    assert whole["n_engines_in"].item() == 2
    # today: load 1.25 on one pump is out 1.25 / 2.25 of the time
    assert engines.loc[(TODAY, "pump", "A"), "share_busy"] == pytest.approx(1.25 / 2.25, abs=0.02)
    assert (TODAY, "ladder") not in engines.index.droplevel(2)


def test_a_station_that_a_scenario_adds_has_the_engines_that_are_assumed(tmp_path: Path) -> None:
    lon, lat = lonlat((4000, 0))[0]
    added = {"name": "new", "add": [{"name": "New", "lon": lon, "lat": lat}]}
    sections = {"scenarios": [added], "response": {"standard": "clock.toml"}}
    asked = {"years": 0.05, "runs": 2}
    with pytest.raises(StudyError, match=r"new.*say of no kind.*New"):
        simulate_study(engines_study(tmp_path, sections=sections, **asked))
    two = [{**KINDS[0], "n": 2}, KINDS[1]]
    result = simulate_study(engines_study(tmp_path, sections=sections, engines=two, **asked))
    kinds = result.states["new"].simulated.kinds["engines"]
    assert sorted(kinds.groupby(level="kind").sum().to_dict().items()) == [("pump", 3)]
    assert result.changes["new"].loc["share_in_time", "change"] > 0.0


def test_the_simulation_meets_the_hypercube_of_each_kind(tmp_path: Path) -> None:
    study = engines_study(tmp_path, years=0.25, runs=12, seed=3)
    exact = found(study).findings["availability_kinds"].table.set_index("engine_kind")
    kinds = simulate_study(study).today.simulated.kinds
    busy = (kinds["busy_share"] * kinds["engines"]).groupby(level="kind").sum()
    engines = kinds["engines"].groupby(level="kind").sum()
    for kind in ("pump", "ladder"):
        # 12 runs of 2,190 calls: the share of time is known to about 1 %
        assert busy[kind] / engines[kind] == pytest.approx(exact.loc[kind, "share_busy"], abs=0.015)


CALLS = (
    ("c1", "10:00:00", "v4", "high", "A", "11:00:00"),
    ("c2", "10:30:00", "v4", "high", "A", "11:30:00"),
    ("c3", "12:00:00", "v1", " CAR fire", "A", "12:30:00"),
    ("c4", "14:00:00", "v3", "cat on a tree", "A", "15:00:00"),
    ("c4", "14:00:00", "v3", "cat on a tree", "A", "15:00:00"),
)


def write_calls(folder: Path, calls: Any = CALLS) -> None:
    at = dict(zip(VILLAGES, lonlat(*VILLAGES.values()), strict=True))
    rows = [
        {
            **{"call_id": name, "station": station, "call_type": word, "vehicle": f"{station}{i}"},
            **dict.fromkeys(("called_at", "dispatched_at"), f"2024-03-05 {called}"),
            "back_at": f"2024-03-05 {back}",
            **dict(zip(("lon", "lat"), at[place], strict=True)),
        }
        for i, (name, called, place, word, station, back) in enumerate(calls)
    ]
    pd.DataFrame(rows).to_csv(folder / "calls.csv", index=False)


RECORDS = {"calls": [{"path": "calls.csv", "crs": "EPSG:4326"}]}


def test_recorded_calls_ask_for_what_their_type_asks_for(tmp_path: Path) -> None:
    """c1: pump and ladder of P, 260 s. c2: both out; the pump of A, 460 s, no ladder. c3: the pump of A.

    c4 is of no known type and had two engines: both pumps, 300 s and 420 s.
    """
    study = engines_study(tmp_path, sections=RECORDS, years=0.1, runs=2)
    write_calls(tmp_path)
    result = simulate_study(study)
    assert result.replay is not None
    calls = result.replay.states[TODAY].calls
    assert calls["first_s"].tolist() == [260.0, 460.0, 160.0, 300.0]
    assert calls["full_s"].tolist() == [260.0, np.inf, 160.0, 420.0]
    assert calls["n_sent"].tolist() == [2, 1, 1, 2]
    assert result.replay.states[TODAY].kinds["n_sent"].to_dict() == {
        ("A", "pump"): 3,
        ("P", "pump"): 2,
        ("P", "ladder"): 1,
    }
    tables = {finding.name: finding for finding in report_simulation(result)}
    types = tables["simulated_recorded_types"].table
    types = types[types["scenario_name"] == TODAY]
    assert types["n_calls"].isna().all()  # one or two of a type could be of one household
    assert types["share_in_time"].isna().all()
    notes = [note.say("en") for note in tables["simulated_recorded"].notes]
    assert any("Of these 3 are of the types set" in note for note in notes)


def test_shares_of_types_are_counted_in_the_records(tmp_path: Path) -> None:
    plain = [{name: value for name, value in each.items() if name != "share"} for each in (FIRE, HIGH)]
    study = engines_study(tmp_path, sections=RECORDS, call_types=plain, years=0.1, runs=2)
    write_calls(tmp_path)
    with pytest.raises(StudyError, match="only 3 are of the"):
        simulate_study(study)
    more = [(f"d{i}", "16:00:00", "v1", "House fire", "A", "16:30:00") for i in range(5)]
    write_calls(tmp_path, (*CALLS, *more))
    result = simulate_study(study)
    types = result.today.dispatch.types
    assert types is not None
    # six fires (c3 and five more) and two high ones; the cat is of neither
    assert types.weights.loc[types.weights.index[0]].to_dict() == {"fire": 0.75, "high": 0.25}
    tables = {finding.name: finding.table for finding in report_simulation(result)}
    recorded = tables["simulated_recorded_types"].set_index(["scenario_name", "call_type"])
    assert recorded.loc[(TODAY, "fire"), "n_calls"] == 6
    # c3 and one of d are in time at v1 (160 s); then A is out, P needs 560 s; four find nobody or are late
    assert recorded.loc[(TODAY, "fire"), "share_in_time"] == pytest.approx(2 / 6)
    assert recorded.loc[(TODAY, "fire"), "share_lost"] == pytest.approx(3 / 6)


def test_every_field_of_these_tables_stands_in_the_docs(tmp_path: Path) -> None:
    forces = [{"name": "high", "limit_min": 8, "engines": {"pump": 2, "ladder": 1}}]
    study = engines_study(tmp_path, sections=RECORDS, force=forces, years=0.1, runs=2)
    write_calls(tmp_path)
    findings = [*found(study).findings.values()]
    built = simulated(tmp_path, years=0.1, runs=2)
    findings += [*report_simulation(simulate_study(study)), *report_simulation(built)]
    assert rows_of(findings, "availability", names=("availability", "simulated")) - told() == set()
