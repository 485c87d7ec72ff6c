"""The atlas of the sample, each file opened by another program: sheets, legends, labels, numbers."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from geo.maps import colour_of
from geo.outputs import open_finished, write_atlas
from geo.outputs.atlas.build import build_sheets
from geo.outputs.atlas.material import Material
from geo.outputs.paper import MapThemes, are_apart, tell_apart
from geo.study import AtlasSpec, Study, StudyResult, read_study
from geo.words import percent
from tests.outputs.atlas.reading import TAGS, SheetRead, overlap, words_of
from tests.outputs.report.reading import pdf_text, require_chinese_face

NOW = datetime(2026, 11, 29, tzinfo=UTC)
SHEETS = 30
"""Of the sample without proposed sites: 9 of the district, 3 of its scenario, 18 towns."""


def study() -> Study:
    return read_study("sample").with_atlas({"formats": ["pdf", "svg"], "organisation": "澄屿区应急管理局"})


@pytest.fixture(scope="module")
def written(sample_run: tuple[StudyResult, Path]) -> dict[str, Path]:
    """Write the atlas of the sample beside a copy of its results."""
    require_chinese_face()
    _, folder = sample_run
    copy = folder.with_name("sample-atlas")  # beside it: the manifest tells the study's folder from here
    shutil.copytree(folder, copy)
    run = open_finished(study(), copy)
    assert run is not None
    return write_atlas(run, study(), now=NOW)


@pytest.fixture(scope="module")
def sheets(written: dict[str, Path]) -> dict[str, SheetRead]:
    """Read each sheet as XML."""
    return {name: SheetRead(path.read_bytes()) for name, path in written.items() if name.startswith("atlas/")}


def page_of(sheets: dict[str, SheetRead], part: str) -> int:
    return next(i for i, name in enumerate(sheets, start=1) if part in name)


def test_there_is_a_sheet_for_each_subject_and_each_town(sheets: dict[str, SheetRead]) -> None:
    names = [name.partition("-")[2].removesuffix(".svg") for name in sheets]
    assert names[:9] == [
        *("overview", "coverage", "shares", "zones", "gaps", "shelters", "depots", "hydrants", "roads")
    ]
    assert names[9:12] == ["before", "1-after", "1-difference"]
    assert len(names) == SHEETS
    assert "枕云镇" in names


def test_the_pdf_has_a_page_of_a3_for_each_sheet(
    written: dict[str, Path], sheets: dict[str, SheetRead]
) -> None:
    path = written["atlas.pdf"]
    told = subprocess.run(["pdfinfo", str(path)], capture_output=True, text=True, check=True).stdout
    assert re.search(rf"Pages:\s+{len(sheets)}\n", told)
    assert re.search(r"Page size:\s+1190\.55 x 841\.89", told)
    assert path.stat().st_size < 10_000_000


def test_chinese_is_text_in_a_simplified_face_and_all_is_vectors(written: dict[str, Path]) -> None:
    path = str(written["atlas.pdf"])
    fonts = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout
    names = [line.split()[0].partition("+")[2].casefold() for line in fonts.splitlines()[2:]]
    assert names
    assert not [name for name in names if re.search("cjk(jp|kr|tc|hk)", name)]
    assert all(line.split()[-5] == "yes" for line in fonts.splitlines()[2:])  # embedded
    images = subprocess.run(["pdfimages", "-list", path], capture_output=True, text=True, check=True).stdout
    assert len(images.splitlines()) == 2  # the heads of the list alone


def test_bookmarks_name_the_sheets_and_each_page_has_its_number(
    written: dict[str, Path], sheets: dict[str, SheetRead]
) -> None:
    call = ["pdftohtml", "-xml", "-i", "-stdout", str(written["atlas.pdf"])]
    told = subprocess.run(call, capture_output=True, text=True, check=True).stdout
    marks = re.findall(r'<item page="(\d+)">(.*?)</item>', told)
    assert [(page, title) for page, title in marks if title not in ("情景", "分乡镇图")] == [
        (str(page), sheet.texts("title")[0]) for page, sheet in enumerate(sheets.values(), start=1)
    ]
    for number in (1, 2, len(sheets)):
        text = pdf_text(written["atlas.pdf"], first=number, last=number)
        assert f"{number} / {len(sheets)}" in text
    assert "总览图" in pdf_text(written["atlas.pdf"], first=1, last=1)


def test_every_sheet_says_what_it_is(sheets: dict[str, SheetRead]) -> None:
    for name, sheet in sheets.items():
        block, notes = sheet.texts("block"), "".join(sheet.texts("notes"))
        for what in (
            "图名",
            "图号",
            "比例尺",
            "坐标系",
            "编制日期",
            "2026年11月29日",
            "编制单位",
            "澄屿区应急管理局",
        ):
            assert what in block, name
        assert "EPSG:32651" in block
        assert any(text.startswith("1 : ") for text in block)
        assert sheet.texts("title")[-1] == "合成数据，不是真实地区"
        assert "计时：自" in notes
        assert "车速（公里/小时" in notes
        assert sheet.texts("grid-numbers"), name
        assert sheet.group("locator").attrib, name
        assert "北" in [each.text for each in sheet.root.iter()]


def test_every_colour_that_is_drawn_is_in_the_legend_and_the_reverse(sheets: dict[str, SheetRead]) -> None:
    for name, sheet in sheets.items():
        assert sheet.colours("map") == sheet.colours("legend"), name
        assert sheet.hatches("map") == sheet.hatches("legend"), name
        assert sheet.texts("legend")[0] == "图例"


def test_names_keep_inside_the_map_and_apart(sheets: dict[str, SheetRead]) -> None:
    n_names = 0
    for name, sheet in sheets.items():
        width, height = sheet.window
        labels = list(sheet.labels())
        n_names += len(labels)
        for text, left, top, right, bottom in labels:
            assert 0 <= left < right <= width, (name, text)
            assert 0 <= top < bottom <= height, (name, text)
        for one, other in itertools.combinations(labels, 2):
            assert not overlap(one, other), (name, one, other)
    assert n_names > 300


def test_no_name_covers_a_station(sheets: dict[str, SheetRead]) -> None:
    n_stations = 0
    for name, sheet in sheets.items():
        stations = sheet.corners("map", colour_of("paper_station"))
        n_stations += len(stations)
        for text, left, top, right, bottom in sheet.labels():
            for x, y in stations:
                assert not (left < x < right and top < y < bottom), (name, text)
    assert n_stations > 300


def test_the_ground_that_is_reached_lies_over_all_land_and_only_where_some_is_seen(
    written: dict[str, Path], sheets: dict[str, SheetRead]
) -> None:
    """Of 临帆镇, an island that no engine reaches, no sheet may promise such ground in its legend."""
    run = open_finished(study(), written["atlas.pdf"].parent)
    assert run is not None
    drawn, _ = build_sheets(Material(run, None, MapThemes(run)), AtlasSpec(sheets=("coverage", "towns")))
    reached = "全部消防站服务范围"
    for sheet in drawn:
        labels = [stroke.label for stroke in sheet.theme.strokes]
        land = [labels.index(name) for name in ("乡镇界线", "其他乡镇", "本乡镇") if name in labels]
        assert max(land) < labels.index(reached) < labels.index("其他道路"), sheet.title
    with_ground = {
        name.partition("-")[2][:-4]
        for name, sheet in sheets.items()
        if reached in "".join(sheet.texts("legend"))
    }
    assert "枕云镇" in with_ground
    assert "临帆镇" not in with_ground


def test_nothing_stands_over_the_title_nor_beyond_the_border(
    written: dict[str, Path], sheets: dict[str, SheetRead]
) -> None:
    for page, (name, sheet) in enumerate(sheets.items(), start=1):
        words, width, height = words_of(written["atlas.pdf"], page)
        title = "".join("".join(sheet.texts("title")).split())
        for word in words:
            assert 7.5 <= word.left < word.right <= width - 7.5, (name, word)
            assert 7.5 <= word.top < word.bottom <= height - 7.0, (name, word)
            if word.top < 20.0:
                assert word.text in title, (name, word)


def test_words_in_the_panel_do_not_lie_on_each_other(written: dict[str, Path]) -> None:
    for page in (1, 6, 12, 15):
        words, width, _ = words_of(written["atlas.pdf"], page)
        boxes = [
            (w.text, w.left, w.top + 0.25 * (w.bottom - w.top), w.right, w.bottom - 0.25 * (w.bottom - w.top))
            for w in words
            if w.left > width - 8 - 98 + 2 and w.top > 75
        ]
        assert len(boxes) > 30
        for one, other in itertools.combinations(boxes, 2):
            assert not overlap(one, other), (page, one, other)


def test_classes_are_told_apart_in_grey_and_by_colour_blind_readers(written: dict[str, Path]) -> None:
    run = open_finished(study(), written["atlas.pdf"].parent)
    assert run is not None
    drawn, _ = build_sheets(Material(run, None, MapThemes(run)), AtlasSpec())
    n_pairs = 0
    for sheet in drawn:
        strokes = [
            each for each in tell_apart(sheet.theme.strokes) if not each.is_ground and len(each.shapes)
        ]
        for one, other in itertools.combinations(strokes, 2):
            if one.shape == other.shape and one.label != other.label:
                n_pairs += 1
                assert are_apart(one, other), (sheet.title, one.label, other.label)
    assert n_pairs > 400


def rounded_in(text: str, numbers: np.ndarray[Any, Any]) -> bool:
    """Say whether a text is one of the numbers, rounded as the text is."""
    if text.endswith("%"):
        return any(text == percent(number) for number in numbers[(numbers >= 0) & (numbers <= 10)])
    digits = len(text.partition(".")[2])
    shown = float(text.replace(",", ""))
    return bool((np.abs(numbers - shown) <= 0.5 * 10.0**-digits + 1e-9).any())


def test_every_number_of_the_tables_is_one_of_the_workbook(
    written: dict[str, Path], sheets: dict[str, SheetRead]
) -> None:
    book = openpyxl.load_workbook(written["atlas.pdf"].with_name("tables.xlsx"), read_only=True)
    cells = [value for page in book for row in page.iter_rows(values_only=True) for value in row]
    numbers = np.unique([float(value) for value in cells if isinstance(value, int | float)])
    n_numbers = 0
    for name, sheet in sheets.items():
        if name.endswith(("coverage.svg", "before.svg")):
            continue  # people by band: the next test
        for row in sheet.rows()[1:]:
            for text in row:
                if re.fullmatch(r"-?[\d,]+(\.\d+)?%?", text):
                    n_numbers += 1
                    assert rounded_in(text, numbers), (name, row)
    assert n_numbers > 500


def test_people_by_band_are_those_of_the_csv_file(
    written: dict[str, Path], sheets: dict[str, SheetRead]
) -> None:
    """Added up from the places' own seconds, by other means."""
    places = pd.read_csv(written["atlas.pdf"].with_name("coverage.csv"))
    ends = [0, 180, 240, 300, 480, 900, np.inf]
    told = places[places["first_s"].notna()]
    wanted = [
        told["people"][(told["first_s"] > low) & (told["first_s"] <= high)].sum()
        for low, high in itertools.pairwise(ends)
    ]
    wanted += [places["people"][places["first_s"].isna()].sum(), places["people"].sum()]
    shown = [row[1] for row in next(s for n, s in sheets.items() if "coverage" in n).rows() if len(row) == 3]
    assert shown[1:] == [f"{people:,.0f}" for people in wanted]


