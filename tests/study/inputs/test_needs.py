"""What a large study needs is told before it is computed; a common one says nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from geo.cli import app
from geo.messages import Message
from geo.study import read_study, run_study, site_study
from geo.study.inputs import needs, read_inputs
from tests.studies import write_study, write_town
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
        run_study(STUDY, tell=tell, use_cache=False)
    assert told[0].startswith("a large study")
    read = read_inputs(STUDY, use_cache=False)
    assert [section for section, note in read.notes if note.key == "study.needs"] == ["study"]


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


def sized(path: Path, mb: int) -> Path:
    """Make a file of a size that takes no room on the disk."""
    path.touch()
    os.truncate(path, mb * 2**20)
    return path


def test_large_files_are_told_before_they_are_read(tmp_path: Path) -> None:
    """A map of 300 MB: 0.6 s and 15 MB for each are 3 minutes and 4,500 MB, beside 420 MB of the program."""
    roads = sized(tmp_path / "省.osm.pbf", 300)
    (note,) = needs.tell_files([roads])
    assert note.say("en").startswith("the files of this study have 300 MB")
    assert "about 3 minutes and 4.9 GB" in note.say("en")
    assert "约需 3 分钟、4.9 GB 内存" in note.say("zh")
    book = sized(tmp_path / "人口.xlsx", 10)
    assert "have 310 MB" in needs.tell_files([roads, book])[0].say("en")


def test_common_files_rasters_and_missing_ones_are_not(tmp_path: Path) -> None:
    common = [sized(tmp_path / "city.osm.pbf", 60), sized(tmp_path / "people.xlsx", 5)]
    others = [sized(tmp_path / "people.tif", 5_000), tmp_path / "missing.gpkg"]
    assert needs.tell_files([*common, *others]) == ()


class StopError(Exception):
    """Raised in the place of reading."""


@pytest.mark.parametrize("command", ["run", "check", "site", "serve"])
def test_each_command_says_it_before_the_first_file_is_read(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise StopError

    study = write_study(tmp_path, write_town(tmp_path))
    for home in ("geo.study.ready", "geo.study.sites.run"):
        monkeypatch.setattr(f"{home}.read_inputs", stop)
    assert CliRunner().invoke(app, [command, str(study)]).stderr == "", "a common study says nothing"
    monkeypatch.setattr(needs, "_MUCH_MB", 0.0)
    result = CliRunner().invoke(app, [command, str(study)])
    assert isinstance(result.exception, StopError)
    assert result.stderr.startswith("! the files of this study have 0 MB")


def test_sites_are_sought_after_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "_MUCH_MB", 0.0)

    def tell(note: Message) -> None:
        assert note.key == "study.needs"
        raise StopError

    with pytest.raises(StopError):
        site_study(STUDY, tell=tell, use_cache=False)
