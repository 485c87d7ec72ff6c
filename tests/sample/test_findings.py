"""The findings of the sample: every word there in both languages, every layer on the map switches."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest

from geo.maps import room_layers
from geo.study import StudyResult
from geo.words import LANGS


def test_each_finding_has_its_words_and_columns(sample_run: tuple[StudyResult, Path]) -> None:
    result, _ = sample_run
    assert result.findings
    lacking = []
    for name, found in result.findings.items():
        style = found.style
        if style is None or not isinstance(found.table, gpd.GeoDataFrame):
            continue
        known = {*found.table.columns, found.table.index.name}
        wanted = [*style.columns, *filter(None, (style.by, style.label))]
        lacking += [f"{name}: no column {column}" for column in wanted if column not in known]
        lacking += [  # a Chinese word never is the column's own name
            f"{name}: column_{column}"
            for column in style.columns
            if room_layers.column_label(found.words, column, lang="zh") == column
        ]
        lacking += [
            f"{name}: class_{word} in {lang}"
            for lang in LANGS
            for word in (style.roles if style.by else ())
            if word and room_layers.class_label(found.words, word, lang=lang) is None
        ]
    assert not lacking


@pytest.mark.browser
def test_each_layer_of_the_sample_switches_on(sample_run: tuple[StudyResult, Path], open_page) -> None:
    result, folder = sample_run
    page = open_page(folder / "map.html", width=1400, height=900).page
    boxes = page.locator("input[data-layer^=finding_]")
    page.evaluate("() => document.querySelectorAll('.geo-group').forEach(group => { group.open = true; })")
    count = "() => { let n = 0; map_coverage.eachLayer(l => { n += l.row !== undefined; }); return n; }"
    for box in boxes.all():
        name = box.get_attribute("data-layer").removeprefix("finding_")
        if box.is_checked():
            box.click()
        before = page.evaluate(count)
        box.click()
        there = result.findings[name].table.geometry.notna().sum()
        assert (page.evaluate(count) > before) == (there > 0), name
        box.click()
    for link in page.locator(".geo-link").all():
        link.click()


def test_places_of_targets_are_layers_of_the_map(sample_run: tuple[StudyResult, Path]) -> None:
    result, _ = sample_run
    assert result.targets is not None
    drawn = {name for name, found in result.findings.items() if found.style is not None}
    named = set(result.targets["places"]) - {""}
    assert named <= drawn | {"gaps", "stations"}
