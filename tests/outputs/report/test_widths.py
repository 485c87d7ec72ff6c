"""Columns of a printed table: no heading is set sign below sign."""

from __future__ import annotations

from geo.outputs.report.content import Table
from geo.outputs.report.widths import column_widths


def test_a_heading_of_seven_signs_over_a_figure_has_three_lines() -> None:
    """达标的次数比例 over "0%": three signs a line and the edge, 4 signs; a name of 19 signs has its 20."""
    table = Table("", ("名称", "达标的次数比例", "序"), (("很" * 19, "0%", "1"),), ("left", "right", "right"))
    assert column_widths(table) == [20.0, 4.0, 2.6]


def test_a_heading_of_english_words_breaks_no_word() -> None:
    table = Table("", ("Name", "Unreachable people"), (("x", "0"),), ("left", "right"))
    assert column_widths(table)[1] >= 0.58 * len("Unreachable")
