"""Two runs held against each other: what differs, and what each group of inputs does."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
from rich.console import Console
from typer.testing import CliRunner

from geo.cli import app
from geo.cli.compare import print_changes
from geo.errors import FileError, GeoError
from geo.outputs import compare_runs, comparison_sheets, read_run, write_outputs, write_workbook
from geo.statistics import OUTSIDE
from geo.study import find_causes, mix_studies, parse_study, run_study
from geo.words import LANGS, Lang
from tests.studies import town_study

pytestmark = pytest.mark.study


def grow(folder: Path) -> None:
    """Make the town of tests/studies.py a year older: its most distant village doubled, East built."""
    villages = gpd.read_file(folder / "villages.gpkg")
    villages["heads"] = np.where(villages["heads"] == 200, 400, villages["heads"])
    villages.to_file(folder / "villages.gpkg")
    stations = gpd.read_file(folder / "stations.gpkg")
    stations["status"] = "existing"
    stations.to_file(folder / "stations.gpkg")


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("years")
    (folder / "2024").mkdir()
    study = town_study(folder / "2024")
    write_outputs(run_study(study), folder / "out2024")
    shutil.copytree(folder / "2024", folder / "2025")
    grow(folder / "2025")
    write_outputs(run_study(replace(study, folder=folder / "2025")), folder / "out2025")
    return folder / "out2024", folder / "out2025"


def test_a_section_that_one_run_lacks_is_told_by_what_it_says_of_its_own(years: tuple[Path, Path]) -> None:
    before = read_run(years[0])
    sections = before.manifest.study.settings() | {
        "scenarios": [{"name": "Night", "turnout_s": 90.0, "close_roads": [{"name": "West Road"}]}],
        "siting": {"goal": "fewest", "n": 2},
    }
    study = parse_study(sections, folder=before.manifest.study.folder)
    after = replace(before, manifest=replace(before.manifest, study=study))
    told = {
        "scenarios 1.name": "Night",
        "scenarios 1.close_roads 1.name": "West Road",
        "scenarios 1.turnout_s": "90",
        "siting.goal": "fewest",
        "siting.n": "2",
    }
    added = compare_runs(before, after).settings
    assert dict(zip(added["setting"], added["after"], strict=True)) == told
    assert set(added["before"]) == {""}
    gone = compare_runs(after, before).settings
    assert dict(zip(gone["setting"], gone["before"], strict=True)) == told


def test_settings_that_differ_in_their_last_digits_are_told(years: tuple[Path, Path]) -> None:
    """A site that moved by ten metres has the same six digits."""
    before = read_run(years[0])
    runs = [
        replace(before, manifest=replace(before.manifest, study=parse_study(sections, folder=Path())))
        for lon in (121.47369, 121.4738)
        for sections in [
            before.manifest.study.settings()
            | {"scenarios": [{"name": "New", "add": [{"name": "S", "lon": lon, "lat": 31.5}]}]}
        ]
    ]
    told = compare_runs(*runs).settings.to_numpy().tolist()
    assert told == [["scenarios 1.add 1.lon", "121.47369", "121.4738"]]


def test_a_plan_that_one_run_alone_has_is_told_with_its_targets(years: tuple[Path, Path]) -> None:
    """What is set in one run stands as the program has it by itself, None, in the other: that is a change."""
    bare = read_run(years[0])
    assert bare.targets is None
    study = replace(bare.manifest.study, study=replace(bare.manifest.study.study, plan="chongming"))
    targets = pd.DataFrame({"name": ["a", "b"]}, index=pd.Index(["CM-1", "CM-2"], name="target_id"))
    planned = replace(bare, manifest=replace(bare.manifest, study=study), targets=targets)
    for before, after, row in ((bare, planned, ["", "chongming"]), (planned, bare, ["chongming", ""])):
        compared = compare_runs(before, after)
        assert compared.settings.to_numpy().tolist() == [["study.plan", *row]]
        assert compared.targets is None
        assert compared.unpaired == ("CM-1", "CM-2")
    assert compare_runs(planned, bare).targets is None
    assert compare_runs(bare, bare).unpaired == ()


def test_what_differs_is_listed_and_what_does_not_is_not(years: tuple[Path, Path]) -> None:
    compared = compare_runs(*map(read_run, years))
    assert compared.inputs.to_numpy().tolist() == [["stations.gpkg", "changed"], ["villages.gpkg", "changed"]]
    assert compared.settings.empty
    # 2,050 people and 200 more; v1 and v3 were in time (1,300), now v4 is too, with 400 people.
    figures = compared.figures
    assert figures.loc["people"].tolist() == [2050, 2250, 200]
    assert figures.loc["people_covered"].tolist() == [1300, 1700, 400]
    assert compared.zones.loc["East", ["before_people", "after_people", "change_share"]].tolist() == [
        200,
        400,
        1.0,
    ]
    same = compare_runs(read_run(years[0]), read_run(years[0] / "manifest.json"))
    assert same.inputs.empty
    assert (same.figures["change"].dropna() == 0).all()


def test_each_group_of_inputs_has_its_part_and_the_parts_make_the_whole(years: tuple[Path, Path]) -> None:
    before, after = (read_run(year).manifest.study for year in years)
    told: list[str] = []
    causes = find_causes(before, after, step=told.append)
    assert causes["group"].tolist() == ["before", "people", "stations", "roads", "rules"] == told
    # v4 is late from West, whatever its people; East reaches it.
    assert causes["covered_people"].tolist() == [1300, 1300, 1700, 1700, 1700]
    assert causes["people"].tolist() == [2050, 2250, 2250, 2250, 2250]
    whole = compare_runs(*map(read_run, years)).figures
    assert causes["change_covered_people"].sum() == whole.loc["people_covered", "change"]
    assert causes["share_covered"].iloc[-1] == pytest.approx(whole.loc["share_covered", "after"], abs=1e-6)
    backwards = find_causes(after, before)
    assert backwards["covered_people"].iloc[[0, -1]].tolist() == [1700, 1300]


def test_rules_are_all_that_no_group_holds(years: tuple[Path, Path]) -> None:
    before, after = (read_run(year).manifest.study for year in years)
    same = mix_studies(before, after, groups=("people", "stations", "roads", "rules"))
    assert same.file(same.facilities[0].path) == after.file("stations.gpkg")
    none = mix_studies(before, after, groups=())
    assert none.file(none.roads.path) == before.file("roads.gpkg")


@pytest.mark.parametrize("lang", LANGS)
def test_the_command_prints_all_and_writes_a_workbook(
    years: tuple[Path, Path], tmp_path: Path, lang: Lang
) -> None:
    words = ["compare", *map(str, years), "--out", str(tmp_path / "both.xlsx"), "--lang", lang]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert "villages.gpkg" in done.output
    assert "1,700" in done.output
    assert "+100.0" in done.output  # points of the zone East
    book = openpyxl.load_workbook(tmp_path / "both.xlsx")
    assert len(book.sheetnames) == 5  # a town without a plan has no targets
    assert all(sheet.max_row >= 1 for sheet in book)


def zone_rows(rows: list[tuple[str, float, float, float, float]]) -> pd.DataFrame:
    names = ("zone", "before_people", "after_people", "before_share", "after_share")
    table = pd.DataFrame(rows, columns=names).set_index("zone")
    for what in ("people", "share"):
        table[f"change_{what}"] = table[f"after_{what}"] - table[f"before_{what}"]
    return table


def test_zones_with_other_people_new_zones_and_those_of_no_zone_are_printed(
    years: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Shares alone would say 'nothing': 40 people more outside all zones, the same share in time."""
    none = float("nan")
    zones = zone_rows(
        [
            (OUTSIDE, 60.0, 100.0, 0.5, 0.5),
            ("same", 7.0, 7.0, 0.5, 0.5),
            ("gone", 9.0, none, 1.0, none),
            *((f"grown {i}", 5.0, 6.0, 1.0, 1.0) for i in range(20)),
        ]
    )
    compared = replace(compare_runs(*map(read_run, years)), zones=zones)
    row = ["n", "数", "number", 1_234_567.0, 99.996, 100.0, "people", "farther"]
    names = ["target_id", "name_zh", "name_en", "before", "after", "target", "unit", "change"]
    compared = replace(compared, targets=pd.DataFrame([row], columns=names).set_index("target_id"))
    settings = pd.DataFrame({"setting": ["response.turnout_s"], "before": ["60"], "after": ["90"]})
    print_changes(replace(compared, settings=settings), Console(width=120), lang="zh")
    shown = capsys.readouterr().out
    told = [line.split() for line in shown.splitlines()]
    assert ["各分区以外", "60", "100", "50.0%", "50.0%", "+0.0"] in told
    assert ["gone", "9", "-", "100%", "-", "-"] in told
    assert not any(line[:1] == ["same"] for line in told)
    assert "另有 2 个分区有变化" in shown, "22 of them are others, and 20 are shown"
    assert ["response.turnout_s", "出动时间（秒）", "60", "90"] in told
    assert ["n", "数", "1,234,567", "99.996"] in [line[:4] for line in told]
    sheets = {sheet.title: sheet.table for sheet in comparison_sheets(compared, None, lang="zh")}
    assert any("各分区以外" in table.get("zone", pd.Series(dtype=str)).tolist() for table in sheets.values())


