"""Reports of odd districts: names that look like markup, a single village, nobody at all, own templates."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import docx
import geopandas as gpd
import pytest
import shapely

from geo.errors import FileError, InputError
from geo.file_limits import MOST_TEMPLATE_BYTES
from geo.outputs import write_outputs, write_sites
from geo.outputs.finished import say_cell
from geo.outputs.report import copy_templates, make_report, write_report
from geo.outputs.report.content import Figure
from geo.outputs.report.excerpts import say_measured
from geo.outputs.report.response_chapters import _with_unit
from geo.outputs.report.templates import find_templates
from geo.study import Study, parse_study, run_study, site_study
from tests.conftest import Run
from tests.outputs.odd_towns import NAMES, finish, finished, hostile_town
from tests.outputs.report.reading import PageRead, cells_of, pdf_text, require_chinese_face
from tests.studies import changed, frame, points, town_study, write_study, write_town

NOW = datetime(2026, 11, 29, tzinfo=UTC)


def report_of(study: Study, folder: Path) -> dict[str, Path]:
    require_chinese_face()
    return write_report(finish(study, folder), study, now=NOW)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Report a town whose study, zones, stations and villages bear names that look like markup."""
    folder = tmp_path_factory.mktemp("hostile")
    return report_of(hostile_town(folder, asked="report"), folder / "out")


def test_names_are_text_in_word(hostile: dict[str, Path]) -> None:
    rows = cells_of(hostile["report.docx"], "Coverage and response times by town")
    assert [row[0] for row in rows[1 : len(NAMES) + 1]] == list(NAMES)


def test_names_are_text_on_the_page(hostile: dict[str, Path]) -> None:
    page = PageRead.of(hostile["report.html"])
    rows = page.table("Coverage and response times by town")
    assert [row[0] for row in rows[1 : len(NAMES) + 1]] == list(NAMES)
    assert page.faults == []
    assert not page.tags & {"script", "b", "i", "w:t"}
    assert all(link.startswith("#") for link in page.links)
    assert "49" not in "".join(row[0] for row in rows[1:])


def test_names_are_text_in_the_pdf(hostile: dict[str, Path]) -> None:
    text = "".join(pdf_text(hostile["report.pdf"]).split())
    for name in NAMES:
        # of a long name, pages and other columns come between its lines
        assert "".join(name.split())[:12] in text.replace("’", "'").replace("”", '"').replace("“", '"'), name
    assert text.count("x") >= 1000
    assert "127.0.0.1" not in text


def test_a_thousand_signs_leave_the_pages_as_wide_as_they_are(hostile: dict[str, Path]) -> None:
    """No word of the text reaches beyond the right edge of A4."""

    told = subprocess.run(
        ["pdftotext", "-bbox", str(hostile["report.pdf"]), "-"], capture_output=True, text=True, check=True
    ).stdout
    ends = [float(line.split('xMax="')[1].split('"')[0]) for line in told.splitlines() if "<word" in line]
    assert ends
    assert max(ends) < 210 / 25.4 * 72 - 40


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_district_of_one_village(tmp_path: Path, lang: str) -> None:
    sections = write_town(tmp_path)
    frame(points((1000, 0)), name=["唯一村"], heads=[7]).to_file(tmp_path / "villages.gpkg")
    study = parse_study(changed(sections, study={"lang": lang}, zones=None), folder=tmp_path)
    written = report_of(study, tmp_path / "out")
    text = pdf_text(written["report.pdf"])
    assert "100%" in text
    assert ("没有覆盖缺口" if lang == "zh" else "There is no gap") in text


def test_a_town_without_people_says_so_and_divides_by_nothing(tmp_path: Path) -> None:
    sections = write_town(tmp_path)
    frame(points((1000, 0), (4000, 0)), name=["a", "b"], heads=[0, 0]).to_file(tmp_path / "villages.gpkg")
    written = report_of(parse_study(sections, folder=tmp_path), tmp_path / "out")
    text = pdf_text(written["report.pdf"])
    assert "nan" not in text.casefold()
    assert "inf" not in text.split()


def test_missing_is_said_and_no_rounding_meets_a_target() -> None:
    assert say_cell(99.996, "General") == "100"
    assert _with_unit(99.996, "%", beside=100) == "99.996%"
    assert _with_unit(100.0, "%", beside=100) == "100%"
    assert _with_unit(4.9999, "min", beside=5) == "4.9999 min"
    assert _with_unit(None, "min", beside=5) == "–"
    assert _with_unit(0.004, "points", beside=0) == "0.004 points"  # missed by so little is missed
    assert (say_measured(600.0, beside=600), say_measured(49.999, beside=50)) == ("600", "49.999")


