"""A rare fault is never hidden behind a frequent one, and every row is told."""

from __future__ import annotations

from geo.messages import Fault, Message
from geo.study.fault_lists import list_faults

ROUGH = [Fault(row, "人口", "约3", Message("layers.about", {"value": 3.0})) for row in range(2, 42)]
LOST = [Fault(row, "geometry", "", Message("layers.no_geometry")) for row in (50, 51, 60)]


def test_each_kind_is_shown_and_the_rest_is_told_by_its_rows() -> None:
    told = list(list_faults([*ROUGH, *LOST], 4, lang="en"))
    # Two of each kind; a row that is lost comes first where lines are few.
    assert [line.split(":")[0] for line in told[:4]] == [
        "row 2, 人口 '约3'", "row 3, 人口 '约3'", "row 50, geometry", "row 51, geometry",
    ]  # fmt: skip
    assert told[4:] == ["1 more like that of row 50: rows 60", "38 more like that of row 2: rows 4-41"]
    assert list(list_faults([*ROUGH, *LOST], 4, lang="zh"))[-1] == "另有 38 处与第 2 行同类：第 4-41 行"


def test_more_kinds_than_lines_show_one_of_each() -> None:
    told = list(list_faults([*ROUGH, *LOST], 1, lang="en"))
    assert sum("more" not in line for line in told) == 2
    assert list(list_faults([], 3, lang="en")) == []


def test_few_faults_are_all_told_in_the_order_of_their_rows() -> None:
    faults = sorted([*ROUGH[:2], *LOST], key=lambda fault: -fault.row)
    assert list(list_faults(faults, 5, lang="en")) == [str(fault) for fault in faults]


def test_rows_of_a_whole_layer_have_no_number() -> None:
    whole = [Fault(0, "row", "", Message("layers.no_geometry"))] * 3
    assert list(list_faults(whole, 1, lang="en"))[-1] == "2 more"
