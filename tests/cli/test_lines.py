"""Lines of a terminal: folded where Chinese may break, never wider, nothing lost."""

from __future__ import annotations

import io
import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.cli._lines import Folding, fold, lay_out, short_name, short_runs

SIGNS = "人口时限内（）。，、12,560 %abc geo"


def cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


@given(text=st.text(SIGNS, max_size=120), width=st.integers(12, 60))
def test_nothing_is_lost_and_no_line_is_wider_than_its_longest_piece(text: str, width: int) -> None:
    lines = fold(text, width)
    assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", text)
    for line in lines:
        assert cells(line) <= width or not re.search(r"[人口时限内]{2}", line[1:-1].strip("（）。，、"))


@given(text=st.text("人口时限内，。（）12", min_size=1, max_size=200))
def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one(text: str) -> None:
    lines = fold(f"人{text}人", 40)
    assert not [line for line in lines[1:] if line[0] in "，。）"]
    assert not [line for line in lines[:-1] if line[-1] == "（"]


def test_a_number_stays_with_its_unit() -> None:
    assert fold("时限内到达的人口减少 1,580 人；另有", 26) == ["时限内到达的人口减少", "1,580 人；另有"]


def test_the_cells_of_a_table_stand_under_each_other() -> None:
    lines = lay_out([("名称", "很长的一段话，要折成两行。"), ("a", "b", "c")], width=24, margin="  ")
    assert lines == ["  名称  很长的一段话，要", "        折成两行。", "  a     b             c"] or all(
        cells(line) <= 24 for line in lines
    )
    assert lay_out([], width=40) == []


@pytest.mark.parametrize(
    ("line", "n_lines"),
    [
        ("下一步：geo run " + "很长的文件夹名" * 10 + "/study.toml", 1),
        ("\x1b[1m" + "粗体" * 40 + "\x1b[0m", 1),
        ("/a/path/without/blanks/" + "x" * 100, 1),
        ("一句很长的话，" * 12, 3),
    ],
)
def test_a_terminal_gets_folded_lines_but_whole_commands_and_paths(
    line: str, n_lines: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    page = io.StringIO()
    stream: Any = Folding(page)
    print(line, file=stream)
    assert len(page.getvalue().splitlines()) == n_lines
    assert page.getvalue().endswith("\n")
    assert re.sub(r"\s", "", page.getvalue()) == re.sub(r"\s", "", line)


def test_a_name_without_end_is_cut_and_a_path_or_a_hash_is_not() -> None:
    told = short_runs(f"乡镇“{'很' * 1000}”重名，见 {'y' * 1000}")
    assert told == f"乡镇“{'很' * 59}…”重名，见 {'y' * 59}…"
    for text in ("/data/" + "x" * 200, "x" * 200 + "/study.toml", "f" * 64, "时" * 80, "两句，" * 60):
        assert short_runs(text) == text
    assert short_name("长" * 60) == "长" * 60  # the limit itself
    assert short_name("长 " * 500) == ("长 " * 30)[:59] + "…"