def test_without_the_inputs_the_results_are_still_compared(years: tuple[Path, Path], tmp_path: Path) -> None:
    moved = tmp_path / "alone"
    shutil.copytree(years[0], moved)
    done = CliRunner().invoke(app, ["compare", str(moved), str(years[1]), "--lang", "en"])
    assert done.exit_code == 0, done.output
    assert "1,700" in done.output
    assert "no causes" in done.output.replace("\n", " ")
    quick = CliRunner().invoke(app, ["compare", str(moved), str(years[1]), "--lang", "en", "--no-why"])
    assert "no causes" not in quick.output
    write_workbook(
        comparison_sheets(compare_runs(*map(read_run, years)), None, lang="zh"),
        tmp_path / "a.xlsx",
        lang="zh",
    )
    assert (tmp_path / "a.xlsx").stat().st_size > 0


@pytest.mark.parametrize("name", ["summary.json", "zones.csv"])
def test_figures_that_are_no_longer_those_of_the_run_are_told(
    years: tuple[Path, Path], tmp_path: Path, name: str
) -> None:
    """A table without its last row, or with another number, is as whole as before to look at."""
    edited = tmp_path / "edited"
    shutil.copytree(years[0], edited)
    right = (edited / name).read_bytes()
    shorter = b"".join(right.splitlines(keepends=True)[:-1])
    for content in (shorter if name == "zones.csv" else right.replace(b"1", b"2"), right + b"\n"):
        (edited / name).write_bytes(content)
        with pytest.raises(FileError, match=f"changed or removed since the run: {name}"):
            read_run(edited)
    (edited / name).write_bytes(right)
    assert read_run(edited).summary == read_run(years[0]).summary


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes and devices with paths are of Unix")
@pytest.mark.parametrize("name", ["summary.json", "zones.csv", "targets.csv", "manifest.json"])
@pytest.mark.parametrize("kind", ["device", "pipe"])
def test_results_that_are_no_files_are_not_read(
    years: tuple[Path, Path], tmp_path: Path, name: str, kind: str
) -> None:
    odd = tmp_path / "odd"
    shutil.copytree(years[0], odd)
    (odd / name).unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(odd / name)
    else:
        (odd / name).symlink_to("/dev/zero")
    with pytest.raises(FileError, match=kind):
        read_run(odd)


@pytest.mark.parametrize("lost", ["summary.json", "zones.csv", "manifest.json"])
def test_a_folder_that_is_no_whole_result_is_told(
    years: tuple[Path, Path], tmp_path: Path, lost: str
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(years[0], broken)
    (broken / lost).unlink()
    with pytest.raises(FileError, match=lost):
        read_run(broken)
    (broken / lost).write_bytes(b"\xff{")
    with pytest.raises(GeoError):
        read_run(broken)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("summary.json", '{"a": {"b": []}}'),
        ("summary.json", '{"standard": 5}'),
        ("summary.json", '{"standard": {"people": "x"}}'),
        ("zones.csv", "name,other\n甲,2\n"),
        ("zones.csv", "name\n\n"),
        ("targets.csv", "target_id\n" + "1\n" * 9),
    ],
)
def test_results_that_somebody_edited_are_told_when_they_are_read(
    years: tuple[Path, Path], tmp_path: Path, name: str, content: str
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(years[0], broken)
    (broken / name).write_text(content, encoding="utf-8")
    with pytest.raises(FileError, match=r"the results in .* are damaged"):
        read_run(broken)
