"""Read layer files of any vector or table format, with every guess and every fault reported; write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from geo.crs import (
    CRS_CHOICES,
    Reading,
    ShiftedDatum,
    System,
    Whereabouts,
    epsg_of,
    find_system,
    parse_crs,
    settle_system,
)
from geo.errors import CrsError, InputError
from geo.layers._angles import angle_notes, looks_packed
from geo.layers._cells import cut_texts
from geo.layers._coarse import coarse_note
from geo.layers._decimals import Marks
from geo.layers._formats.asked import Asked
from geo.layers._formats.formulas import require_calculated
from geo.layers._formats.opening import open_layer
from geo.layers._formats.table import FORMATS, LAYER_FORMATS, TABLE_FORMATS, Format, tell_formats
from geo.layers._geometry import GeometryKind, clean_shapes
from geo.layers._headers import Kind
from geo.layers._order import NORTH_FIRST, exchanged, header_told, order_told, says_exchanged
from geo.layers._shapes import Angles, shape_rows
from geo.layers._totals import find_totals
from geo.layers.columns import Columns, marks_of, marks_told, match_headers, read_columns
from geo.layers.coordinates import Coordinates
from geo.layers.report import LayerRead, LayerReport, RawLayer
from geo.layers.write import write_layer, write_layers, write_text_whole
from geo.messages import Fault, Guess, Message
from geo.reading import reads_a_file
from geo.settings import NOTHING

__all__ = [
    "FORMATS",
    "LAYER_FORMATS",
    "TABLE_FORMATS",
    "Fault",
    "Format",
    "Guess",
    "LayerRead",
    "LayerReport",
    "Shape",
    "Wanted",
    "read_layer",
    "read_wanted",
    "tell_formats",
    "without_shapes",
    "write_layer",
    "write_layers",
    "write_text_whole",
]

_PLACES: Final = ("lon", "lat", "geometry")
_PLACES_AND_PAIR: Final = (*_PLACES, "lonlat", "people")
Shape: TypeAlias = GeometryKind | Literal["none"]
_ALIASES: Final = {"x": "lon", "y": "lat", "wkt": "geometry"}


@reads_a_file
def read_layer(
    path: str | Path,
    *,
    layer: str | None = None,
    crs: str | CRS | None = None,
    encoding: str | None = None,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
    geometry: Shape = "any",
    coordinates: Coordinates | None = None,
) -> LayerRead:
    """Read a layer from a file.

    Parameters
    ----------
    path : path
        Any format of :data:`FORMATS`, also zipped; a folder with one shapefile, geodatabase or MapInfo table
        is read too.
    layer : str, optional
        Layer of a file that has several.
    crs : str or CRS, optional
        As :func:`geo.crs.parse_crs` takes it; needed where the file does not say it.
    encoding : str, optional
        Found by itself between UTF-8, UTF-16 and GB18030 when left out.
    columns : mapping of str to str, optional
        Our column -> header in the file; these are not guessed. Line layers keep their own headers
        unless they are settled here.
    sheet : str, optional
        Sheet of a workbook; else the first with known headers, else the first that has rows.
    geometry : {"any", "point", "line", "polygon", "none"}
        The kind wanted. Rows of another kind are faults and are not kept; ``"none"`` reads a plain table.
    coordinates : Coordinates, optional
        How coordinates are written, and what is known of places; degrees or metres, longitude first, when
        left out.

    Returns
    -------
    LayerRead
        ``table`` in its declared CRS (GCJ-02, BD-09 and datums of before 2000 already turned into
        EPSG:4326, own systems into the one that they lead to), and ``report``.

    Raises
    ------
    FileError
        The file is missing, damaged, cut off, too large, of an unknown format or in an unknown encoding.
    InputError
        It is empty, has no geometry, or lacks a settled column.
    CrsError
        Its coordinate system is not known, or is not what it is said to be.
    """
    asked, wanted = Asked(layer, sheet, encoding, geometry), Wanted(geometry, columns or NOTHING)
    return read_wanted(Path(path), asked, wanted, crs, coordinates or Coordinates())


class Wanted(NamedTuple):
    """The shapes that are wanted, the columns that are settled, and those that are looked for."""

    geometry: Shape
    columns: Mapping[str, str]
    kinds: Mapping[str, Kind] | None = None


def read_wanted(
    path: Path, asked: Asked, wanted: Wanted, crs: str | CRS | None, written: Coordinates
) -> LayerRead:
    """Read a layer as :func:`read_layer` does, with the columns that are looked for."""
    geometry = wanted.geometry
    declared = None if crs is None else find_system(crs, written.known)
    raw = open_layer(path, asked)
    if not len(raw.frame):
        raise InputError(Message("layers.no_rows", {"file": path.name}), faults=raw.faults)
    plain = without_shapes(raw.frame)
    matched = match_headers(
        plain,
        settled={_ALIASES.get(ours, ours): theirs for ours, theirs in wanted.columns.items()},
        only=_PLACES if geometry == "line" else None,
        units=raw.units,
        kinds=wanted.kinds,
    )
    marks = marks_of(plain, matched, path.name, asked=written.decimal)
    read, bad = read_columns(plain, matched, is_packed=written.angles == "packed", marks=marks)
    read, cut = cut_texts(read, {ours: own for ours, own in matched.header.items() if ours not in _PLACES})
    is_total = find_totals(read)
    needed = [matched.header[ours] for ours in _PLACES_AND_PAIR if ours in matched.header]
    require_calculated(raw.faults, needed, set(read.index[is_total]), path.name)
    bad += cut
    bad += [Fault(int(row), "row", "", Message("layers.total_row")) for row in read.index[is_total]]
    placed = _Placed(read[~is_total])
    if geometry != "none":
        shaped, more, raw = shape_rows(raw, read, path.name, written.angles, matched.header)
        bad += more
        placed = _place(raw, shaped[~is_total], path.name, geometry, declared, written, bad)
        if declared is not None and raw.crs_said and raw.crs_said != declared:
            of_file = Message("layers.crs_said_other", {"stated": raw.crs_said, "declared": placed.system})
            placed = placed._replace(crs_notes=(*placed.crs_notes, of_file))
        packed_notes = [*_coarse(shaped[~is_total]), *_angles_told(raw.frame, matched, written.angles, marks)]
        of_headers: tuple[Message, ...] = ()
        if not isinstance(raw.frame, gpd.GeoDataFrame):
            of_headers = (*header_told(matched, placed.system), *order_told(matched, written.order))
        placed = placed._replace(crs_notes=(*raw.crs_notes, *packed_notes, *of_headers, *placed.crs_notes))
    bad = [*raw.faults, *bad, *placed.faults, *_find_duplicates(placed.table)]
    report = LayerReport(
        path=str(path),
        format=raw.format,
        encoding=raw.encoding,
        n_rows=len(raw.frame) + raw.n_lost,
        n_kept=len(placed.table),
        faults=tuple(sorted(bad, key=lambda fault: fault.row)),
        guesses=matched.guesses,
        crs=placed.crs_name,
        crs_note=placed.crs_note,
        bounds=_bounds(placed.table),
        notes=(*raw.notes, *matched.notes, *marks_told(plain, matched, marks), *placed.notes),
        crs_notes=placed.crs_notes,
    )
    return LayerRead(placed.table, report, read[~read.index.isin(placed.table.index)])


class _Placed(NamedTuple):
    """Rows in their system, and what was noticed on the way there."""

    table: pd.DataFrame
    crs_name: str = ""
    crs_note: Message | None = None
    system: str = ""
    faults: tuple[Fault, ...] = ()
    notes: tuple[Message, ...] = ()
    crs_notes: tuple[Message, ...] = ()


def _place(
    raw: RawLayer,
    shaped: gpd.GeoDataFrame,
    what: str,
    geometry: GeometryKind,
    declared: System | None,
    written: Coordinates,
    before: Sequence[Fault],
) -> _Placed:
    """Settle the system of shapes, clean them, and leave out those that cannot be in it.

    Where no shape is left, ``before`` says what else was wrong.
    """
    is_north_first = written.order in NORTH_FIRST
    if is_north_first:
        shaped = shaped.set_geometry(exchanged(shaped))
    try:
        reading, crs_note = _settle_crs(declared, raw, shaped, what, written.known)
    except CrsError as error:
        if is_north_first and says_exchanged(error):
            raise CrsError(
                Message("layers.order_needless", {"file": what, "order": written.order})
            ) from error
        if is_north_first:
            raise CrsError(Message("layers.order_given", {"why": error, "order": written.order})) from error
        raise
    table, of_shapes, notes = clean_shapes(shaped, geometry)
    if not len(table):
        faulty_rows = {fault.row for fault in before}
        rest = [fault for fault in of_shapes if fault.row not in faulty_rows]
        values = {"file": what, "n": len(raw.frame)}
        reason = _shape_wanted(shaped, geometry) or Message("layers.none_placed", values)
        raise InputError(Message("layers.of_file", {"file": what, "why": reason}), faults=[*before, *rest])
    table, misfits = _drop_misfits(table, reading, what)
    table, crs_name = _in_crs(table, reading)
    faults = (*of_shapes, *misfits)
    return _Placed(table, crs_name, crs_note, reading.name, faults, tuple(notes), tuple(reading.notes))


def _shape_wanted(shaped: gpd.GeoDataFrame, geometry: GeometryKind) -> Message | None:
    """Say what to do where all shapes are of another kind than the one that is wanted."""
    shapes = shaped.geometry.to_numpy()
    n_dimensions = set(shapely.get_dimensions(shapes[~shapely.is_missing(shapes)]).tolist())
    if geometry == "any" or len(n_dimensions) != 1 or not n_dimensions <= {0, 1, 2}:
        return None
    there = ("point", "line", "polygon")[n_dimensions.pop()]
    values = {"n": len(shaped), "there": Message(f"layers.shape_{there}")}
    return None if there == geometry else Message(f"layers.all_but_{geometry}", values)


def without_shapes(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the columns of a layer without its shapes."""
    if isinstance(frame, gpd.GeoDataFrame):
        return pd.DataFrame(frame.drop(columns=frame.geometry.name))
    return frame


