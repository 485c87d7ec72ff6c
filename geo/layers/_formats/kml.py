"""KML and KMZ: all placemarks in order, with the path of their folders and columns under their own names."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import pandas as pd

from geo.errors import FileError, InputError
from geo.layers._formats.asked import Asked
from geo.layers._formats.gdal import read_features
from geo.layers._formats.xml_text import parse_xml, read_xml
from geo.layers._zip import check_zip
from geo.layers.report import RawLayer
from geo.messages import Message

__all__ = ["read_kml"]

_KML: Final = "http://www.opengis.net/kml/2.2"
_GX: Final = "http://www.google.com/kml/ext/2.2"
_HOLDERS: Final = ("Document", "Folder")
_FOLDER: Final = "own_folder"
_NAMED: Final = ("Data", "SimpleData", "SimpleField", "SimpleArrayField", "SimpleArrayData")


def read_kml(path: Path, asked: Asked) -> RawLayer:
    """Read all placemarks of a KML or KMZ, or those of the folder that is named as layer.

    GDAL reads one folder at a time, by a name that several folders may bear, and writes _ for each byte of a
    column name that is no ASCII letter or digit: 人口 and 面积 become one column. So it is given one flat
    document with plain names and the folder as a column; the names are put back after reading.

    Raises
    ------
    FileError
        It is no KML, is damaged, or has no such folder.
    InputError
        It has no placemarks.
    """
    data, inner = _content(path, asked.layer)
    text, encoding = read_xml(data, frozenset({"kml"}), path.name, encoding=asked.encoding)
    root = parse_xml(text, path.name)
    for element in root.iter():
        element.tag = _plain_tag(element.tag)
    marks = list(_placemarks(root, ()))
    if not marks and next(root.iter("NetworkLink"), None) is not None:
        raise FileError(Message("layers.kml_linked", {"file": path.name}))
    folders = sorted({"/".join(way) for _, way in marks if way})
    layer = None if inner == asked.layer else asked.layer
    if layer is not None:
        names = {layer} if layer in _names(root, folders) else set()
        if not names:
            raise FileError(
                f"{path.name} has no layer {layer!r}; its layers are {', '.join(folders) or '(none)'}"
            )
        of_layer = [(mark, way) for mark, way in marks if layer in way or "/".join(way) == layer]
        marks = of_layer if folders and any(layer in way for way in map(_parts, folders)) else marks
    if not marks:
        raise InputError(f"{path.name} is empty: it has no rows")
    flat, headers, is_from_html = _flatten(root, marks)
    frame = read_features(ElementTree.tostring(flat, encoding="utf-8"), path.name, ("LIBKML", "KML"), layer=0)
    if len(frame) != len(marks):
        raise FileError(
            f"{path.name} cannot be read: {len(frame)} of its {len(marks)} placemarks were understood"
        )
    frame = _rename(frame, headers)
    notes: list[Message] = []
    if len(folders) > 1:
        notes.append(Message("layers.folders_read", {"n": len(folders), "names": ", ".join(folders)}))
    if is_from_html:
        notes.append(Message("layers.kml_html"))
    return RawLayer(frame, "KML", encoding, crs=frame.crs, notes=tuple(notes))


def _content(path: Path, layer: str | None) -> tuple[bytes, str]:
    """Give the KML, and its name within a KMZ that holds several."""
    if path.suffix.casefold() != ".kmz":
        return path.read_bytes(), ""
    check_zip(path)
    try:
        with zipfile.ZipFile(path) as archive:
            inside = [name for name in archive.namelist() if name.casefold().endswith(".kml")]
            main = [name for name in inside if PurePosixPath(name).name.casefold() == "doc.kml"] or inside
            named = [name for name in inside if layer in {name, PurePosixPath(name).stem}]
            chosen = named or (main if len(main) == 1 else inside)
            if len(chosen) == 1:
                return archive.read(chosen[0]), str(layer) if named else ""
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError) as error:
        raise FileError(f"{path.name} is damaged or cut off: {error}") from error
    if not inside:
        raise FileError(f"{path.name} holds no .kml")
    raise FileError(f'{path.name} holds several layers: {", ".join(inside)}; choose with layer = "..."')


def _plain_tag(tag: str) -> str:
    """Put elements of any version of KML, or of none, under the version that GDAL reads."""
    space, _, name = tag[1:].partition("}") if tag.startswith("{") else ("", "", tag)
    if space == _GX or space == "urn:undeclared:gx":
        return f"gx:{name}"
    is_kml = not space or "kml/2" in space or "earth.google.com/kml" in space
    return name if is_kml else tag


def _placemarks(element: Element, way: tuple[str, ...]) -> Iterator[tuple[Element, tuple[str, ...]]]:
    for child in element:
        if child.tag == "Placemark":
            yield child, way
        elif child.tag in _HOLDERS:
            own = (child.findtext("name") or "").strip().replace("/", "／")
            # The outermost document is the file, no folder in it.
            is_folder = child.tag == "Folder" or element.tag != "kml"
            yield from _placemarks(child, (*way, own) if is_folder and own else way)


def _names(root: Element, folders: list[str]) -> set[str]:
    """Give all that a layer may be called: the document, a folder, the path of a folder."""
    documents = root.findall("Document")
    of_files = {(document.findtext("name") or "").strip() for document in documents} - {""}
    return of_files | set(folders) | {part for folder in folders for part in _parts(folder)}


def _parts(folder: str) -> list[str]:
    way = folder.split("/")
    return [*way, *("/".join(way[:n]) for n in range(1, len(way) + 1))]


def _flatten(
    root: Element, marks: list[tuple[Element, tuple[str, ...]]]
) -> tuple[Element, dict[str, str], bool]:
    """Make one document of all placemarks, with plain column names; give it and the true names."""
    flat = Element("kml", {"xmlns": _KML, "xmlns:gx": _GX})
    document = SubElement(flat, "Document")
    SubElement(document, "name").text = "layer"
    document.extend(root.iter("Schema"))
    has_folders = any(way for _, way in marks)
    is_from_html = False
    for mark, way in marks:
        data = mark.find("ExtendedData")
        if data is None:
            data = SubElement(mark, "ExtendedData")
            described = _described(mark.findtext("description") or "")
            is_from_html |= bool(described)
            for name, value in described.items():
                _add(data, name, value)
        if has_folders:
            _add(data, _FOLDER, "/".join(way))
        document.append(mark)
    plain: dict[str, str] = {}
    for element in flat.iter():
        if element.tag.removeprefix("gx:") in _NAMED and "name" in element.attrib:
            element.set("name", plain.setdefault(element.get("name", ""), f"own_name_{len(plain)}"))
    return flat, {own: "folder" if name == _FOLDER else name for name, own in plain.items()}, is_from_html


def _add(data: Element, name: str, value: str) -> None:
    entry = SubElement(data, "Data", {"name": name})
    SubElement(entry, "value").text = value


def _rename(frame: pd.DataFrame, headers: dict[str, str]) -> pd.DataFrame:
    """Give the columns their own names; one that GDAL has too gets a number."""
    taken = set(frame.columns) - set(headers)
    names = {}
    for own, header in headers.items():
        name = header if header and header not in taken else f"{header} (2)"
        taken.add(name)
        names[own] = name
    return frame.rename(columns=names)


class _Rows(HTMLParser):
    """The rows of two cells in a description: ArcGIS writes its columns as such a table."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.is_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th") and self.rows:
            self.rows[-1].append("")
            self.is_cell = True

    def handle_endtag(self, tag: str) -> None:
        self.is_cell = self.is_cell and tag not in ("td", "th", "tr")

    def handle_data(self, data: str) -> None:
        if self.is_cell and self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


def _described(description: str) -> dict[str, str]:
    """Give the columns that a description holds as a table of names and values."""
    if "<td" not in description.casefold():
        return {}
    parser = _Rows()
    parser.feed(description)
    pairs = [[cell.strip() for cell in row] for row in parser.rows if len(row) == 2]
    return {name: value for name, value in pairs if name and name not in ("Name", "description")}
