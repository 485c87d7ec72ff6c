"""Columns of a printed table: no heading is set sign below sign."""

from __future__ import annotations

from geo.outputs.report.content import Table
from geo.outputs.report.excerpts import cited_once
from geo.outputs.report.widths import column_widths


def test_a_heading_of_seven_signs_over_a_figure_has_three_lines() -> None:
    """达标的次数比例 over "0%": three signs a line and the edge, 4 signs; a name of 19 signs has its 20."""
    table = Table("", ("名称", "达标的次数比例", "序"), (("很" * 19, "0%", "1"),), ("left", "right", "right"))
    assert column_widths(table) == [20.0, 4.0, 2.6]


def test_a_heading_of_english_words_breaks_no_word() -> None:
    table = Table("", ("Name", "Unreachable people"), (("x", "0"),), ("left", "right"))
    assert column_widths(table)[1] >= 0.58 * len("Unreachable")


def test_a_long_text_that_comes_again_stands_once_below_its_table() -> None:
    standard = "城市消防规划规范与城市消防站建设标准" * 2 + "。"  # 37 signs
    rows = (("甲站", standard), ("乙站", "GB 51080"), ("丙站", standard), ("丁站", "只出现一次的长文字" * 5))
    told = cited_once(Table("", ("名称", "标准"), rows, ("left", "left"), note="列出前 4 行。"), lang="zh")
    assert [row[1] for row in told.rows] == ["见注 1", "GB 51080", "见注 1", "只出现一次的长文字" * 5]
    assert told.note == f"注 1：{standard} 列出前 4 行。"
