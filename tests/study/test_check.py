"""What the check says beyond the reports of the layers: crossings without a node."""

from __future__ import annotations

from pathlib import Path

from geo.errors import StudyError
from geo.study import check_study, count_crossings, read_study
from tests.studies import town_study
from tests.towns import town


def test_roads_that_cross_without_a_node_are_told_by_pair_of_components() -> None:
    # A road west - east (the longest: component 0), two roads north - south across it (1 and 2), and a
    # short one that crosses the second of them only (3); no node is shared.
    nodes = {1: (0, 0), 2: (9000, 0), 3: (2000, -900), 4: (2000, 900), 5: (4000, -800), 6: (4000, 800)}
    nodes |= {7: (3900, 500), 8: (4100, 500)}
    links = [(1, 2, 600), (3, 4, 120), (5, 6, 100), (7, 8, 20)]
    assert count_crossings(town(nodes, links)) == {(0, 1): 1, (0, 2): 1, (2, 3): 1}


def test_roads_that_meet_at_a_node_do_not_cross() -> None:
    network = town({1: (0, 0), 2: (1000, 0), 3: (500, 400)}, [(1, 2, 60), (2, 3, 40)])
    assert count_crossings(network) == {}


def test_the_check_of_the_sample_names_its_islands_and_finds_no_fault() -> None:
    report = check_study(read_study("sample"), lang="en")
    assert report.n_faults == 0
    assert "component 1" in report.text
    assert "without a shared node" not in report.text
    assert "points of people: 361" in report.text


def test_the_check_reads_the_plan_too(tmp_path: Path) -> None:
    # A planner who checks before a long run must hear of a mistyped method now.
    (tmp_path / "plan.toml").write_text('[plan]\nnam = "x"\n', encoding="utf-8")
    told = check_study(town_study(tmp_path, study={"plan": "plan.toml"}), lang="en")
    (error,) = told.errors  # told once, beside what else there is to tell of the layers
    assert isinstance(error, StudyError)
    assert str(error).startswith("[study] ")
    assert str(error).splitlines()[0] in told.text
