"""The report of the sample, each file read by another program: its numbers are those of the tables."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pandas as pd
import pytest
from docx.oxml.ns import qn

from geo.maps import tell_marks
from geo.outputs import FinishedRun, open_finished
from geo.outputs.paper import choose_fonts
from geo.outputs.report import REPORT_FILES, write_report
from geo.outputs.report.word_file import template_docx
from geo.study import StudyResult, read_study
from geo.words import percent
from tests.outputs.report.reading import PageRead, cells_of, pdf_text, require_chinese_face


@pytest.fixture(scope="module")
def written(sample_run: tuple[StudyResult, Path]) -> dict[str, Path]:
    """Write the report of the sample beside a copy of its results."""
    require_chinese_face()
    _, folder = sample_run
    copy = folder.with_name("sample-reported")  # beside it: the manifest tells the study's folder from here
    shutil.copytree(folder, copy)
    study = read_study("sample")
    run = open_finished(study, copy)
    assert run is not None
    return write_report(run, study)


def test_all_three_files_are_there_and_small(written: dict[str, Path]) -> None:
    assert tuple(written) == REPORT_FILES
    assert all(path.stat().st_size < 10_000_000 for path in written.values())


def towns(folder: Path) -> list[list[str]]:
    """Give the table of towns as a spreadsheet shows it, from the CSV file and by other means."""
    rows = pd.read_csv(folder / "zones.csv")
    return [
        [
            row.name_,
            f"{row.people:,.0f}",
            f"{row.people_covered:,.0f}",
            "–" if pd.isna(row.share_people) else percent(row.share_people),
        ]
        for row in rows.rename(columns={"name": "name_"}).itertuples()
    ]


def test_the_towns_are_those_of_the_csv_file(written: dict[str, Path]) -> None:
    wanted = towns(written["report.docx"].parent)
    of_word = cells_of(written["report.docx"], "分乡镇的人口覆盖与响应时间")
    page = PageRead.of(written["report.html"])
    of_page = page.table("分乡镇的人口覆盖与响应时间")
    assert [row[:4] for row in of_word[1:]] == wanted
    assert of_page == of_word
    text = pdf_text(written["report.pdf"])
    for row in wanted:
        assert re.search(r"\s+".join(map(re.escape, row)), text), row


def test_every_table_is_the_same_in_word_and_on_the_page(written: dict[str, Path]) -> None:
    page = PageRead.of(written["report.html"])
    tables = docx.Document(str(written["report.docx"])).tables[1:]
    assert len(tables) == len(page.tables) > 20
    for table, other in zip(tables, page.tables.values(), strict=True):
        rows = [[cell.text for cell in row.cells] for row in table.rows]
        assert rows == other


def test_every_number_of_a_table_stands_in_the_workbook(written: dict[str, Path]) -> None:
    """Each number of the tables of stations, gaps, depots ... is a cell of the workbook, rounded as shown."""
    book = openpyxl.load_workbook(written["report.docx"].with_name("tables.xlsx"))
    page = PageRead.of(written["report.html"])
    for sheet_name, caption in (
        ("消防站", "各消防站的服务人口与响应时间（服务人口上限 120,000 人）"),
        ("覆盖缺口", "人口最多的覆盖缺口（编号与地图一致）"),
        ("各乡镇人均避难面积", "各乡镇人均避难面积"),
        ("各乡镇村居储备点", "各乡镇村居储备点"),
        ("情景对比表", "情景对比表"),
        ("规划指标", "各项指标的计算依据与来源"),
    ):
        sheet = book[sheet_name]
        heads = [cell.value for cell in sheet[1]]
        shown = page.table(caption)
        places = [heads.index(head) for head in shown[0]]
        for row, told in zip(sheet.iter_rows(min_row=2, values_only=True), shown[1:], strict=False):
            for place, text in zip(places, told, strict=True):
                assert_same(row[place], text)


def test_values_of_mixed_units_are_told_as_in_the_table_of_targets(written: dict[str, Path]) -> None:
    """90 hydrants of 600, and not 90.00 of 600; 43.72 % as there."""
    page = PageRead.of(written["report.html"])
    today = {row[0]: row[3] for row in page.table("规划指标与现状对照")[1:]}
    compared = page.table("指标对比：现状与项目建成后")
    place = compared[0].index("现状值")
    assert len(compared) > 20
    for row in compared[1:]:
        assert today[row[0]].startswith(row[place]), row
    assert next(row[place] for row in compared if row[0] == "CM-6") == "90"


def assert_same(value: Any, text: str) -> None:
    if value is None:
        assert text == "–"
    elif isinstance(value, str):
        assert text == value
    elif text.endswith("%"):
        assert text == percent(value)
    else:
        digits = len(text.partition(".")[2])
        number = float(text.replace(",", ""))
        assert abs(number - value) <= 0.5 * 10.0**-digits + 1e-9


def test_the_summary_says_the_figures_of_the_run(written: dict[str, Path]) -> None:
    figures = json.loads(written["report.pdf"].with_name("summary.json").read_text(encoding="utf-8"))
    clock, text = figures["standard"], "".join(pdf_text(written["report.pdf"]).split())
    for number in (
        clock["people"],
        clock["people_covered"],
        clock["people_unreachable"],
        clock["people_two"],
    ):
        assert f"{number:,}人" in text
    assert f"达标{figures['targets']['met']}项，未达标{figures['targets']['missed']}项" in text


def test_every_remark_of_the_check_stands_there(written: dict[str, Path]) -> None:
    remarks = json.loads(written["report.pdf"].with_name("summary.json").read_text(encoding="utf-8"))[
        "remarks"
    ]
    items = PageRead.of(written["report.html"]).items
    assert remarks
    assert {tell_marks(remark["zh"], lang="zh") for remark in remarks} <= set(items)


def test_the_pdf_has_chinese_as_text_in_a_simplified_face_and_bookmarks(written: dict[str, Path]) -> None:
    path = written["report.pdf"]
    fonts = subprocess.run(["pdffonts", str(path)], capture_output=True, text=True, check=True).stdout
    names = [line.split()[0].partition("+")[2].casefold() for line in fonts.splitlines()[2:]]
    face = choose_fonts(lang="zh", is_chinese=True).figures[0].replace(" ", "").casefold()[:7]
    assert any(name.startswith(face) for name in names)
    assert not [name for name in names if re.search("cjk(jp|kr|tc|hk)", name)]
    assert all(line.split()[-5] == "yes" for line in fonts.splitlines()[2:])  # embedded
    content = path.read_bytes()
    assert b"/Outlines" in content
    assert "1 / " in pdf_text(path) or re.search(r"\d+ / \d+", pdf_text(path))
    assert "合成数据，不是真实地区" in pdf_text(path)


def test_the_map_in_the_pdf_is_drawn_and_not_a_picture(written: dict[str, Path]) -> None:
    told = subprocess.run(["pdfimages", "-list", str(written["report.pdf"])], capture_output=True, text=True)
    assert len(told.stdout.splitlines()) == 2  # the heads of the list alone
    assert "枕云消防救援站" in pdf_text(written["report.pdf"], first=5, last=6)


def test_no_map_stands_below_the_heading_of_another_chapter(written: dict[str, Path]) -> None:
    """A map at the foot of a page would be taken for one of the chapter that begins above it."""
    page = written["report.html"].read_text(encoding="utf-8")
    told = re.findall(r"<h2>([一二三四五六七八九十]+、)|<figcaption>(图 \d+) ", page)
    text = pdf_text(written["report.pdf"], first=3)
    printed = re.findall(r"^ *([一二三四五六七八九十]+、)|^ *(图 \d+) ", text, flags=re.MULTILINE)
    assert chapters(printed) == chapters(told)
    assert len(chapters(told)) > 8


def chapters(found: list[tuple[str, str]]) -> dict[str, str]:
    """Give the chapter in which each map stands."""
    of, chapter = {}, ""
    for heading, figure in found:
        chapter = heading or chapter
        if figure:
            of[figure] = chapter
    return of


def test_word_has_headings_numbers_captions_and_faces(written: dict[str, Path]) -> None:
    document = docx.Document(str(written["report.docx"]))
    headings = [p for p in document.paragraphs if (style := p.style) and style.name == "Heading 1"]
    assert [p.text for p in headings][:3] == ["摘要", "规划指标", "消防救援响应"]
    numbering = document.part.numbering_part.element.xml
    for text in ("%1、", "（%2）", "%3."):
        assert f'w:lvlText w:val="{text}"' in numbering
    codes = [t.text for t in document.element.body.iter(qn("w:instrText"))]
    assert sum("TOC" in code for code in codes) == 1
    assert sum("SEQ 表" in code for code in codes) == len(document.tables) - 1
    begun = [c.get(qn("w:fldCharType")) for c in document.element.body.iter(qn("w:fldChar"))]
    assert begun.count("begin") == begun.count("separate") == begun.count("end") == len(codes)
    for name, face in (("Normal", "仿宋"), ("Heading 1", "黑体"), ("Caption", "黑体")):
        assert document.styles[name].element.rPr.rFonts.get(qn("w:eastAsia")) == face
    for table in document.tables[1:]:
        assert table.rows[0]._tr.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None


def test_maps_in_word_are_sharp_and_say_what_they_show(written: dict[str, Path]) -> None:
    document = docx.Document(str(written["report.docx"]))
    assert len(document.inline_shapes) >= 8
    for shape in document.inline_shapes:
        assert shape._inline.docPr.get("descr").startswith("地图：")
    with zipfile.ZipFile(written["report.docx"]) as file:
        pictures = [file.read(name) for name in file.namelist() if name.endswith(".png")]
    for picture in pictures:  # 160 mm at 300 dots an inch
        assert int.from_bytes(picture[16:20], "big") == pytest.approx(160 / 25.4 * 300, abs=2)


def test_the_page_asks_no_machine_for_anything(written: dict[str, Path]) -> None:
    page = PageRead.of(written["report.html"])
    assert page.faults == []
    assert page.n_svg == len(page.captions_of_figures) >= 8
    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links)
    assert len(page.ids) == len(set(page.ids))
    assert "script" not in page.tags
    assert not re.findall(r"https?://(?!www\.w3\.org/2000/svg)", written["report.html"].read_text("utf-8"))


def test_each_scenario_has_its_maps(written: dict[str, Path]) -> None:
    captions = PageRead.of(written["report.html"]).captions_of_figures
    names = [scenario.name for scenario in read_study("sample").scenarios]
    for number, name in enumerate(names, start=1):
        for what in ("各居民点的到达时间", "与现状相比的变化"):
            assert [caption for caption in captions if f"情景 {number}“{name}”：{what}" in caption]
    assert sum("现状：各居民点的到达时间" in caption for caption in captions) == 1


def test_the_page_is_valid_html(written: dict[str, Path]) -> None:
    """The parser of the HTML standard, strict: any fault that a browser would have to mend is an error."""
    html5lib = pytest.importorskip("html5lib", reason="html5lib is not installed (test extra)")
    html5lib.HTMLParser(strict=True).parse(written["report.html"].read_text("utf-8"))


def test_libreoffice_makes_pages_of_the_word_file(written: dict[str, Path], tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed (Debian: apt-get install libreoffice-writer)")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    words = [office, "--headless", profile, "--convert-to", "pdf", "--outdir", str(tmp_path)]
    told = subprocess.run([*words, str(written["report.docx"])], capture_output=True, text=True, timeout=300)
    if "could not be loaded" in told.stdout + told.stderr:
        pytest.skip("LibreOffice is here without Writer (Debian: apt-get install libreoffice-writer)")
    text = pdf_text(tmp_path / "report.pdf")
    assert "一、摘要" in text
    assert "（一）到达时间" in text
    assert "637,900" in text


def test_a_run_of_another_language_is_no_finished_run_of_this_one(sample_run: tuple[Any, Path]) -> None:
    _, folder = sample_run
    assert open_finished(read_study("sample").in_lang("en"), folder) is None
    assert isinstance(open_finished(read_study("sample"), folder), FinishedRun)


def test_the_docx_template_can_be_opened_again() -> None:
    styles = docx.Document(io.BytesIO(template_docx(lang="zh"))).styles
    assert {"Note", "Formula", "toc 1", "Caption"} <= {style.name for style in styles}
