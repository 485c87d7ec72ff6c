"""People on a map or in a figure by one column, in the language of the view."""

from __future__ import annotations

import dataclasses
import re

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.errors import InputError
from geo.maps import PeopleView, explore_people, plot_people

CRS = "EPSG:32651"


def view(lang: str = "zh") -> PeopleView:
    """Five places at 100 m steps: reached after 100, 200 and 400 s, two of them never."""
    at = [shapely.Point(350_000 + 100 * i, 3_500_000) for i in range(5)]
    first = [100.0, 200.0, 400.0, np.inf, np.inf]
    table = gpd.GeoDataFrame(
        {
            "name": list("甲乙丙丁戊"),
            "people": [10.0, 20.0, 30.0, 40.0, 0.0],
            "zone": ["西镇", "西镇", "西镇", "东镇", None],
            "first_s": first,
            "first_id": ["站", "站", "站", None, None],
            "n_in_time": [2, 1, 0, 0, 0],
            "is_covered": [True, True, False, False, False],
            "reason": ["", "", "", "island", "too far"],
            "second_s": [300.0, np.nan, np.nan, np.nan, np.nan],
        },
        geometry=at,
        crs=CRS,
    )
    stations = gpd.GeoDataFrame({"name": ["站"], "status": ["existing"]}, geometry=at[:1], crs=CRS)
    line = shapely.LineString([at[0], at[-1]])
    roads = gpd.GeoDataFrame({"highway": ["residential"]}, geometry=[line], crs=CRS)
    return PeopleView(table, stations, roads, (180.0, 300.0), 300.0, "计时", "© 某单位", lang)  # type: ignore[arg-type]


def page(column: str, lang: str = "zh", **options: object) -> str:
    return str(explore_people(view(lang), column, **options).get_root().render())  # type: ignore[arg-type]


def test_bands_are_drawn_with_words_and_credit_and_without_a_network() -> None:
    drawn = page("band", attr="© 我")
    for word in ("≤ 3 分钟", "不可达", "© 某单位 · © 我"):
        assert word in drawn
    assert not re.search(r"<script src=|https://cdn", drawn)
    assert "≤ 3 min" in page("band", "en")


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("column", "classes"),
    [
        ("n_in_time", ["0", "1", "2"]),
        ("zone", ["东镇", "西镇", "—"]),
        ("is_covered", ["否", "是"]),
        ("reason", ["所在道路与消防站不连通", "离道路过远", "—"]),
        ("first_s", ["1分40秒", "3分20秒", "6分40秒", "不可达"]),
        ("second_s", ["5分钟", "—"]),
    ],
)
def test_any_column_has_its_classes(column: str, classes: list[str]) -> None:
    ax = plot_people(view(), column)
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == [*classes, "消防站"]
    drawn = page(column)
    assert all(f'"label":"{word}"' in drawn.replace('": "', '":"') for word in classes)


@pytest.mark.thorough
def test_numbers_fall_into_classes_of_equal_size() -> None:
    ax = plot_people(view(), "people", k=2, legend_kwds={"title": "题"})
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["0人 – 20人", "30人 – 40人", "消防站"]
    assert ax.get_legend().get_title().get_text() == "题"


@pytest.mark.thorough
def test_a_figure_takes_what_geopandas_takes() -> None:
    import matplotlib.pyplot as plt

    _, own = plt.subplots()
    options = {"cmap": ["#112233"], "markersize": 7, "alpha": 0.5, "legend": False, "title": "题"}
    ax = plot_people(view(), "zone", ax=own, **options)  # type: ignore[arg-type]
    assert ax is own
    assert ax.get_legend() is None
    assert ax.get_title() == "题"
    points = [part for part in ax.collections if getattr(part, "get_sizes", list)()[:1] == [7]]
    assert {tuple(np.round(part.get_facecolor()[0], 3)) for part in points} == {(0.067, 0.133, 0.2, 0.5)}
    assert plot_people(view(), "zone", cmap="viridis", figsize=(3, 2)).figure.get_size_inches().tolist() == [
        3,
        2,
    ]


@pytest.mark.parametrize(
    ("column", "options", "told"),
    [
        ("heads", {}, "no column heads"),
        ("geometry", {}, "no column geometry"),
        ("zone", {"cmap": "no such"}, "no colour map"),
        ("people", {"k": 0}, "1 to 12"),
        ("zone", {"tooltip": ["heads"]}, "no column heads"),
    ],
)
def test_what_is_not_there_is_told(column: str, options: dict[str, object], told: str) -> None:
    with pytest.raises(InputError, match=told):
        explore_people(view(), column, **options)  # type: ignore[arg-type]


def test_nobody_is_drawn_too() -> None:
    empty = dataclasses.replace(view(), table=view().table.iloc[:0])
    assert plot_people(empty, "people").get_legend() is not None
    assert "消防站" in str(explore_people(empty, "people").get_root().render())


@pytest.fixture(autouse=True)
def _no_windows() -> None:
    import matplotlib as mpl

    mpl.use("Agg")