def _settle_crs(
    declared: System | None, raw: RawLayer, frame: gpd.GeoDataFrame, what: str, known: Whereabouts
) -> tuple[Reading, Message]:
    """Choose between what the study declares and what the file says; give where it was learnt too."""
    stated: CRS | ShiftedDatum | None = raw.crs
    note = Message("layers.crs_of_file" if declared is None else "layers.crs_declared")
    if declared is None and stated is None and raw.crs_said:
        try:
            stated = parse_crs(raw.crs_said)
        except CrsError as error:
            values = {"file": what, "stated": raw.crs_said[:60], "why": error}
            raise CrsError(Message("layers.crs_said_unknown", values)) from error
    if declared is None and stated is None and raw.format.startswith(("GeoJSON", "TopoJSON")):
        stated, note = CRS.from_epsg(4326), Message("layers.crs_json")
    try:
        reading = settle_system(declared, stated, shapely.get_coordinates(frame.geometry.to_numpy()), known)
    except CrsError as error:
        raise CrsError(_told(error, raw, what, is_declared=declared is not None)) from error
    return reading, Message("layers.crs_unshifted") if isinstance(reading.system, str) else note


def _told(error: CrsError, raw: RawLayer, what: str, *, is_declared: bool) -> Message:
    """Say why a system cannot be settled, with what may be written and what the format knows of it."""
    why = Message("layers.of_file", {"file": what, "why": error})
    if (
        not is_declared
        and raw.crs is None
        and not getattr(error.args[0], "key", "").startswith("crs.offer_on_roads")
    ):
        why = Message("layers.and_write", {"why": why, "choices": CRS_CHOICES})
    if raw.crs_hint and not is_declared:
        why = Message("layers.and_hint", {"why": why, "hint": raw.crs_hint})
    return why


