"""Archives that cannot be read, each kind by itself; and faults of our own, which are never told as such."""

from __future__ import annotations

import errno
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt

from geo.errors import FileError, InfeasibleError
from geo.layers import _zip as archives
from geo.layers import extract_zip, read_layer, zip_names
from geo.layers._formats import kml, unseen, workbooks
from geo.layers._formats.asked import Asked
from geo.layers._zip import check_zip, open_zip, read_blocks, read_part
from geo.messages import Message

MARKS = "".join(
    f"<Placemark><Point><coordinates>{121 + i / 1000},31.5</coordinates></Point></Placemark>"
    for i in range(40)
)
KML = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{MARKS}</Document></kml>'
WGS84 = {"crs": "EPSG:4326"}


def packed(method: int = zipfile.ZIP_DEFLATED, name: str = "doc.kml", text: str = KML) -> bytearray:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        archive.writestr(name, text)
    return bytearray(held.getvalue())


def in_directory(data: bytearray, at: int, form: str, value: int) -> bytearray:
    """Write a number into the directory of an archive."""
    struct.pack_into(form, data, data.rfind(b"PK\x01\x02") + at, value)
    return data


def in_stream(data: bytearray) -> bytearray:
    """Turn bytes in the packed stream, which follows thirty bytes and the name."""
    start = 30 + len("doc.kml") + 20
    for i in range(start, start + 40):
        data[i] ^= 0xFF
    return data


BROKEN: dict[str, tuple[Callable[[], bytearray], type[BaseException]]] = {
    "cut off": (lambda: packed()[:-30], zipfile.BadZipFile),
    "no archive": (lambda: bytearray(b"PK\x03\x04 and nothing more"), zipfile.BadZipFile),
    "a sum that does not fit": (lambda: in_directory(packed(), 16, "<I", 1), zipfile.BadZipFile),
    "a stream of Deflate": (lambda: in_stream(packed()), zlib.error),
    "a stream of bzip2": (lambda: in_stream(packed(zipfile.ZIP_BZIP2)), OSError),
    "a stream of LZMA": (lambda: in_stream(packed(zipfile.ZIP_LZMA)), lzma.LZMAError),
    "a place behind the end": (lambda: in_directory(packed(), 42, "<I", 10**6), zipfile.BadZipFile),
    "a name in no letters": (
        lambda: in_directory(in_directory(packed(), 8, "<H", 0x800), 46, "<H", 0xFFFF),
        UnicodeDecodeError,
    ),
    "Deflate64 of Windows": (lambda: in_directory(packed(), 10, "<H", 9), NotImplementedError),
    "a version to come": (lambda: in_directory(packed(), 6, "<H", 99), NotImplementedError),
}
"""How an archive is broken, and what comes out of the library; the directory says how a file is packed."""


@pytest.mark.parametrize("ending", [".kmz", ".zip"])
@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_archive_is_told_with_a_way_out(tmp_path: Path, how: str, ending: str) -> None:
    make, cause = BROKEN[how]
    path = tmp_path / f"消防站{ending}"
    path.write_bytes(make())
    with pytest.raises(FileError) as told:
        read_layer(path, **WGS84)
    message = told.value.args[0]
    is_packing = cause is NotImplementedError
    assert message.key == ("layers.zip_packing" if is_packing else "layers.zip_damaged")
    assert type(told.value.__cause__) is cause
    assert told.value.say("zh").startswith("消防站" + ending)
    assert ("解压" if is_packing else "重新复制") in told.value.say("zh")


@pytest.mark.parametrize("how", ["a sum that does not fit", "a stream of Deflate", "Deflate64 of Windows"])
@pytest.mark.parametrize("ending", [".xlsx", ".ods"])
def test_so_is_a_broken_workbook(tmp_path: Path, how: str, ending: str) -> None:
    path = tmp_path / f"人口{ending}"
    data = BROKEN[how][0]()
    other = {".xlsx": b"all.xml", ".ods": b"all.xml"}[ending]
    path.write_bytes(data.replace(b"doc.kml", other))
    with pytest.raises(FileError) as told:
        read_layer(path, geometry="none")
    assert told.value.args[0].key in ("layers.zip_packing", "layers.zip_damaged", "layers.workbook_damaged")
    assert path.name in str(told.value)


def test_a_whole_archive_is_read_in_every_way_of_packing_that_is_known(tmp_path: Path) -> None:
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        path = tmp_path / f"{method}.kmz"
        path.write_bytes(packed(method))
        check_zip(path)
        assert zip_names(path) == ["doc.kml"]
        with open_zip(path) as archive:
            assert read_part(archive, "doc.kml") == KML.encode()
        assert len(read_layer(path).table) == 40


