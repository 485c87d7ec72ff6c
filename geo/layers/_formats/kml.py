"""KML and KMZ: all placemarks in order, with the path of their folders and columns under their own names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import pandas as pd

from geo.errors import FileError, InputError
from geo.layers._formats.asked import Asked
from geo.layers._formats.descriptions import read_description
from geo.layers._formats.gdal import read_features
from geo.layers._formats.xml_text import load_xml, parse_xml, read_xml
from geo.layers._zip import check_zip, open_zip, read_part
from geo.layers.report import RawLayer
from geo.messages import Message
from geo.sources import VECTOR_DRIVERS

__all__ = ["read_kml"]

_KML: Final = "http://www.opengis.net/kml/2.2"
_GX: Final = "http://www.google.com/kml/ext/2.2"
_HOLDERS: Final = ("Document", "Folder")
_FOLDER: Final = "own_folder"
_LINKING: Final = ("styleUrl", "Style", "StyleMap", "Model", "Link", "NetworkLink", "atom:link")
"""How a placemark looks, which may stand in another file."""
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
    with _files(path) as files:
        roots, encoding = _roots(path, files, asked)
    marks = [(mark, (*way, *inner)) for root, way in roots for mark, inner in _placemarks(root, ())]
    is_linked = any(next(root.iter("NetworkLink"), None) is not None for root, _ in roots)
    if not marks and is_linked:
        raise FileError(Message("layers.kml_linked", {"file": path.name}))
    folders = sorted({"/".join(way) for _, way in marks if way})
    if asked.layer is not None and asked.layer not in files:
        marks = _of_layer(marks, asked.layer, [root for root, _ in roots], path.name)
    if not marks:
        raise InputError(Message("layers.no_rows", {"file": path.name}))
    described = _describe(marks)
    flat, headers = _flatten([root for root, _ in roots], marks)
    frame = read_features(
        ElementTree.tostring(flat, encoding="utf-8"), path.name, VECTOR_DRIVERS[".kml"], layer=0
    )
    if len(frame) != len(marks):
        raise FileError(
            Message("layers.kml_lost", {"file": path.name, "n": len(frame), "n_marks": len(marks)})
        )
    # Of the columns that every KML has in GDAL, those that are blank would hide the file's own.
    blank = [name for name in frame if name not in ("geometry", *headers) and frame[name].isna().all()]
    frame = _rename(frame.drop(columns=blank), headers)
    notes: list[Message] = []
    if len(folders) > 1:
        notes.append(Message("layers.folders_read", {"n": len(folders), "names": ", ".join(folders)}))
    if described:
        names = tuple(dict.fromkeys(name for columns in described for name in columns))
        values = {"n": len(described), "n_marks": len(marks), "names": names}
        notes.append(Message("layers.kml_described", values))
    if is_linked and len(roots) == 1:
        notes.append(Message("layers.kml_links"))
    return RawLayer(frame, "KML", encoding, crs=frame.crs, notes=tuple(notes))


@contextmanager
def _files(path: Path) -> Iterator[Mapping[str, Callable[[], bytes]]]:
    """Give the KML files of a KMZ, by name and by stem, each to be read when it is wanted."""
    if path.suffix.casefold() != ".kmz":
        yield {}
        return
    check_zip(path)
    with open_zip(path) as archive:
        names = [name for name in archive.namelist() if name.casefold().endswith(".kml")]
        if not names:
            raise FileError(Message("layers.kmz_empty", {"file": path.name}))
        stems = {PurePosixPath(name).stem: partial(read_part, archive, name) for name in names}
        yield stems | {name: partial(read_part, archive, name) for name in names}


def _roots(
    path: Path, files: Mapping[str, Callable[[], bytes]], asked: Asked
) -> tuple[list[tuple[Element, tuple[str, ...]]], str]:
    """Parse the KML, and the files of a KMZ that it links to; each with the folder that stands for it."""

    def parse(data: bytes) -> tuple[Element, str]:
        text, encoding = read_xml(data, frozenset({"kml"}), path.name, encoding=asked.encoding)
        root = parse_xml(text, path.name)
        for element in root.iter():
            element.tag = _plain_tag(element.tag)
        return root, encoding

    if not files:
        root, encoding = parse(load_xml(path))
        return [(root, ())], encoding
    start = asked.layer if asked.layer is not None and asked.layer in files else _main(files, path.name)
    root, encoding = parse(files[start]())
    roots, home = [(root, tuple[str, ...]())], PurePosixPath(start).parent
    for link in root.iter("NetworkLink"):
        address = unquote((link.findtext("Link/href") or link.findtext("Url/href") or "").strip())
        inner = (home / address).as_posix() if address else ""
        if inner in files and inner != start:
            name = (link.findtext("name") or PurePosixPath(inner).stem).strip().replace("/", "／")
            roots.append((parse(files[inner]())[0], (name,)))
    return roots, encoding


def _main(files: Mapping[str, Callable[[], bytes]], what: str) -> str:
    names = [name for name in files if name.casefold().endswith(".kml")]
    main = [name for name in names if PurePosixPath(name).name.casefold() == "doc.kml"] or names
    if len(main) > 1:
        raise FileError(Message("layers.several_layers", {"file": what, "names": ", ".join(names)}))
    return main[0]


def _of_layer(
    marks: list[tuple[Element, tuple[str, ...]]], layer: str, roots: list[Element], what: str
) -> list[tuple[Element, tuple[str, ...]]]:
    """Choose the placemarks of a folder, by its name or its path, and of those in it; or of the document."""
    chosen = [(mark, way) for mark, way in marks if layer in _ways(way)]
    documents = {
        (document.findtext("name") or "").strip() for root in roots for document in root.iter("Document")
    }
    if chosen or layer in documents:
        return chosen or marks
    names = sorted({"/".join(way) for _, way in marks if way} | documents - {""})
    raise FileError(
        Message("layers.no_layer", {"file": what, "layer": layer, "names": ", ".join(names) or "(none)"})
    )


def _ways(way: tuple[str, ...]) -> set[str]:
    return {*way, *("/".join(way[:n]) for n in range(1, len(way) + 1))}


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


def _flatten(
    roots: list[Element], marks: list[tuple[Element, tuple[str, ...]]]
) -> tuple[Element, dict[str, str]]:
    """Make one document of all placemarks, with plain column names; give it and the true names."""
    flat = Element("kml", {"xmlns": _KML, "xmlns:gx": _GX})
    document = SubElement(flat, "Document")
    SubElement(document, "name").text = "layer"
    if len(roots) == 1:
        document.extend(roots[0].iter("Schema"))
    has_folders = any(way for _, way in marks)
    for mark, way in marks:
        data = _data_of(mark)
        if len(roots) > 1:  # each file may have its own types under the same name
            for entry in data.findall("SchemaData/SimpleData"):
                _add(data, entry.get("name", ""), entry.text or "")
            for typed in data.findall("SchemaData"):
                data.remove(typed)
        if has_folders:
            _add(data, _FOLDER, "/".join(way))
        for name in _LINKING:
            for child in mark.findall(name):
                mark.remove(child)
        document.append(mark)
    plain: dict[str, str] = {}
    for element in flat.iter():
        if element.tag.removeprefix("gx:") in _NAMED and "name" in element.attrib:
            element.set("name", plain.setdefault(element.get("name", ""), f"own_name_{len(plain)}"))
    return flat, {own: "folder" if name == _FOLDER else name for name, own in plain.items()}


def _describe(marks: list[tuple[Element, tuple[str, ...]]]) -> list[dict[str, str]]:
    """Add the columns that descriptions hold to the data of their placemarks; what these say wins."""
    described = []
    for mark, _ in marks:
        data = _data_of(mark)
        stated = {entry.get("name", "").casefold() for entry in data.iter() if entry.get("name")}
        columns = {
            name: value
            for name, value in read_description(mark.findtext("description") or "").items()
            if name.casefold() not in stated
        }
        for name, value in columns.items():
            _add(data, name, value)
        if columns:
            described.append(columns)
    return described


def _data_of(mark: Element) -> Element:
    data = mark.find("ExtendedData")
    return SubElement(mark, "ExtendedData") if data is None else data


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