def _drop_misfits(
    table: gpd.GeoDataFrame, reading: Reading, what: str
) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Make each row that cannot be in the system a fault; most of them can.

    What would mend a whole layer, such as ``order``, would spoil the others: the row is to be corrected.
    """
    corner = table.geometry.bounds.to_numpy()
    x, y = (corner[:, :2] / 2 + corner[:, 2:] / 2).T  # halves first: a sum of 1e308 has no end
    misfit, why = reading.misfits(x, y)
    if misfit.all():
        raise CrsError(Message("layers.of_file", {"file": what, "why": why}))
    is_turned = misfit & ~reading.misfits(y, x)[0]
    values = {"system": reading.name, "n": int((~misfit).sum())}
    faults = []
    for place in np.flatnonzero(misfit):
        reason = Message("layers.row_exchanged" if is_turned[place] else "layers.row_misfit", values)
        coordinates = f"{x[place]:.8g}, {y[place]:.8g}"
        faults.append(Fault(int(table.index[place]), "geometry", coordinates, reason))
    return table[~misfit], faults


def _in_crs(table: gpd.GeoDataFrame, reading: Reading) -> tuple[gpd.GeoDataFrame, str]:
    if reading.change is None:
        code = epsg_of(reading.crs)
        return table.set_crs(reading.crs, allow_override=True), f"EPSG:{code}" if code else reading.crs.name
    moved = shapely.transform(table.geometry.to_numpy(), reading.to_crs)
    return table.set_geometry(gpd.GeoSeries(moved, index=table.index, crs=reading.crs)), reading.name


def _angles_told(
    frame: pd.DataFrame, matched: Columns, angles: Angles | None, marks: Mapping[str, Marks]
) -> list[Message]:
    """Tell how longitudes and latitudes are written, and where decimal ones may be packed."""
    headers = {matched.header[ours]: marks[ours] for ours in ("lon", "lat") if ours in matched.header}
    if isinstance(frame, gpd.GeoDataFrame) or len(headers) < 2:
        return []
    texts = {header: frame[header].dropna().astype(str).tolist() for header in headers}
    if angles == "packed":
        return [Message("layers.angles_unpacked", {"headers": tuple(headers)})]
    notes = [note for header, mark in headers.items() for note in angle_notes(header, texts[header], mark)]
    if looks_packed(cell for cells in texts.values() for cell in cells):
        notes.append(
            Message(
                "layers.angles_packed", {"headers": tuple(headers), "cell": next(iter(texts.values()))[0]}
            )
        )
    return notes


def _coarse(shaped: gpd.GeoDataFrame) -> tuple[Message, ...]:
    """Tell points whose coordinates were rounded."""
    shapes = shaped.geometry.to_numpy()
    is_point = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    return coarse_note(shapely.get_coordinates(shapes[is_point])) if is_point.all() else ()


def _bounds(table: pd.DataFrame) -> tuple[float, float, float, float] | None:
    if not isinstance(table, gpd.GeoDataFrame) or not len(table):
        return None
    west, south, east, north = (float(side) for side in table.total_bounds)
    return west, south, east, north


def _find_duplicates(table: pd.DataFrame) -> list[Fault]:
    if "id" not in table:
        return []
    ids = table["id"].dropna().astype(str)
    first: dict[str, object] = {}
    faults = []
    for row, name in ids[ids.duplicated(keep=False)].items():
        if name in first:
            faults.append(
                Fault(int(str(row)), "id", name[:60], Message("layers.double_id", {"row": first[name]}))
            )
        first.setdefault(name, row)
    return faults