def test_a_report_is_made_of_a_finished_run_without_computing(
    tmp_path: Path, command: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_chinese_face()
    sections = write_town(tmp_path)
    path = write_study(tmp_path, sections)
    assert command("run", path, "-q")[0] in (0, 3)

    def refuse(*args: object, **options: object) -> None:
        raise AssertionError("the study was computed again")

    with monkeypatch.context() as patched:
        patched.setattr("geo.study.run_study", refuse)
        code, out, _ = command("report", path)
        assert code == 0
        assert "nothing was computed again" in out
        villages = gpd.read_file(tmp_path / "villages.gpkg")
        villages.assign(heads=1).to_file(tmp_path / "villages.gpkg")
        assert command("report", path)[0] != 0  # an input is another one: the study is computed
    assert command("report", path, "-q")[0] == 0
    text = pdf_text(tmp_path / "out" / "report.pdf")
    assert "5 people live here" in text


def test_what_the_planner_edited_is_kept(tmp_path: Path) -> None:
    study = town_study(tmp_path)
    written = report_of(study, tmp_path / "out")
    document = docx.Document(str(written["report.docx"]))
    document.add_paragraph("my own words")
    document.save(str(written["report.docx"]))
    kept: list[Any] = []
    run = finished(study, tmp_path / "out")
    write_report(run, study, now=NOW, tell=kept.append)
    assert [message.values["kept"] for message in kept] == ["report.edited.docx"]
    edited = docx.Document(str(tmp_path / "out" / "report.edited.docx"))
    assert edited.paragraphs[-1].text == "my own words"


def test_a_file_of_another_hand_is_not_overwritten(tmp_path: Path) -> None:
    study = town_study(tmp_path)
    write_outputs(run_study(study), tmp_path / "out")
    (tmp_path / "out" / "report.pdf").write_text("mine", encoding="utf-8")
    run = finished(study, tmp_path / "out")
    with pytest.raises(FileError):
        write_report(run, study, now=NOW)
    assert (tmp_path / "out" / "report.pdf").read_text(encoding="utf-8") == "mine"


def test_own_templates_take_the_place_of_ours(tmp_path: Path) -> None:
    require_chinese_face()
    paths = copy_templates(tmp_path / "own", lang="zh")
    assert [path.name for path in paths] == ["report.typ", "report.html", "report.docx"]
    with pytest.raises(FileError):
        copy_templates(tmp_path / "own", lang="zh")
    typ = paths[0].read_text(encoding="utf-8")
    paths[0].write_text(typ.replace("// First page", "OWN TEMPLATE"), encoding="utf-8")
    page = paths[1].read_text(encoding="utf-8")
    paths[1].write_text(page.replace("<main", "<p>own page</p><main"), encoding="utf-8")
    written = report_of(town_study(tmp_path, report={"template": "own"}), tmp_path / "out")
    assert "OWN TEMPLATE" in pdf_text(written["report.pdf"])
    assert "<p>own page</p>" in written["report.html"].read_text(encoding="utf-8")
    assert docx.Document(str(written["report.docx"])).tables


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("report.typ", '#import "@preview/cetz:0.3.0"', "web"),
        ("report.typ", "#nothing-like-this()", "report.typ"),
        ("report.html", "{{ nothing.like.this }}", "report.html"),
        ("report.html", "{% if %}", "report.html"),
        ("report.docx", "no zip", "report.docx"),
    ],
)
def test_a_wrong_template_is_told_and_nothing_is_written(
    tmp_path: Path, name: str, content: str, told: str
) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / name).write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=told):
        report_of(town_study(tmp_path, report={"template": "own"}), tmp_path / "out")
    assert not list((tmp_path / "out").glob("report.*"))


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(MOST_TEMPLATE_BYTES + 1)


@pytest.mark.parametrize("name", ["report.typ", "report.html", "report.docx"])
@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_empty, "empty"),
        (_huge, "at most"),
        (Path.mkdir, "is a folder"),
        (lambda path: path.symlink_to(path), "link"),
        (lambda path: path.symlink_to("nowhere"), "nowhere"),
        (os.mkfifo, "pipe"),
        (lambda path: path.symlink_to("/dev/zero"), "device"),
    ],
)
def test_a_template_that_is_no_plain_file_is_told(
    tmp_path: Path, spoil: Callable[[Path], None], told: str, name: str
) -> None:
    """Else the program's own would be taken without a word, or a device be read without end."""
    own = tmp_path / "own"
    own.mkdir()
    spoil(own / name)
    with pytest.raises((FileError, InputError), match=told):
        find_templates(town_study(tmp_path, report={"template": "own"}))


@pytest.mark.parametrize("template", ["nowhere", "."])
def test_a_folder_without_templates_is_told(tmp_path: Path, template: str) -> None:
    with pytest.raises(InputError, match="report"):
        report_of(town_study(tmp_path, report={"template": template}), tmp_path / "out")