def test_what_the_disk_refuses_is_no_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileNotFoundError):
        open_zip(tmp_path / "a.zip")
    path = tmp_path / "b.zip"
    path.write_bytes(packed())

    def fail(*_: object) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    with open_zip(path) as archive:
        monkeypatch.setattr(zipfile.ZipExtFile, "read", fail)
        with pytest.raises(OSError, match="Input/output error") as told:
            read_part(archive, "doc.kml")
    assert not isinstance(told.value, FileError)


OURS = (
    InfeasibleError(Message("layers.no_bytes", {"file": "a"})),
    *(RuntimeError("a"), NotImplementedError("a"), ValueError("a"), EOFError("a")),
    *(zlib.error("a"), zipfile.BadZipFile("a")),
)
"""Whatever our own code raises while an archive is open, of the kinds that libraries raise too."""


@pytest.mark.parametrize("fault", OURS, ids=lambda fault: type(fault).__name__)
def test_a_fault_of_our_own_is_not_told_as_a_damaged_file(tmp_path: Path, fault: Exception) -> None:
    path = tmp_path / "a.kmz"
    path.write_bytes(packed())

    def fail_in_files() -> None:
        with kml._files(path) as files:
            assert files["doc.kml"]() == KML.encode()
            raise fault

    def fail_between_blocks() -> None:
        with open_zip(path) as archive:
            for _ in read_blocks(archive, "doc.kml"):
                raise fault

    for fail in (fail_in_files, fail_between_blocks):
        with pytest.raises(type(fault)) as told:
            fail()
        assert told.value is fault


@pytest.mark.parametrize("fault", OURS, ids=lambda fault: type(fault).__name__)
def test_nor_while_an_archive_is_unpacked(
    tmp_path: Path, fault: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(packed())
    monkeypatch.setattr(archives, "_right_name", raising(fault))
    with pytest.raises(type(fault)) as told:
        extract_zip(path, tmp_path)
    assert told.value is fault


def write_xlsx(path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["名称", "经度", "纬度"], ["甲村", 121.4, 31.6]):
        book.worksheets[0].append(row)
    book.save(path)


def write_xls(path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("村")
    for c, (header, cell) in enumerate({"名称": "甲村", "经度": 121.4, "纬度": 31.6}.items()):
        sheet.write(0, c, header)
        sheet.write(1, c, cell)
    book.save(str(path))


def raising(fault: Exception) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> None:
        raise fault

    return fail


@pytest.mark.parametrize("fault", [*OURS, KeyError("a")], ids=lambda fault: type(fault).__name__)
@pytest.mark.parametrize(
    ("write", "name", "read"),
    [
        (write_xlsx, "_choose_page", workbooks.read_workbook),
        (write_xlsx, "_cell_text", workbooks.read_workbook),
        (write_xlsx, "find_merged", workbooks.read_workbook),
        (write_xls, "_choose_page", workbooks.read_old_workbook),
        (write_xls, "_cell_text", workbooks.read_old_workbook),
    ],
)
def test_nor_while_a_workbook_is_read(
    tmp_path: Path,
    fault: Exception,
    write: Callable[[Path], None],
    name: str,
    read: Callable[[Path, Asked], object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / ("a.xlsx" if write is write_xlsx else "a.xls")
    write(path)
    read(path, Asked())
    monkeypatch.setattr(workbooks, name, raising(fault))
    with pytest.raises(type(fault)) as told:
        read(path, Asked())
    assert told.value is fault


def test_what_a_broken_workbook_hides_is_not_known(tmp_path: Path) -> None:
    path = tmp_path / "a.ods"
    path.write_bytes(in_stream(packed()).replace(b"doc.kml", b"all.xml"))
    assert unseen.find_unseen(path, 0, 1) is None
    path.write_bytes(in_stream(packed(name="content.xml")))
    assert unseen.find_unseen(path, 0, 1) is None


@pytest.mark.parametrize("name", ["con.csv", "data/NUL.csv", "data/a:b.csv", "a.csv ", "what?.csv"])
def test_what_is_no_name_of_a_file_on_windows_is_refused_there_alone(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """con.csv would be written to the console, and a:b.csv as a hidden stream of a."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "lon,lat\n121,31\n")
    (tmp_path / "out").mkdir()
    monkeypatch.setattr("geo.layers._zip._IS_WINDOWS", True)
    with pytest.raises(FileError, match="no name of a file on Windows"):
        extract_zip(path, tmp_path / "out")
    monkeypatch.setattr("geo.layers._zip._IS_WINDOWS", False)
    assert len(extract_zip(path, tmp_path / "out")) == 1
