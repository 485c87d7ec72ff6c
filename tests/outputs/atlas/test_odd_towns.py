"""Atlases of odd districts: names that look like markup, a single village, nobody at all, no towns."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import FileError, InputError, StudyError
from geo.outputs import open_finished, write_atlas, write_outputs, write_sites
from geo.outputs.atlas.drawing import SheetDrawer
from geo.outputs.atlas.layout import sheet_layout
from geo.outputs.atlas.sheet_content import Locator, PanelTable, Sheet, Surroundings
from geo.outputs.paper import Label, Stroke, Theme
from geo.outputs.report.content import Figure, Formula, Paragraph
from geo.outputs.report.write import make_report
from geo.signs import printable
from geo.study import Orientation, Paper, Study, parse_study, run_study, site_study
from geo.words import percent, say
from tests.conftest import Run
from tests.outputs.atlas.reading import TAGS, SheetRead, overlap, words_of
from tests.outputs.odd_towns import NAMES, finish, finished, hostile_town
from tests.outputs.paper.test_glyphs import PRIVATE
from tests.outputs.report.reading import pdf_text, require_chinese_face
from tests.studies import changed, frame, points, town_study, write_study, write_town

NOW = datetime(2026, 11, 29, tzinfo=UTC)


def atlas_of(study: Study, folder: Path, **options: Any) -> dict[str, Path]:
    require_chinese_face()
    study = study.with_atlas({"formats": ["pdf", "svg"], **options})
    return write_atlas(finish(study, folder), study, now=NOW)


def read(written: dict[str, Path]) -> dict[str, SheetRead]:
    return {name: SheetRead(path.read_bytes()) for name, path in written.items() if name.endswith(".svg")}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Draw a town whose study, zones, stations and villages bear names that look like markup."""
    folder = tmp_path_factory.mktemp("hostile")
    return atlas_of(hostile_town(folder, asked="atlas"), folder / "out")


def test_names_are_text_and_never_markup(hostile: dict[str, Path]) -> None:
    sheets = read(hostile)
    for name, sheet in sheets.items():
        assert sheet.tags <= TAGS, name
        assert sheet.texts("title")[-1] == "<h1>#1 *T* $"
        assert "#strong[局] <局>" in sheet.texts("block")
        assert "<a href=http://x>#c</a>" in "".join(sheet.texts("notes"))
    towns = list(sheets.values())[-len(NAMES) :]
    for town, sheet in zip(NAMES, towns, strict=True):
        shown = sheet.texts("title")[0]
        assert shown.rstrip("…")[:12] == " ".join(town.split())[:12]


def test_names_are_text_in_the_pdf(hostile: dict[str, Path]) -> None:
    text = "".join(pdf_text(hostile["atlas.pdf"]).split()).replace("’", "'").replace("”", '"')
    for name in NAMES:
        assert "".join(name.split())[:12] in text.replace("“", '"'), name
    assert "127.0.0.1" not in text


def test_a_thousand_signs_stay_inside_the_sheet(hostile: dict[str, Path]) -> None:
    n_pages = sum(name.endswith(".svg") for name in hostile)
    for page in range(1, n_pages + 1):
        words, width, height = words_of(hostile["atlas.pdf"], page)
        assert words
        for word in words:
            assert 7.5 <= word.left < word.right <= width - 7.5, (page, word)
            assert word.bottom <= height - 7.0, (page, word)


def test_files_of_sheets_have_names_that_every_disk_holds(hostile: dict[str, Path]) -> None:
    names = [name.removeprefix("atlas/") for name in hostile if name != "atlas.pdf"]
    assert len(set(names)) == len(names) >= len(NAMES)
    assert not [name for name in names if set(name) & set('<>:"/\\|?*') or len(name.encode()) > 200]


