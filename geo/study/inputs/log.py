"""Reading one layer of a study: its spec applied, and everything that happened kept for the report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from geo.crs import NOWHERE, TO_WGS84, Whereabouts, to_metric
from geo.errors import CrsError, FaultsError, GeoError, InputError
from geo.layers import Coordinates, LayerReport, Shape, read_amounts, read_layer
from geo.messages import Fault, Message
from geo.osm import ATTRIBUTION, OsmLayers, notes_of_file
from geo.signs import toml_value
from geo.study.inputs.other_datums import Shift
from geo.study.inputs.selected import is_one_of, report_of
from geo.study.settings import LayerSpec

__all__ = [
    "LayerLog",
    "StudyLayer",
    "find_column",
    "naming",
    "osm_layer",
    "raster_layer",
    "read_spec",
    "select_rows",
]

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class StudyLayer:
    """A layer of a study as it was read.

    Parameters
    ----------
    section : str
        Where it stands in the study file.
    table : GeoDataFrame or DataFrame
        Its rows; index ``row`` as the planner counts.
    report : LayerReport
        What was read, kept and faulty.
    credits : tuple of str
        Attributions of its source.
    left_out, not_selected : DataFrame
        Rows of the file that could not be kept, and those that were not asked for.
    """

    section: str
    table: Any
    report: LayerReport
    credits: tuple[str, ...] = ()
    left_out: pd.DataFrame = field(default_factory=pd.DataFrame)
    not_selected: pd.DataFrame = field(default_factory=pd.DataFrame)

    def with_faults(self, faults: Sequence[Fault], *, n_kept: int | None = None) -> StudyLayer:
        """Give the layer with faults that were found after reading, and the number of rows that are left.

        A row that is left out now for its id was told before as kept; only the later fault is true.
        """
        left_out = {fault.row for fault in faults if fault.reason.key == "stations.id_taken"}
        before = [
            fault
            for fault in self.report.faults
            if fault.reason.key != "layers.double_id" or fault.row not in left_out
        ]
        headers = {guess.column: guess.header for guess in self.report.guesses}
        # The planner knows a column by its header.
        later = [replace(fault, column=headers.get(fault.column, fault.column)) for fault in faults]
        both = tuple(sorted([*before, *later], key=lambda fault: fault.row))
        n_left = self.report.n_kept if n_kept is None else n_kept
        return replace(self, report=replace(self.report, faults=both, n_kept=n_left))

    def to_metric(self, crs: CRS) -> gpd.GeoDataFrame:
        """Give the rows in the metric CRS of the study.

        Raises
        ------
        CrsError
            As :func:`geo.crs.to_metric`, with the file.
        """
        try:
            moved: gpd.GeoDataFrame = to_metric(self.table, crs)
        except CrsError as error:
            raise CrsError(
                Message("layers.of_file", {"file": Path(self.report.path).name, "why": error})
            ) from error
        return moved

    @property
    def shifted_datum(self) -> str:
        """The shifted datum that the file was read in, or nothing."""
        return {"BD-09MC": "BD-09"}.get(
            self.report.crs, self.report.crs if self.report.crs in TO_WGS84 else ""
        )

    def with_numbers(self, column: str, header: str) -> StudyLayer:
        """Give the layer with a column read as numbers from 0 on; what cannot be read is a fault."""
        values, faults = read_amounts(self.table[column], header)
        return replace(self, table=self.table.assign(**{column: values})).with_faults(faults)

    def with_shapes_only(self) -> StudyLayer:
        """Give the layer without what was told of its columns, where only the shapes count."""
        faults = tuple(fault for fault in self.report.faults if fault.column == "geometry")
        return replace(self, report=replace(self.report, faults=faults, guesses=()))


@dataclass(frozen=True, eq=False)
class Unshifted:
    """A layer that raised no alarm of a shifted datum.

    Parameters
    ----------
    points : GeoDataFrame
        Its places, or its shapes.
    read_as : str
        The datum that they were read in.
    is_ground : bool
        Whether they are zones or land whose borders say nothing of it; places are judged by roads.
    """

    points: gpd.GeoDataFrame
    read_as: str = ""
    is_ground: bool = False


@dataclass
class LayerLog:
    """What was read, in the order of reading.

    Parameters
    ----------
    reports : list of (str, LayerReport)
        Section of the study file and the report of its layer.
    notes : list of (str, Message)
        Section and one sentence on what was guessed, repaired or left out.
    credits : list of str
        Attributions of the layers.
    left_out : list of DataFrame
        Rows of layers of people that are not placed.
    known : Whereabouts
        Own systems, and where the roads are once they are read.
    errors : list of GeoError
        What stopped a layer; the others are read all the same, and all errors are told at once.
    layers : dict of str to StudyLayer
        The layer of each section as it was read last.
    unshifted : dict of str to Unshifted
        Layers of places that do not look shifted, each on its own.
    shifts : dict of str to (str, Shift)
        What the others look like, with the datum that they were read in.
    osm : dict of Path to OsmLayers
        The layers that the study needs of each OpenStreetMap file, read in one pass.
    within : shapely.Geometry or None
        The area in degrees in which roads are read; None for all of them.
    """

    reports: list[tuple[str, LayerReport]] = field(default_factory=list)
    notes: list[tuple[str, Message]] = field(default_factory=list)
    credits: list[str] = field(default_factory=list)
    left_out: list[pd.DataFrame] = field(default_factory=list)
    known: Whereabouts = NOWHERE
    errors: list[GeoError] = field(default_factory=list)
    layers: dict[str, StudyLayer] = field(default_factory=dict)
    unshifted: dict[str, Unshifted] = field(default_factory=dict)
    shifts: dict[str, tuple[str, Shift]] = field(default_factory=dict)
    osm: Mapping[Path, OsmLayers] = field(default_factory=dict)
    within: Any | None = None

    def read(
        self,
        spec: LayerSpec,
        file: Path,
        *,
        section: str,
        columns: Mapping[str, str] | None = None,
        geometry: Shape = "any",
    ) -> StudyLayer:
        """Read the layer of a spec with what the study knows by now; see :func:`read_spec`."""
        return read_spec(spec, file, section=section, columns=columns, geometry=geometry, known=self.known)

    def osm_file(self, file: Path) -> Path | OsmLayers:
        """Give the layers of an OpenStreetMap file; the file itself where nothing is known of it."""
        return self.osm.get(file, file)

    def add(self, layer: StudyLayer) -> None:
        """Put the report and credits of a layer behind those that were read before it."""
        self.reports.append((layer.section, layer.report))
        self.credits += layer.credits
        self.layers[layer.section] = layer

    def note(self, section: str, *notes: Message) -> None:
        """Put notes on a section behind the others."""
        self.notes += [(section, note) for note in notes]

    def attempt(self, section: str, read: Callable[[], T]) -> T | None:
        """Give what a step of reading gives, or keep the error that stops it, and give None."""
        try:
            with naming(section):
                return read()
        except FaultsError as several:
            self.errors += several.errors
        except GeoError as error:
            self.errors.append(error)
        return None

    def require_no_errors(self) -> None:
        """Raise what stopped layers: the one error itself, or all of them in one.

        Raises
        ------
        GeoError
            A layer could not be used.
        """
        if len(self.errors) == 1:
            raise self.errors[0]
        if self.errors:
            raise FaultsError(self.errors)


@contextmanager
def naming(section: str) -> Iterator[None]:
    """Name the section of the study file, if any, in front of any error inside."""
    try:
        yield
    except GeoError as error:
        if section and not str(error).startswith("[") and not isinstance(error, FaultsError):
            error.section = section
        raise
    except Exception as error:
        if section:  # for the last resort of the command, which tells where it happened
            error.add_note(f"[{section}]")
        raise


def read_spec(
    spec: LayerSpec,
    file: Path,
    *,
    section: str,
    columns: Mapping[str, str] | None = None,
    geometry: Shape = "any",
    known: Whereabouts = NOWHERE,
) -> StudyLayer:
    """Read the layer of a spec and keep its rows that are asked for.

    Parameters
    ----------
    spec : LayerSpec
        What the study file says of the layer.
    file : Path
        Its file.
    section : str
        Where it stands in the study file.
    columns : mapping of str to str, optional
        Settled columns on top of the spec's.
    geometry : str
        Kind of shapes that is wanted; see :func:`geo.layers.read_layer`.
    known : Whereabouts
        Own systems, and where the roads are.

    Raises
    ------
    InputError
        ``where`` names a column that the layer does not have, or keeps no row.
    """
    read = read_layer(
        file,
        layer=spec.layer,
        crs=spec.crs,
        encoding=spec.encoding,
        columns={**spec.columns, **(columns or {})},
        sheet=spec.sheet,
        geometry=geometry,
        coordinates=Coordinates(spec.order, spec.angles, known, spec.decimal),
    )
    return select_rows(spec, StudyLayer(section, read.table, read.report, left_out=read.left_out))


def osm_layer(spec: LayerSpec, file: Path, table: gpd.GeoDataFrame, *, section: str) -> StudyLayer:
    """Keep the rows that a spec selects of what an OpenStreetMap file holds."""
    report = replace(report_of(file, table, "OpenStreetMap"), notes=notes_of_file(file))
    return select_rows(spec, StudyLayer(section, table, report, credits=(ATTRIBUTION,)))


def raster_layer(spec: LayerSpec, file: Path, table: gpd.GeoDataFrame, *, section: str) -> StudyLayer:
    """Keep the inhabited cells of a raster that a spec selects."""
    return select_rows(spec, StudyLayer(section, table, report_of(file, table, "raster")))


def select_rows(spec: LayerSpec, layer: StudyLayer) -> StudyLayer:
    """Keep the rows that the spec selects; say how many, and whom it credits."""
    chosen, report = layer.table, layer.report
    out = layer.left_out
    for header, values in spec.where.items():
        column = find_column(layer, header)
        chosen = chosen[is_one_of(chosen[column], values)]
        out = out[is_one_of(out[column], values)] if column in out else out
        if not len(chosen):
            there = [str(value) for value in layer.table[column].dropna().unique()]
            more = ", ..." if len(there) > 10 else ""
            raise InputError(
                Message(
                    "study.where_empty",
                    {
                        "file": Path(report.path).name,
                        "header": header,
                        "values": list(values),
                        "there": ", ".join(there[:10]),
                        "more": more,
                    },
                )
            )
    if spec.where:
        where = toml_value(spec.where)
        numbers = {"n": len(chosen), "n_rows": report.n_kept, "where": where}
        notes = (*report.notes, Message("study.rows_selected", numbers))
        # What is wrong with rows that nobody asked for is no fault of this layer.
        others = set(layer.table.index.union(layer.left_out.index)) - {*chosen.index, *out.index}
        faults = tuple(fault for fault in report.faults if fault.row not in others)
        report = replace(report, n_kept=len(chosen), notes=notes, faults=faults)
    credits = (*layer.credits, *filter(None, [spec.attribution]))
    passed = pd.DataFrame(layer.table[~layer.table.index.isin(chosen.index)])
    lost = layer.left_out[~layer.left_out.index.isin(out.index)]
    if len(lost):
        passed = pd.concat([passed, lost]) if len(passed) else lost
    return replace(layer, table=chosen, report=report, credits=credits, left_out=out, not_selected=passed)


def find_column(layer: StudyLayer, header: str) -> str:
    """Find a column by the file's header or our name for it.

    Raises
    ------
    InputError
        There is no such column; the message lists those there are.
    """
    ours = {guess.header: guess.column for guess in layer.report.guesses}
    column = header if header in layer.table else ours.get(header, header)
    if column not in layer.table:
        theirs = {guess.column: guess.header for guess in layer.report.guesses}
        have = ", ".join(str(theirs.get(name, name)) for name in layer.table.columns if name != "geometry")
        raise InputError(
            Message(
                "study.no_column", {"file": Path(layer.report.path).name, "header": header, "columns": have}
            )
        )
    return column