def test_the_figures_of_each_town_are_its_own(written: dict[str, Path], sheets: dict[str, SheetRead]) -> None:
    towns = pd.read_csv(written["atlas.pdf"].with_name("zones.csv"))
    for town in towns[towns["name"].isin([name[9:-4] for name in sheets])].itertuples():
        sheet = next(sheet for name, sheet in sheets.items() if name[9:-4] == town.name)
        told = dict(row for row in sheet.rows() if len(row) == 2)
        assert told["人口"] == f"{town.people:,.0f}"
        assert told["时限内到达的人口"] == f"{town.people_covered:,.0f}"
        assert told["人口覆盖率"] == percent(town.share_people)
        assert sheet.texts("title")[0] == town.name


def test_the_overview_numbers_the_towns_as_their_pages(sheets: dict[str, SheetRead]) -> None:
    labels = [text for text, *_ in next(iter(sheets.values())).labels()]
    matches = [match for text in labels if (match := re.fullmatch(r"(.+)（图 (\d+)）", text))]
    numbered = {match[1]: match[2] for match in matches}
    assert len(numbered) >= 15
    for town, number in numbered.items():
        assert page_of(sheets, f"-{town}.svg") == int(number)


def test_what_was_left_out_is_said(sheets: dict[str, SheetRead]) -> None:
    """枕云镇 has 39 villages and 11 stations nearby: those without a name on the map are counted."""
    sheet = next(sheet for name, sheet in sheets.items() if "枕云镇" in name)
    labels = {text for text, *_ in sheet.labels()}
    notes = "".join(sheet.texts("notes"))
    assert len(labels) < 60
    assert ("个名称因位置不足未标注" in notes) == bool(re.search(r"有 \d+ 个名称", notes))


def test_a_scenario_that_changes_nothing_says_so(sheets: dict[str, SheetRead]) -> None:
    """Without the bridge the island has its own station: nobody loses the time limit."""
    notes = "".join(sheet for sheet in sheets[next(n for n in sheets if "difference" in n)].texts("notes"))
    assert "都没有变化" in notes


def test_svg_has_no_element_that_does_anything(sheets: dict[str, SheetRead]) -> None:
    for sheet in sheets.values():
        assert sheet.tags <= TAGS
        links = [key for each in sheet.root.iter() for key in each.attrib if "href" in key or key[:2] == "on"]
        assert not links


def test_the_record_lists_the_files_with_their_hashes(written: dict[str, Path]) -> None:
    record = json.loads(written["atlas.pdf"].with_name("atlas.json").read_text(encoding="utf-8"))
    assert set(record["written"]["files"]) == set(written)
    assert record["written"]["by"] == "geo atlas"