def test_behind_a_long_name_stands_its_sheet(tmp_path: Path) -> None:
    """The overview is sheet 1; the names of towns are cut at nine Chinese signs."""
    sections = write_town(tmp_path)
    boxes = [shapely.box(x, -500, x + 3300, 1500) for x in (-200, 3100)]
    frame(boxes, name=["West", "Far Away Economic Zone"]).to_file(tmp_path / "towns.gpkg")
    study = parse_study(sections, folder=tmp_path)
    overview, *_ = read(atlas_of(study, tmp_path / "out", sheets=["overview", "towns"])).values()
    numbered = sorted(text for text, *_ in overview.labels() if text.endswith(")"))
    assert numbered == ["Far Away Econ… (3)", "West (2)"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_district_of_one_village_without_towns(tmp_path: Path, lang: str) -> None:
    sections = write_town(tmp_path)
    frame(points((1000, 0)), name=["唯一村"], heads=[7]).to_file(tmp_path / "villages.gpkg")
    study = parse_study(changed(sections, study={"lang": lang}, zones=None), folder=tmp_path)
    sheets = read(atlas_of(study, tmp_path / "out"))
    assert not [name for name in sheets if "shares" in name or "town" in name]
    coverage = next(sheet for name, sheet in sheets.items() if "coverage" in name)
    assert coverage.colours("map") == coverage.colours("legend")
    assert coverage.rows()[-1][1:] == ["7", "100%"]


def test_a_town_without_people_says_so_and_divides_by_nothing(tmp_path: Path) -> None:
    sections = write_town(tmp_path)
    frame(points((1000, 0), (4000, 0)), name=["a", "b"], heads=[0, 0]).to_file(tmp_path / "villages.gpkg")
    written = atlas_of(parse_study(sections, folder=tmp_path), tmp_path / "out")
    text = pdf_text(written["atlas.pdf"])
    assert "nan" not in text.casefold()
    assert "inf" not in text.split()
    shares = next(sheet for name, sheet in read(written).items() if "shares" in name)
    assert "Nobody lives here" in shares.texts("legend")
    town = read(written)[next(name for name in written if name.endswith("-West.svg"))]
    assert dict(row for row in town.rows() if len(row) == 2)["People"] == "0"


def test_a_scenario_is_drawn_before_after_and_as_difference(tmp_path: Path) -> None:
    """The planned station at (6000, 0) is 2,000 m from v4: 200 people come in time, in the East."""
    scenarios = [{"name": "P <built>", "build": ["P"]}, {"name": "nothing", "speed": {"factor": 1.0}}]
    study = town_study(tmp_path, scenarios=scenarios[:1])
    sheets = read(atlas_of(study, tmp_path / "out", sheets=["scenarios"]))
    before, after, difference = sheets.values()
    assert before.rows() == []
    told = {row[0]: row[1:] for row in after.rows() if len(row) == 3}
    assert told["People in time"] == ["1,300", "1,500"]
    assert difference.rows()[-1][-3:] == ["200", "0", "0"]  # nobody is cut off before or afterwards
    assert "P <built>" in difference.texts("title")[0]
    assert after.colours("map") == after.colours("legend")
    assert difference.colours("map") == difference.colours("legend")


def test_sites_are_drawn_where_they_were_searched(tmp_path: Path) -> None:
    study = town_study(
        tmp_path, siting={"goal": "best", "n": 1}, candidates={"source": "roads", "spacing_m": 1000}
    )
    write_outputs(run_study(study), tmp_path / "out")
    sites = site_study(study)
    write_sites(sites, tmp_path / "out" / "sites")
    run = finished(study, tmp_path / "out")
    written = write_atlas(run, study.with_atlas({"formats": ["svg"], "sheets": ["sites"]}), now=NOW)
    (sheet,) = read(written).values()
    ranked = [row for row in sheet.rows() if row[0].isdigit()]
    assert len(ranked) == len(sites.answer.plan.site_ids) == 1
    assert sheet.colours("map") == sheet.colours("legend")


def test_a_sign_that_no_face_has_is_told_and_never_a_box(tmp_path: Path) -> None:
    """Where a sign stood that somebody made, the mark of printers stands."""
    require_chinese_face()
    study = town_study(tmp_path, study={"name": f"城{PRIVATE}镇"}).with_atlas({"sheets": ["coverage"]})
    run = finish(study, tmp_path / "out")
    told: list[Any] = []
    write_atlas(run, study, now=NOW, tell=told.append)
    assert [message.values["signs"] for message in told] == [(f"{PRIVATE} (U+{ord(PRIVATE):04X})",)]
    assert "城〓镇" in pdf_text(tmp_path / "out" / "atlas.pdf")


def test_an_unknown_town_is_told_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Wset.*West"):
        atlas_of(town_study(tmp_path), tmp_path / "out", towns=["Wset"])
    assert not list((tmp_path / "out").glob("atlas*"))


def test_sheets_of_which_the_run_has_nothing_are_told(tmp_path: Path) -> None:
    study = town_study(tmp_path).with_atlas({"sheets": ["coverage", "hydrants"], "formats": ["svg"]})
    run = finish(study, tmp_path / "out")
    told: list[Any] = []
    written = write_atlas(run, study, now=NOW, tell=told.append)
    assert list(written) == ["atlas/01-coverage.svg"]
    assert [message.values["names"] for message in told] == [("hydrants",)]
    with pytest.raises(InputError, match="hydrants"):
        write_atlas(run, study.with_atlas({"sheets": ["hydrants"]}), now=NOW)
    assert (tmp_path / "out" / "atlas" / "01-coverage.svg").is_file()  # as it was


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"sheets": ["cover"]}, "sheets"),
        ({"paper": "A5"}, "paper"),
        ({"orientation": "upright"}, "orientation"),
        ({"formats": ["jpg"]}, "formats"),
        ({"dpi": 5000}, "dpi"),
        ({"grid": "miles"}, "grid"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_wrong_settings_are_told(tmp_path: Path, options: dict[str, Any], told: str) -> None:
    sections = write_town(tmp_path)
    with pytest.raises(StudyError, match=told):
        parse_study({**sections, "atlas": options}, folder=tmp_path)
    with pytest.raises(StudyError, match=told):
        parse_study(sections, folder=tmp_path).with_atlas(options)


def test_the_command_draws_a_finished_run_without_computing(
    tmp_path: Path, command: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_chinese_face()
    path = write_study(tmp_path, write_town(tmp_path))
    assert command("run", path, "-q")[0] in (0, 3)

    def refuse(*args: object, **options: object) -> None:
        raise AssertionError("the study was computed again")

    monkeypatch.setattr("geo.study.run_study", refuse)
    words = ("--towns", "West,East", "--format", "svg,png", "--paper", "A4", "--orientation", "portrait")
    code, out, err = command("atlas", path, *words)
    assert (code, err) == (0, "")
    assert "nothing was computed again" in out
    assert "4 files" in out
    names = sorted(file.name for file in (tmp_path / "out" / "atlas").iterdir())
    assert names == ["01-West.png", "01-West.svg", "02-East.png", "02-East.svg"]
    head = (tmp_path / "out" / "atlas" / "01-West.png").read_bytes()
    width, height = (int.from_bytes(head[i : i + 4], "big") for i in (16, 20))
    assert width == pytest.approx(210 / 25.4 * 200, abs=2)
    assert height == pytest.approx(297 / 25.4 * 200, abs=2)
    code, _, err = command("atlas", path, "--sheets", "coverge")
    assert code == 1
    assert "coverage" in err
    assert (tmp_path / "out" / "atlas" / "01-West.svg").is_file()
    code, out, _ = command("atlas", path, "--sheets", "coverage", "--sheets", "gaps")
    assert code == 0
    assert not list((tmp_path / "out" / "atlas").glob("*"))  # those of the earlier atlas are gone
    assert (tmp_path / "out" / "atlas.pdf").is_file()
    # a town that is asked for has its sheet beside those that are named
    assert command("atlas", path, "--sheets", "coverage", "--towns", "West", "--format", "svg")[0] == 0
    names = sorted(file.name for file in (tmp_path / "out" / "atlas").iterdir())
    assert names == ["01-coverage.svg", "02-West.svg"]


def test_another_run_says_that_the_atlas_is_of_an_earlier_one(tmp_path: Path, command: Run) -> None:
    require_chinese_face()
    path = write_study(tmp_path, write_town(tmp_path))
    assert command("atlas", path, "-q", "--sheets", "coverage")[0] == 0
    assert "geo atlas" in command("run", path, "-q")[2]
    assert (tmp_path / "out" / "atlas.pdf").is_file()
    # a town that is asked for has its sheet beside those that are named
    assert command("atlas", path, "--sheets", "coverage", "--towns", "West", "--format", "svg")[0] == 0
    names = sorted(file.name for file in (tmp_path / "out" / "atlas").iterdir())
    assert names == ["01-coverage.svg", "02-West.svg"]


def test_what_somebody_edited_is_kept_and_a_strange_file_not_overwritten(tmp_path: Path) -> None:
    study = town_study(tmp_path)
    written = atlas_of(study, tmp_path / "out", sheets=["coverage"])
    written["atlas/01-coverage.svg"].write_text("mine", encoding="utf-8")
    run = finished(study, tmp_path / "out")
    kept: list[Any] = []
    own = study.with_atlas({"sheets": ["coverage"], "formats": ["svg"]})
    write_atlas(run, own, now=NOW, tell=kept.append)
    assert (tmp_path / "out" / "atlas" / "01-coverage.edited.svg").read_text(encoding="utf-8") == "mine"
    assert len(kept) == 1
    (tmp_path / "out" / "atlas.pdf").write_text("of another hand", encoding="utf-8")
    with pytest.raises(FileError):
        write_atlas(run, own.with_atlas({"formats": ["pdf"]}), now=NOW)
    assert (tmp_path / "out" / "atlas.pdf").read_text(encoding="utf-8") == "of another hand"


@pytest.mark.parametrize("paper", ["A4", "A3"])
@pytest.mark.parametrize("orientation", ["landscape", "portrait"])
@pytest.mark.parametrize("grid", ["degrees", "none"])
def test_every_size_of_paper_has_all_parts(
    tmp_path: Path, paper: Paper, orientation: Orientation, grid: str
) -> None:
    options = {"paper": paper, "orientation": orientation, "grid": grid, "sheets": ["coverage", "towns"]}
    for name, sheet in read(atlas_of(town_study(tmp_path), tmp_path / "out", **options)).items():
        assert sheet.colours("map") == sheet.colours("legend"), name
        assert bool(sheet.texts("grid-numbers")) == (grid == "degrees")
        assert sheet.rows(), name
        for part in ("legend", "notes", "block", "locator", "title"):
            assert sheet.group(part).attrib, (name, part)


def drawn(names: Sequence[str], *, paper: Paper = "A4") -> SheetRead:
    """Draw a sheet whose every text is one of some names."""
    first = names[0]
    at = [(100.0 * i, 70.0 * (i % 7)) for i in range(len(names))]
    shapes = np.array([shapely.Point(xy) for xy in at], dtype=object)
    strokes = tuple(Stroke(f"{name}", "marker", "#1f4e8c", shapes[i : i + 1]) for i, name in enumerate(names))
    labels = tuple(Label(name, x, y, 2.6, 1.5) for name, (x, y) in zip(names, at, strict=True))
    table = PanelTable(first, (first, "n"), tuple((name, "1") for name in names), (False, True), first)
    sheet = Sheet("towns", first, first, first, Theme(strokes, labels), (0, 0, 1000, 500), table, (first,), 3)
    locator = Locator(strokes[:1], (0, 0, 5000, 5000))
    facts, notes = ((first, first),), (first,)
    around = Surroundings(first, facts, notes, "合成数据", "EPSG:32651", "metres", (), locator)
    layout = sheet_layout(paper, "landscape", bounds=(0.0, 0.0, 1.0, 1.0), lang="zh")
    return SheetRead(SheetDrawer(layout, around, n_sheets=9).draw(sheet, 1).svg)


@given(st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=12))
def test_any_names_make_a_sheet_that_reads_back(names: list[str]) -> None:
    names = [printable(name, in_lines=True).replace("\ufffe", "").replace("\uffff", "") for name in names]
    names = [" ".join(name.split()) or "x" for name in names]
    sheet = drawn(names)
    assert sheet.tags <= TAGS
    width, height = sheet.window
    labels = list(sheet.labels())
    for text, left, top, right, bottom in labels:
        assert text in names
        assert 0 <= left <= right <= width
        assert 0 <= top <= bottom <= height
    for one, other in itertools.combinations(labels, 2):
        assert not overlap(one, other)
    assert sheet.texts("block")[1].rstrip("…") in names[0] or "…" in sheet.texts("block")[1]


def test_a_town_of_a_thousand_signs_leaves_the_sheet_as_it_is() -> None:
    for name in ("很" * 1000, "x" * 1000, "W " * 500):
        sheet = drawn([name, "b"])
        for element in sheet.root.iter():
            assert len(element.text or "") < 140


def test_a_table_that_has_no_room_says_how_many_rows_are_left() -> None:
    sheet = drawn([f"行{i}" for i in range(300)], paper="A4")
    rows = sheet.rows()
    shown = [row for row in rows if row[-1] == "1"]
    left = 300 - len(shown)
    assert 0 < len(shown) < 300
    assert f"另有 {left} 行" in rows[-1][0]


def test_two_papers_differ_in_size_alone() -> None:
    names = [f"村{i}" for i in range(5)]
    small, large = drawn(names, paper="A4"), drawn(names, paper="A3")
    assert small.texts("legend") == large.texts("legend")
    assert small.window[0] < large.window[0]


def test_the_sheet_of_an_engine_that_is_out(tmp_path: Path) -> None:
    study = town_study(tmp_path, scenarios=[{"close": "each station"}])
    written = atlas_of(study, tmp_path / "out", sheets=["outages"])
    (sheet,) = read(written).values()
    assert sheet.texts("title")[0] == "When a station's engine is out"
    assert any("Reached by no other" in text for text in sheet.texts("legend"))


def test_sheets_of_ranges_and_of_engines_that_may_be_out_say_the_tables(tmp_path: Path) -> None:
    rate: dict[str, Any] = {"calls_per_year_per_10000": 43_800.0, "service_min": 60.0}
    rate["engines"] = [{"name": "pump", "n": 3}]
    rate["call_types"] = [{"name": "fire", "engines": {"pump": 2}, "share": 1.0}]
    study = town_study(tmp_path, availability=rate, uncertainty={"draws": 20})
    written = atlas_of(study, tmp_path / "out", sheets=["ranges", "availability", "towns"])
    ranges, engines, *towns = read(written).values()
    figures = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["findings"]
    assert ranges.texts("title")[0] == "How sure the figures are"
    told = pd.read_csv(tmp_path / "out" / "ranges.csv")
    assert {*told["range_told"], *told["computed_told"]} <= {cell for row in ranges.rows() for cell in row}
    assert f"{figures['ranges']['people_in_doubt']:,.0f} in doubt" in " ".join(ranges.texts("notes"))
    assert engines.texts("title")[0] == "Coverage when engines may be out"
    notes = " ".join(engines.texts("notes"))
    for name in ("share_in_time_if_free", "share_in_time", "lost_share", "unreached_share"):
        assert percent(figures["availability"][name]) in notes, name
    assert "too high" in notes
    run = open_finished(study, tmp_path / "out")
    assert run is not None
    report, _ = make_report(run, study, made=NOW)
    summary, *chapters = report.sections
    first = [block.text for block in summary.blocks if isinstance(block, Paragraph)]
    assert sum("too high" in text and "geo simulate" in text for text in first) == 1
    assert sum(f"{figures['ranges']['people_covered_low']:,.0f} to" in text for text in first) == 1
    (shown,) = [
        block.caption
        for chapter in chapters
        for block in chapter.blocks
        if isinstance(block, Figure) and block.caption.startswith("Coverage when engines may be out")
    ]
    assert "too high" in shown
    formulas = {block.text for each in chapters for block in each.blocks if isinstance(block, Formula)}
    assert {say("report.formula_busy", lang="en"), say("report.formula_ranges", lang="en")} <= formulas
    for town in towns:  # each town has its own range, and what is left of its coverage
        heads = [row[0] for row in town.rows()]
        assert any(head.startswith("Range: ") for head in heads)
        assert any(head.startswith("Engines may be out: ") for head in heads)


@pytest.mark.parametrize("paper", ["A3", "A4"])
@pytest.mark.parametrize(("width", "height"), [(30_000, 10_000), (10_000, 30_000), (10_000, 10_000)])
def test_a_sheet_lies_as_the_district_lies(paper: Paper, width: float, height: float) -> None:
    bounds = (500_000.0, 3_000_000.0, 500_000.0 + width, 3_000_000.0 + height)
    chosen, lying, standing = (
        sheet_layout(paper, way, bounds=bounds, lang="zh") for way in ("auto", "landscape", "portrait")
    )
    assert chosen in (lying, standing)
    assert chosen == lying or height >= width
    drawn_mm = [min(each.window.width / width, each.window.height / height) for each in (lying, standing)]
    assert min(chosen.window.width / width, chosen.window.height / height) == max(drawn_mm)
