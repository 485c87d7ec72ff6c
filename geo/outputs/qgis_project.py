"""A QGIS project beside a GeoPackage: opens drawn and grouped, with relative paths and without a network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import numpy as np
from pyproj import CRS

from geo.files import write_text_whole
from geo.outputs.package import NamedLayer
from geo.outputs.qgis_symbols import VERSION, style_elements
from geo.signs import printable
from geo.words import Lang

__all__ = ["ProjectText", "write_project"]

_DOCTYPE: Final = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_MARGIN: Final = 0.05
_BOTTOM_RIGHT: Final = 3
"""As QGIS numbers the corners of what it draws over a map."""
_GEOMETRY: Final = {"marker": "Point", "line": "Line", "fill": "Polygon"}


@dataclass(frozen=True)
class ProjectText:
    """What a project says of itself.

    Parameters
    ----------
    title : str
        Of the study.
    abstract : str
        What it holds, and under which standard.
    credits : sequence of str
        Of all sources.
    lang : {"zh", "en"}
        Of the texts.
    """

    title: str
    abstract: str
    credits: Sequence[str]
    lang: Lang


def write_project(
    layers: Sequence[NamedLayer], path: Path, *, package: str, crs: CRS, text: ProjectText
) -> None:
    """Write a project for the layers of a GeoPackage that lies beside it.

    Parameters
    ----------
    layers : sequence of NamedLayer
        As they stand in the GeoPackage, the uppermost first; layers of one group stand together.
    path : Path
        The project, ``.qgs``.
    package : str
        Name of the GeoPackage in the same folder.
    crs : pyproj.CRS
        Of the study.
    text : ProjectText
        Title, abstract and credits.

    Raises
    ------
    FileError
        The file may not be written.
    """
    root = ET.Element("qgis", {"projectname": text.title, "version": VERSION})
    ET.SubElement(root, "title").text = text.title
    ET.SubElement(root, "projectCrs").append(_system(crs))
    root.append(_tree(layers, package))
    canvas = ET.SubElement(root, "mapcanvas", {"name": "theMapCanvas", "annotationsVisible": "1"})
    ET.SubElement(canvas, "units").text = "meters"
    canvas.append(_extent(layers))
    ET.SubElement(canvas, "rotation").text = "0"
    ET.SubElement(canvas, "destinationsrs").append(_system(crs))
    order = ET.SubElement(root, "layerorder")
    all_layers = ET.SubElement(root, "projectlayers")
    for layer in layers:
        ET.SubElement(order, "layer", {"id": _id(layer)})
        all_layers.append(_layer(layer, package, crs, text))
    root.append(_properties(text.credits))
    root.append(_metadata(text))
    for element in root.iter():
        element.text = printable(element.text or "", in_lines=True) or None
        element.attrib.update({key: printable(value) for key, value in element.items()})
    ET.indent(root)
    write_text_whole(path, _DOCTYPE + ET.tostring(root, encoding="unicode") + "\n")


def _id(layer: NamedLayer) -> str:
    """Name a layer within the project: QGIS gives one of its own to a layer whose id has under 11 signs."""
    return f"emergency_geo_{layer.layer.name}"


def _source(layer: NamedLayer, package: str) -> str:
    among = f"|subset={layer.among}" if layer.among else ""
    return f"./{package}|layername={layer.name}{among}"


def _system(crs: CRS) -> ET.Element:
    """Describe a coordinate system; one of a city's own has no number and is told by its text alone."""
    root = ET.Element("spatialrefsys")
    authority = crs.to_authority()
    ET.SubElement(root, "wkt").text = crs.to_wkt()
    ET.SubElement(root, "authid").text = ":".join(authority) if authority else ""
    ET.SubElement(root, "description").text = crs.name
    ET.SubElement(root, "geographicflag").text = "false"
    return root