def test_only_the_formats_that_are_asked_for_are_written(tmp_path: Path) -> None:
    written = report_of(town_study(tmp_path, report={"formats": ["html"]}), tmp_path / "out")
    assert list(written) == ["report.html"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_names_of_fields_change_nothing(tmp_path: Path, lang: str) -> None:
    """The GeoPackage may name its fields in Chinese: the maps are the same, the tables too."""
    require_chinese_face()
    drawn = []
    for names in ("en", "zh"):
        study = town_study(tmp_path, study={"lang": lang}, output={"field_names": names})
        run = finish(study, tmp_path / f"out-{names}")
        report, _ = make_report(run, study, made=NOW)
        sections = [section for chapter in report.sections[:3] for section in (chapter, *chapter.parts)]
        drawn.append([block for section in sections for block in section.blocks])
    assert drawn[0] == drawn[1]
    assert any(isinstance(block, Figure) and "#c62828" in block.picture.svg for block in drawn[0])


def test_sites_stand_in_the_report_with_their_proof(tmp_path: Path) -> None:
    """v2 and v4 are late, 700 people: one more station brings them in time, and no plan brings more."""
    require_chinese_face()
    study = town_study(
        tmp_path, siting={"goal": "best", "n": 1}, candidates={"source": "roads", "spacing_m": 1000}
    )
    write_outputs(run_study(study), tmp_path / "out")
    sites = site_study(study)
    write_sites(sites, tmp_path / "out" / "sites")
    run = finished(study, tmp_path / "out")
    written = write_report(run, study, now=NOW)
    plan, text = sites.answer.plan, " ".join(pdf_text(written["report.pdf"]).split())
    assert plan.is_proven
    assert (
        f"proven best: its value is {plan.value:,.0f}, the bound that no plan passes {plan.bound:,.0f}"
        in text
    )
    page = PageRead.of(written["report.html"])
    rows = page.table("Proposed sites, in the order of what they add")
    assert len(rows) == 1 + len(plan.site_ids)
    assert any(caption.endswith("Proposed sites, and who gains") for caption in page.captions_of_figures)


def test_sites_of_another_state_of_the_study_are_left_out(tmp_path: Path) -> None:
    require_chinese_face()
    asked: dict[str, Any] = {"candidates": {"source": "roads", "spacing_m": 1000}}
    write_sites(site_study(town_study(tmp_path, siting={"n": 2}, **asked)), tmp_path / "out" / "sites")
    study = town_study(tmp_path, siting={"n": 1}, **asked)
    write_outputs(run_study(study), tmp_path / "out", force_folder=True)
    run = finished(study, tmp_path / "out")
    text = pdf_text(write_report(run, study, now=NOW)["report.pdf"])
    assert "run geo site, then geo report" in " ".join(text.split())


def test_a_sign_without_a_face_is_told_and_marked(tmp_path: Path) -> None:
    """A town whose name has a sign that somebody made, as GBK tables do: no box, a mark and a message."""
    require_chinese_face()
    sections = write_town(tmp_path)
    towns = [shapely.box(-500, -500, 3000, 1500), shapely.box(3000, -500, 6500, 1500)]
    frame(towns, name=["\ue815城镇", "Vaduz"]).to_file(tmp_path / "towns.gpkg")
    study = parse_study(changed(sections, study={"name": "Report", "lang": "zh"}), folder=tmp_path)
    run = finish(study, tmp_path / "out")
    told: list[Any] = []
    written = write_report(run, study, now=NOW, tell=told.append)
    assert [message for message in told if "U+E815" in message.say("zh") and "U+E815" in message.say("en")]
    text = pdf_text(written["report.pdf"])
    assert "〓城镇" in text
    assert "\ue815" not in text
    tables = docx.Document(str(written["report.docx"])).tables
    assert "\ue815城镇" in {cell.text for table in tables for row in table.rows for cell in row.cells}


def test_who_answers_when_an_engine_is_out_stands_in_the_report(tmp_path: Path) -> None:
    study = town_study(tmp_path, scenarios=[{"close": "each station"}])
    written = report_of(study, tmp_path / "out")
    rows = cells_of(written["report.docx"], "When a station's engine is out: who comes, how late")
    # West alone counts, for 2,000 people that any road reaches; 1,300 are in time, and nobody else comes.
    assert rows[0][:5] == [
        "Name",
        "People it is the first for",
        "In time today",
        "In time then",
        "People cut off",
    ]
    assert rows[1][:5] == ["West Fire Station", "2,000", "1,300", "0", "2,000"]
    assert "People, when the engine of their first station is out" in pdf_text(written["report.pdf"])


def test_loads_are_told_against_the_limit_that_they_are_held_against(tmp_path: Path) -> None:
    """``people_limit`` is for sites by capacity; West serves 2,000 people: over 1,000, not over 120,000."""
    written = report_of(town_study(tmp_path, response={"people_limit": 1_000}), tmp_path / "out")
    told = " ".join(pdf_text(written["report.pdf"]).split())
    assert "No station serves more than 120,000 people" in told
    assert "limit 1,000" not in told
    assert "(limit 120,000 people)" in told
