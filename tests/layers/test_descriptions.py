"""Columns that stand in the descriptions of placemarks, as Ovital, Google Earth and ArcGIS write them."""

from __future__ import annotations

import zipfile
from html import escape
from pathlib import Path

import pytest

from geo.layers import LayerRead, read_layer
from geo.layers._formats.descriptions import read_description

ARCGIS = (
    '<html><head><style>td{color:red}</style></head><body><table border="1"><tr><td>城桥站</td></tr><tr><td>'
    "<table><tr><td>FID</td><td>3</td></tr><tr bgcolor='#D4E4F3'><td>类别</td><td>消防站</td></tr>"
    "<tr><td>人员</td><td>25</td></tr><tr><td>备注</td><td>&lt;Null&gt;</td></tr></table></td></tr></table></body></html>"
)
"""A balloon of ArcGIS: a caption, and a table in a table."""


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("类别：消防站\n人员：25", {"类别": "消防站", "人员": "25"}),
        ("类别: 消防站\r\n\r\n人员: 25\r\n", {"类别": "消防站", "人员": "25"}),
        ("kind=fire station\ncrews=2", {"kind": "fire station", "crews": "2"}),
        ("类别\t消防站\n人员\t25", {"类别": "消防站", "人员": "25"}),
        ("<b>类别:</b> 消防站<br/><b>人员:</b> 25", {"类别": "消防站", "人员": "25"}),
        (
            "<ul><li><strong>类别：</strong>消防站</li><li>人员：25</li></ul>",
            {"类别": "消防站", "人员": "25"},
        ),
        ("<dl><dt>类别</dt><dd>消防站</dd><dt>人员</dt><dd>25</dd></dl>", {"类别": "消防站", "人员": "25"}),
        ("<p>类别：消防站</p><p>人员：25</p>", {"类别": "消防站", "人员": "25"}),
        ("类别：消防站；人员：25；面积：1,200", {"类别": "消防站", "人员": "25", "面积": "1,200"}),
        ("类别：消防站，人员：25", {"类别": "消防站", "人员": "25"}),
        ("<h3>城桥站</h3>类别：消防站<br>人员：25", {"类别": "消防站", "人员": "25"}),
        (
            "<table><tr><th>类别</th><td>消防站</td></tr><tr><th>人员</th><td>25</td></tr></table>",
            {"类别": "消防站", "人员": "25"},
        ),
        (
            "<table><tr><th>类别</th><th>人员</th><th>电话</th></tr>"
            "<tr><td>消防站</td><td>25</td><td></td></tr></table>",
            {"类别": "消防站", "人员": "25", "电话": ""},
        ),
        ("<table><tr><td>类别: </td><td>消防站</td></tr></table>", {"类别": "消防站"}),
        ("<TABLE><TR><TD colspan=2>城桥站<TR><TD>类别<TD>消防站</TABLE>", {"类别": "消防站"}),
        (ARCGIS, {"FID": "3", "类别": "消防站", "人员": "25", "备注": ""}),
        (
            "值班时间：08:00-20:00\n网址：http://119.example.cn",
            {"值班时间": "08:00-20:00", "网址": "http://119.example.cn"},
        ),
    ],
)
def test_tables_and_lines_are_columns(text: str, columns: dict[str, str]) -> None:
    assert read_description(text) == columns


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "镇政府北侧，门前可停三辆车。",
        "类别：消防站\n门前可停三辆车。",
        "门前可停三辆车。\n类别：消防站",
        "08:00-20:00",
        "https://example.org/a?b=c",
        "121.4:31.6",
        "类别：消防站\n类别：微型站",  # which one?
        "<img src='a.jpg'/>",
        "<a href='http://x.cn'>照片</a>",
        # Several rows of values: a table of another thing than the place.
        "<table><tr><th>年</th><th>火灾</th><th>人</th></tr><tr><td>1</td><td>2</td><td>3</td></tr>"
        "<tr><td>1</td><td>2</td><td>3</td></tr></table>",
        "<table><tr><td>年</td><td>2</td></tr><tr><td>1</td><td>2</td><td>3</td></tr></table>",
        "<table><tr><td>无闭合",
        "名称：城桥站<br>据说：这里以前是站，后来搬走了。现在的站在南门！<br>没有了",
    ],
)
def test_texts_stay_texts(text: str) -> None:
    assert read_description(text) == {}


def kml(*descriptions: str, data: str = "") -> str:
    marks = "".join(
        f"<Placemark><name>站{i}</name><description>{escape(text)}</description>{data}"
        f"<Point><coordinates>{121.4 + i / 100},31.6,0</coordinates></Point></Placemark>"
        for i, text in enumerate(descriptions)
    )
    return f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{marks}</Document></kml>'


def read(folder: Path, text: str, name: str = "a.kml") -> LayerRead:
    if name.endswith(".kmz"):
        with zipfile.ZipFile(folder / name, "w") as archive:
            archive.writestr("doc.kml", text)
    else:
        (folder / name).write_text(text, encoding="utf-8")
    return read_layer(folder / name)


@pytest.mark.parametrize("name", ["a.kml", "a.kmz"])
def test_the_columns_are_those_of_the_layer_and_told(tmp_path: Path, name: str) -> None:
    layer = read(
        tmp_path, kml("隶属：城桥镇<br>人员：25", ARCGIS.replace("类别", "隶属"), "在镇政府北侧。"), name
    )
    table = layer.table
    assert table["隶属"].tolist()[:2] == ["城桥镇", "消防站"]
    assert table["隶属"].isna().tolist() == [False, False, True]
    assert table["description"].tolist()[2] == "在镇政府北侧。"
    (told,) = [note for note in layer.report.notes if note.key == "layers.kml_described"]
    assert (told.values["n"], told.values["n_marks"]) == (2, 3)
    assert "隶属" in told.say("zh")


def test_extended_data_wins_over_the_description(tmp_path: Path) -> None:
    data = '<ExtendedData><Data name="隶属"><value>新河镇</value></Data></ExtendedData>'
    layer = read(tmp_path, kml("隶属：城桥镇\n网格：7", data=data))
    assert layer.table["隶属"].tolist() == ["新河镇"]
    assert layer.table["网格"].tolist() == [7.0]


def test_people_of_descriptions_are_people(tmp_path: Path) -> None:
    layer = read(tmp_path, kml("常住人口：1,200人\n户数：400", "常住人口：800\n户数：260"))
    assert layer.table["people"].tolist() == [1200.0, 800.0]