def _tree(layers: Sequence[NamedLayer], package: str) -> ET.Element:
    root = ET.Element("layer-tree-group")
    groups: dict[str, ET.Element] = {}
    for layer in layers:
        name = layer.layer.group
        if name not in groups:
            attributes = {"name": name, "checked": "Qt::Checked", "expanded": "1"}
            groups[name] = ET.SubElement(root, "layer-tree-group", attributes)
        checked = "Qt::Checked" if layer.layer.is_on else "Qt::Unchecked"
        ET.SubElement(
            groups[name],
            "layer-tree-layer",
            {
                "id": _id(layer),
                "name": layer.layer.title,
                "source": _source(layer, package),
                "providerKey": "ogr",
                "checked": checked,
                "expanded": "1" if layer.layer.is_on else "0",
            },
        )
    return root


def _extent(layers: Iterable[NamedLayer]) -> ET.Element:
    """Show all that is switched on, with a margin."""
    bounds = np.array([layer.table.total_bounds for layer in layers if layer.layer.is_on] or [[0, 0, 1, 1]])
    west, south = np.nanmin(bounds[:, :2], axis=0)
    east, north = np.nanmax(bounds[:, 2:], axis=0)
    margin = _MARGIN * max(east - west, north - south, 1.0)
    root = ET.Element("extent")
    sides = {"xmin": west - margin, "ymin": south - margin, "xmax": east + margin, "ymax": north + margin}
    for name, value in sides.items():
        ET.SubElement(root, name).text = f"{value:.3f}"
    return root


def _layer(layer: NamedLayer, package: str, crs: CRS, text: ProjectText) -> ET.Element:
    root = ET.Element("maplayer", {"type": "vector", "geometry": _GEOMETRY[layer.drawing.shape]})
    root.set("labelsEnabled", str(int(bool(layer.drawing.label))))
    root.set("styleCategories", "AllStyleCategories")
    ET.SubElement(root, "id").text = _id(layer)
    ET.SubElement(root, "datasource").text = _source(layer, package)
    ET.SubElement(root, "layername").text = layer.layer.title
    ET.SubElement(root, "srs").append(_system(crs))
    told = ET.SubElement(root, "resourceMetadata")
    ET.SubElement(told, "language").text = text.lang
    ET.SubElement(told, "type").text = "dataset"
    ET.SubElement(told, "title").text = layer.layer.title
    ET.SubElement(told, "abstract").text = layer.layer.description
    for credit in text.credits:
        ET.SubElement(told, "rights").text = credit
    ET.SubElement(root, "provider", {"encoding": "UTF-8"}).text = "ogr"
    root.extend(style_elements(layer.drawing, layer.aliases))
    return root


def _properties(sources: Sequence[str]) -> ET.Element:
    root = ET.Element("properties")
    if sources:  # in a corner of the map, where a picture or a print of it has them too
        corner = ET.SubElement(root, "CopyrightLabel")
        ET.SubElement(corner, "Enabled", {"type": "bool"}).text = "true"
        ET.SubElement(corner, "Label", {"type": "QString"}).text = "; ".join(sources)
        ET.SubElement(corner, "Placement", {"type": "int"}).text = str(_BOTTOM_RIGHT)
        ET.SubElement(corner, "MarginH", {"type": "int"}).text = "2"
        ET.SubElement(corner, "MarginV", {"type": "int"}).text = "2"
    paths = ET.SubElement(root, "Paths")
    ET.SubElement(paths, "Absolute", {"type": "bool"}).text = "false"
    systems = ET.SubElement(root, "SpatialRefSys")  # without it QGIS does not read the project's own system
    ET.SubElement(systems, "ProjectionsEnabled", {"type": "int"}).text = "1"
    return root


def _metadata(text: ProjectText) -> ET.Element:
    """Tell title, abstract and credits; a project of QGIS has no field of its own for credits."""
    root = ET.Element("projectMetadata")
    ET.SubElement(root, "language").text = text.lang
    ET.SubElement(root, "type").text = "dataset"
    ET.SubElement(root, "title").text = text.title
    ET.SubElement(root, "abstract").text = "\n".join([text.abstract, *text.credits])
    ET.SubElement(root, "author").text = "emergency-geo"
    ET.SubElement(root, "creation").text = "2000-01-01T00:00:00"
    return root
