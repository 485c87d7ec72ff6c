"""What a large study needs is told before it is computed; a common one says nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.study import read_study, run_study
from geo.study.inputs import needs, read_inputs
from tests.towns import town

STUDY = read_study("sample")
ROADS = town({1: (0, 0), 2: (4000, 0)}, [(1, 2, 60)])


def test_a_common_study_says_nothing() -> None:
    assert needs.tell_needs(STUDY, ROADS, 200_000) == ()


def test_a_province_of_points_says_what_it_takes() -> None:
    """420 + 1.4e-3 x 5 million are 7,420 MB; 12 + 1.1e-4 x 5 million, with half of it for each scenario."""
    (note,) = needs.tell_needs(STUDY, ROADS, 5_000_000)
    minutes = (12 + 550 + 1.8e-4) * (1 + 0.5 * len(STUDY.scenarios)) / 60
    assert note.say("en").startswith("a large study: 1 links of road, 5,000,000 points with people")
    assert f"about {minutes:,.0f} minutes and 7.4 GB" in note.say("en")
    assert "5,000,000 个人口点" in note.say("zh")


def test_it_is_told_before_anything_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "_MUCH_MB", 0.0)
    told: list[str] = []

    def tell(note: object) -> None:
        told.append(str(note))
        raise KeyboardInterrupt  # as a planner does who reads it

    with pytest.raises(KeyboardInterrupt):
        run_study(STUDY, tell=tell)
    assert told[0].startswith("a large study")
    assert [section for section, note in read_inputs(STUDY).notes if note.key == "study.needs"] == ["study"]


def test_the_command_prints_it_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    from geo.cli._progress import tell_now

    (note,) = needs.tell_needs(STUDY, ROADS, 5_000_000)
    tell_now(note, "zh")
    assert capsys.readouterr().err.startswith("! 本研究规模较大")


def test_candidates_along_roads_are_counted(tmp_path: Path) -> None:
    """4 km of road with a candidate each kilometre."""
    text = (
        '[study]\nname = "a"\n[roads]\npath = "r.gpkg"\n[[facilities]]\npath = "s.csv"\n'
        'kind = "fire_station"\n[[demand]]\npath = "p.csv"\npeople = 1\n'
        '[candidates]\nsource = "roads"\nspacing_m = 1000\n'
    )
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    (note,) = needs.tell_needs(read_study(tmp_path / "study.toml"), ROADS, 5_000_000)
    assert "about 4 candidates along roads" in note.say("en")
