"""The standards as data: every row is there, what is from memory is not used, and disagreements are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.errors import StudyError
from geo.standards import conflicts, get_rule, load_rules, number, rules

RULE = """
[[rule]]
id = "{id}"
subject = "{subject}"
number = {number}
unit = "m"
comparator = ">="
level = "{level}"
standard = "{standard}"
edition = "2015"
clause = "4.1.5"
mark = "V"
text_zh = "与危险品的距离"
text_en = "distance from hazardous goods"
"""


def folder_of(folder: Path, *rows: dict[str, object]) -> Path:
    base = {"subject": "hazmat", "number": 200, "level": "must", "standard": "GB 51080"}
    text = "".join(RULE.format(**(base | row)) for row in rows)
    (folder / "own.toml").write_text(text, encoding="utf-8")
    return folder


# Every number of the standards: subject, comparator, number, mark.
ROWS = {
    # stations and their zones
    ("zone_edge_time", "<=", 300, "V"),
    ("zone_first_area", "<=", 7, "V"),
    ("zone_second_area", "<=", 4, "V2"),
    ("zone_small_area", "<=", 2, "V2"),
    ("zone_small_touches", ">=", 1, "V2"),
    ("zone_suburban_area", "<=", 15, "V"),
    ("zone_special_area", "<=", 7, "V2"),
    ("zone_crosses_expressway", "<=", 0, "V"),
    ("zone_crosses_railway", "<=", 0, "V"),
    ("zone_crosses_river", "<=", 0, "V"),
    ("zone_wind", ">=", 3, "V"),
    ("zone_humidity", "<", 50, "V"),
    ("station_exits", ">=", 50, "V"),
    ("station_hazmat", ">=", 200, "V"),
    ("station_hazmat", ">=", 300, "V2"),
    ("people_per_station", "<=", 120_000, "V2"),
    ("crew_first", ">=", 30, "V2"),
    ("crew_first", "<=", 45, "V2"),
    ("crew_second", ">=", 15, "V2"),
    ("crew_second", "<=", 25, "V2"),
    ("crew_small", ">=", 15, "V2"),
    ("crew_special", ">=", 45, "V2"),
    ("crew_special", "<=", 60, "V2"),
    ("crew_logistics", ">=", 40, "V2"),
    ("crew_logistics", "<=", 55, "V2"),
    ("zone_estimate_winding", ">=", 1.3, "M"),
    ("zone_estimate_winding", "<=", 1.5, "M"),
    ("zone_estimate_speed", ">=", 30, "M"),
    ("zone_estimate_speed", "<=", 35, "M"),
    ("zone_estimate_driving", "=", 4, "M"),
    ("micro_station_scene", "<=", 180, "V"),
    ("turnout", "<=", 80, "V2"),
    ("travel", "<=", 240, "V2"),
    ("share_in_time", ">=", 90, "V2"),
    ("station_distance", "<=", 1.5, "V2"),
    ("first_unit", "<=", 8, "V2"),
    ("second_unit", "<=", 13, "V2"),
    ("share_in_time", ">=", 95, "V2"),
    # hydrants
    ("hydrant_radius", "<=", 150, "V2"),
    ("hydrant_spacing", "<=", 120, "V2"),
    ("hydrant_both_sides", "<=", 60, "V2"),
    ("hydrant_pressure", ">=", 0.14, "V"),
    ("hydrant_flow", ">=", 15, "V"),
    ("hydrant_pressure_fire", ">=", 0.10, "V"),
    # shelters
    ("shelter_share_of_people", ">=", 15, "V"),
    ("shelter_central_land", "<=", 50, "V"),
    ("shelter_central_people", "<=", 500_000, "V"),
    ("shelter_area_emergency", ">=", 0.5, "M"),
    ("shelter_area_temporary", ">=", 1.0, "M"),
    ("shelter_area_short", ">=", 2.0, "M"),
    ("shelter_area_medium", ">=", 3.0, "M"),
    ("shelter_area_long", ">=", 4.5, "M"),
    ("shelter_reach_emergency", "<=", 0.5, "M"),
    ("shelter_reach_short_strict", "<=", 0.5, "M"),
    ("shelter_reach_short", "<=", 1.0, "M"),
    ("shelter_reach_medium_strict", "<=", 1.0, "M"),
    ("shelter_reach_medium", "<=", 1.5, "M"),
    ("shelter_reach_long_strict", "<=", 1.5, "M"),
    ("shelter_reach_long", "<=", 2.5, "M"),
    ("shelter_reach_central_strict", "<=", 5, "M"),
    ("shelter_reach_central", "<=", 10, "M"),
    ("shelter_lodging_area", ">=", 1.5, "M"),
    ("shelter_class_1_days", ">=", 30, "M"),
    ("shelter_class_2_days", ">=", 10, "M"),
    ("shelter_class_2_days", "<=", 29, "M"),
    ("shelter_class_3_days", "<", 10, "M"),
}


def test_every_number_is_there_with_its_mark() -> None:
    told = {(rule.subject, rule.comparator, rule.number, rule.mark) for rule in load_rules().values()}
    assert told >= ROWS


def test_the_two_distances_to_hazardous_goods_are_both_kept_and_told() -> None:
    pairs = [pair for pair in conflicts() if pair[0].subject == "station_hazmat"]
    assert [(one.number, other.number) for one, other in pairs] == [(200, 300)]


def test_every_rule_says_where_it_stands_in_both_languages() -> None:
    for rule in load_rules().values():
        assert rule.standard
        assert rule.source.endswith(f"[{rule.mark}]")
        assert rule.text_zh
        assert rule.text_en
        assert bool(rule.note_zh) == bool(rule.note_en), rule.id


def test_a_number_from_memory_is_used_only_when_the_study_sets_it() -> None:
    from_memory = [rule.id for rule in load_rules().values() if rule.mark == "M"]
    assert from_memory
    for rule_id in from_memory:
        with pytest.raises(StudyError, match="is from memory; set it in the study"):
            number(rule_id)
        assert number(rule_id, own={rule_id: 7}) == 7.0
        with pytest.raises(StudyError, match="from memory"):
            number(rule_id, own={"shelter-share-of-people": 7})


def test_a_number_that_was_read_is_used_unless_the_study_sets_another() -> None:
    assert number("shelter-share-of-people") == 15.0
    assert number("shelter-share-of-people", own={"shelter-share-of-people": 20.0}) == 20.0


def test_a_mistyped_rule_or_subject_names_the_nearest() -> None:
    with pytest.raises(StudyError, match="did you mean 'shelter-area-short'"):
        get_rule("shelter-area-shor")
    with pytest.raises(StudyError, match="did you mean 'shelter_area_short'"):
        rules(subject="shelter_area_shrt")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"level": "mst"}, "level = 'mst' should be one of"),
        ({"number": '"200"'}, "number = '200' should be a number"),
        ({"id": "a"}, "the id 'a' is there twice"),
    ],
)
def test_a_faulty_rule_is_an_error_that_names_it(
    tmp_path: Path, row: dict[str, object], message: str
) -> None:
    with pytest.raises(StudyError, match=message):
        load_rules(folder_of(tmp_path, {"id": "a"}, {"id": "b"} | row))


def test_files_without_rules_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "speeds.toml").write_text("[fire_engine]\nmode = 'drive'\n", encoding="utf-8")
    assert set(load_rules(folder_of(tmp_path, {"id": "a"}))) == {"a"}


def test_standards_that_differ_are_told_and_both_kept(tmp_path: Path) -> None:
    # 200 m and 300 m differ; the same 200 m in a third standard differs from one of them only; the foreign
    # 500 m is for comparison and contradicts nothing.
    found = load_rules(
        folder_of(
            tmp_path,
            {"id": "a", "number": 200},
            {"id": "b", "number": 300, "standard": "建标 152"},
            {"id": "c", "number": 200, "standard": "X"},
            {"id": "d", "number": 500, "standard": "NFPA", "level": "comparison"},
            {"id": "e", "number": 400, "subject": "schools"},
        )
    )
    assert [(one.id, other.id) for one, other in conflicts(found.values())] == [("a", "b"), ("b", "c")]


def test_the_embedded_conflicts_are_between_different_standards() -> None:
    for one, other in conflicts():
        assert one.subject == other.subject
        assert one.number != other.number
        assert (one.standard, one.edition) != (other.standard, other.edition)
