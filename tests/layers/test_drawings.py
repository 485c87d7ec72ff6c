"""Chinese drawings of each release of DXF: layers, blocks, tags and values, as CAD programs write them."""

from __future__ import annotations

from pathlib import Path

import pytest
from ezdxf.filemanagement import new as new_drawing

from geo.errors import FileError
from geo.layers import read_layer

AT = (621_000.0, 3_441_000.0)
CRS = "EPSG:4549"


def drawing(path: Path, *, version: str, encoding: str) -> Path:
    """Draw one road, and one station as a block with attributes."""
    made = new_drawing(version)
    made.encoding = encoding
    for layer in ("主干路", "消防站"):
        made.layers.add(layer)
    block = made.blocks.new("消防站块")
    block.add_circle((0, 0), 5)
    space = made.modelspace()
    space.add_line(AT, (AT[0] + 500, AT[1]), dxfattribs={"layer": "主干路"})
    drawn = space.add_blockref("消防站块", AT, dxfattribs={"layer": "消防站"})
    drawn.add_attrib("站名", "云泽消防救援站", AT)
    drawn.add_attrib("备注", "一级站", AT)
    made.saveas(path)
    return path


@pytest.mark.parametrize(
    ("version", "encoding"),
    [
        ("R12", "gbk"),
        ("R2000", "gbk"),
        ("R2000", "cp936"),  # ezdxf states ANSI_1252 for it: the texts say what they are
        ("R2000", "cp1252"),  # saved on a Western system: each Chinese letter is \U+XXXX
        ("R2004", "gbk"),
        ("R2007", "utf-8"),
        ("R2018", "utf-8"),
    ],
)
def test_layers_blocks_tags_and_values_are_read(tmp_path: Path, version: str, encoding: str) -> None:
    path = drawing(tmp_path / "现状图.dxf", version=version, encoding=encoding)
    table = read_layer(path, crs=CRS, columns={"name": "站名"}).table
    assert table["Layer"].tolist() == ["主干路", "消防站"]
    station = table.iloc[1]
    assert (station["Block"], station["name"], station["备注"]) == ("消防站块", "云泽消防救援站", "一级站")


def test_letters_of_another_code_page_are_read(tmp_path: Path) -> None:
    # \M+5 is the code page 936: D2BB is 一. What stands for no letter stays as it is.
    path = drawing(tmp_path / "a.dxf", version="R2000", encoding="cp1252")
    data = path.read_bytes().replace(rb"\U+4e00\U+7ea7\U+7ad9", rb"\M+5D2BB\U+7ea7\U+000A")
    path.write_bytes(data)
    table = read_layer(path, crs=CRS, columns={"name": "站名"}).table
    assert table["备注"].tolist()[1] == r"一级\U+000A"


def test_an_encoding_that_is_asked_for_holds(tmp_path: Path) -> None:
    path = drawing(tmp_path / "a.dxf", version="R2000", encoding="gbk")
    table = read_layer(path, crs=CRS, encoding="gbk", columns={"name": "站名"}).table
    assert table["Layer"].tolist()[0] == "主干路"
    with pytest.raises(FileError, match="utf-8"):
        read_layer(path, crs=CRS, encoding="utf-8")
