"""Every file of a folder: what may be a layer, and what is left alone and why."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Literal, TypeAlias

from geo.demand import RASTER_ENDINGS
from geo.errors import GeoError
from geo.files import path_from
from geo.layers import Part, find_format, list_parts, zip_names
from geo.messages import Message
from geo.osm import is_osm_file
from geo.outputs import FILES
from geo.plans import load_plan
from geo.reasons import Reason
from geo.study import read_toml

__all__ = ["Form", "LeftAlone", "Source", "Walk", "walk_folder"]

Form: TypeAlias = Literal["layer", "osm", "graphml", "raster", "plan"]
MOST_DEPTH: Final = 8
"""Folders in folders that are looked into."""
MOST_FILES: Final = 2000
MOST_PARTS: Final = 60
"""Sheets or layers of one file."""
_OF_A_RUN: Final = 4
"""So many files with the names of results, beside a manifest that cannot be read, are those of a run."""
_WHOLE: Final = Part()
_ARCHIVES: Final = (".zip", ".rar", ".7z")
_SIDES: Final = (
    *(".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qpj", ".qix", ".fix", ".cst", ".ain", ".aih", ".atx", ".ixs"),
    *(".mxs", ".aux", ".ovr", ".tfw", ".tifw", ".pgw", ".jgw", ".qml", ".sld", ".qmd"),
)
_OF_STEM: Final = {".shp": (".dbf",), ".tab": (".dat", ".map", ".id", ".ind"), ".mif": (".mid",)}
"""Files that are part of a layer where one of the same name stands beside them."""
_LOCKS: Final = ("~$", ".~lock.")
_OF_SYSTEM: Final = ("thumbs.db", "desktop.ini", "__macosx", "@eadir", "$recycle.bin")
_SPARE: Final = (".tmp", ".bak", ".part", ".crdownload", ".lock", ".log", ".swp")
_HEAD: Final = 4096


@dataclass(frozen=True)
class Source:
    """One thing that may be a layer of a study.

    Parameters
    ----------
    path : str
        From the folder of the study, with forward slashes, as the study file names it.
    file : Path
        The file, or the folder of a geodatabase.
    form : {"layer", "osm", "graphml", "raster", "plan"}
        What reads it.
    part : Part
        Its sheet or layer.
    modified : float
        When the file was last written, seconds.
    n_parts : int
        How many sheets or layers the file has.
    """

    path: str
    file: Path
    form: Form
    part: Part = _WHOLE
    modified: float = 0.0
    n_parts: int = 1

    @property
    def label(self) -> str:
        """The path with the sheet or layer."""
        inner = " / ".join(filter(None, (self.part.layer, self.part.sheet)))
        return f"{self.path} [{inner}]" if inner else self.path

    @property
    def names(self) -> tuple[str, ...]:
        """What names it, the nearest first: sheet and layer, file, folders."""
        way = PurePosixPath(self.path)
        stem = way.name.split(".")[0] if self.form == "osm" else way.stem
        folders = [part for part in reversed(way.parts[:-1]) if part != ".."]
        layer = PurePosixPath(self.part.layer).stem if self.part.layer else None
        return tuple(filter(None, (self.part.sheet, layer, stem, *folders)))

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from every other."""
        return (self.path, self.part.layer or "", self.part.sheet or "")


@dataclass(frozen=True)
class LeftAlone:
    """A file or folder that is no layer, by its path from the folder of the study, and why."""

    path: str
    reason: Message


@dataclass(frozen=True)
class Walk:
    """What a folder holds.

    Parameters
    ----------
    sources : tuple of Source
        In the order of their paths.
    left_alone : tuple of LeftAlone
        The rest; parts of a layer (``.dbf`` beside ``.shp``) are not listed.
    studies : tuple of str
        Study files among them.
    """

    sources: tuple[Source, ...] = ()
    left_alone: tuple[LeftAlone, ...] = ()
    studies: tuple[str, ...] = ()


def walk_folder(folder: Path, *, start: Path | None = None) -> Walk:
    """Look at every file of a folder, of the folders in it, and at the parts of each file.

    Parameters
    ----------
    folder : Path
        Where to look.
    start : Path, optional
        Where paths of the study file start; the folder itself when left out.

    Returns
    -------
    Walk
        Results of an earlier run, pictures, documents, lock files, hidden and empty files are left alone.
    """
    walker = _Walker(start or folder)
    walker.enter(folder, 0)
    return Walk(tuple(walker.sources), tuple(walker.left), tuple(walker.studies))


class _Walker:
    """Collects what a folder holds; paths are told from one place."""

    def __init__(self, start: Path) -> None:
        self.start = start
        self.sources: list[Source] = []
        self.left: list[LeftAlone] = []
        self.studies: list[str] = []
        self.n_files = 0

    def leave(self, path: Path, key: str, **values: object) -> None:
        self.left.append(LeftAlone(self.named(path), Message(f"draft.{key}", values)))

    def named(self, path: Path) -> str:
        """Give a path as the study file writes it: with forward slashes, from its folder."""
        return path_from(self.start, path)

    def enter(self, folder: Path, depth: int) -> None:
        if depth > MOST_DEPTH:
            self.leave(folder, "left_depth", most=MOST_DEPTH)
            return
        try:
            entries = sorted(folder.iterdir(), key=lambda path: (path.is_dir(), path.name))
        except OSError as error:
            self.leave(folder, "left_unreadable", why=Reason.of(error))
            return
        if not entries:
            self.leave(folder, "left_empty_folder")
        earlier = _results_in(folder)
        if earlier and depth:
            self.leave(folder, "left_results", n=sum(1 for path in folder.rglob("*") if path.is_file()))
            return
        for entry in entries:
            if earlier and entry.name in earlier:
                self.leave(entry, "left_result")
            elif self.n_files >= MOST_FILES:
                self.leave(entry, "left_too_many", most=MOST_FILES)
                return
            else:
                self._look(entry, entries, depth)

    def _look(self, entry: Path, beside: Sequence[Path], depth: int) -> None:
        name = entry.name.casefold()
        self.n_files += 1
        if not _can_be_named(entry.name):
            self.left.append(LeftAlone(ascii(self.named(entry))[1:-1], Message("draft.left_name")))
        elif name.startswith(_LOCKS):
            self.leave(entry, "left_lock")
        elif name.startswith(".") or name in _OF_SYSTEM:
            self.leave(entry, "left_hidden")
        elif entry.is_symlink() and not entry.exists():
            self.leave(entry, "left_unreadable", why="symlink")
        elif entry.is_symlink() and entry.is_dir():
            self.leave(entry, "left_link")
        elif entry.is_dir() and not _is_geodatabase(entry):
            self.enter(entry, depth + 1)
        elif not entry.is_dir() and not entry.is_file():  # a pipe would be waited for
            self.leave(entry, "left_special")
        elif name.endswith(_SPARE):
            self.leave(entry, "left_spare")
        elif not _is_side(entry, beside):
            self._file(entry)

    def _file(self, entry: Path) -> None:
        name = entry.name.casefold()
        form = find_format(entry)
        if entry.is_file() and not entry.stat().st_size:
            self.leave(entry, "left_empty_file")
        elif name.endswith(".toml"):
            self._toml(entry)
        elif name.endswith(".graphml"):
            self._add(entry, "graphml")
        elif is_osm_file(entry):
            is_map = not name.endswith(".xml") or b"<osm" in _head(entry)
            self._add(entry, "osm") if is_map else self.leave(entry, "left_xml")
        elif entry.suffix.casefold() in RASTER_ENDINGS:
            self._add(entry, "raster")
        elif form is None:
            self.leave(entry, "left_unknown")
        elif not form.reader:
            self.leave(entry, "left_format", form=form.name, advice=form.advice)
        else:
            self._parts(entry)

    def _toml(self, entry: Path) -> None:
        try:
            data = read_toml(entry)
        except GeoError as error:
            self.leave(entry, "left_broken_toml", why=error.args[0])
            return
        if "roads" in data or "facilities" in data or "demand" in data:
            self.studies.append(self.named(entry))
            self.leave(entry, "left_study")
            return
        try:
            load_plan(entry)
        except GeoError:
            self.leave(entry, "left_toml")
        else:
            self._add(entry, "plan")

    def _parts(self, entry: Path) -> None:
        """Add each sheet or layer of a file; a zip may hold a raster instead."""
        is_raster = False
        try:
            parts = list_parts(entry)
            if not parts and entry.suffix.casefold() == ".zip":
                is_raster = any(name.casefold().endswith(tuple(RASTER_ENDINGS)) for name in zip_names(entry))
        except GeoError:
            # What is wrong with the file is told where it is looked at.
            parts = (Part(),)
        has_packed = self._leave_packed(entry)
        if is_raster:
            self._add(entry, "raster")
        elif not parts and not has_packed:
            self.leave(entry, "left_no_layers")
        for part in parts[:MOST_PARTS]:
            if part.is_seen:
                self._add(entry, "layer", part, n_parts=len(parts))
            else:
                label = Source(self.named(entry), entry, "layer", part).label
                self.left.append(LeftAlone(label, Message("draft.left_hidden_sheet")))
        if len(parts) > MOST_PARTS:
            self.leave(entry, "left_parts", n=len(parts) - MOST_PARTS, most=MOST_PARTS)

    def _leave_packed(self, entry: Path) -> bool:
        """Name the archives inside a zip, which are not opened; say whether there are any."""
        if entry.suffix.casefold() != ".zip":
            return False
        try:
            packed = [name for name in zip_names(entry) if name.casefold().endswith(_ARCHIVES)]
        except GeoError:
            return False
        label = Source(self.named(entry), entry, "layer", _WHOLE).label
        self.left += [LeftAlone(f"{label}/{name}", Message("draft.left_packed_twice")) for name in packed]
        return bool(packed)

    def _add(self, entry: Path, form: Form, part: Part = _WHOLE, *, n_parts: int = 1) -> None:
        modified = entry.stat().st_mtime
        self.sources.append(Source(self.named(entry), entry, form, part, modified, n_parts))


def _can_be_named(name: str) -> bool:
    """Whether a study file can hold a name: it refuses control characters, and bytes that are no text."""
    return not any(letter < " " or letter == "\x7f" or "\ud800" <= letter <= "\udfff" for letter in name)


def _results_in(folder: Path) -> frozenset[str]:
    """Give the names of the files of an earlier run, if its manifest stands in the folder.

    Where a full disk or a copy broken off has spoilt it, the files beside it tell that it is one of ours.
    """
    manifest = folder / "manifest.json"
    try:
        told = json.loads(manifest.read_text(encoding="utf-8"))
        is_ours = told["product"]["name"] == "emergency-geo"
    except ValueError:
        n_there = sum((folder / name).is_file() for name in FILES if name != manifest.name)
        return frozenset(FILES) if n_there >= _OF_A_RUN else frozenset()
    except (OSError, KeyError, TypeError):
        return frozenset()
    return frozenset({"manifest.json", *FILES, *told.get("results", ())}) if is_ours else frozenset()


def _is_geodatabase(folder: Path) -> bool:
    return folder.suffix.casefold() == ".gdb" or any(folder.glob("a00000001.gdbtable"))


def _is_side(entry: Path, beside: Sequence[Path]) -> bool:
    """Whether a file is part of a layer, or tells about one."""
    name = entry.name.casefold()
    if entry.suffix.casefold() in _SIDES or name.endswith((".shp.xml", ".aux.xml", ".gdb.xml", ".tif.xml")):
        return True
    ending = entry.suffix.casefold()
    wholes = {whole for whole, sides in _OF_STEM.items() if ending in sides}
    return any(other.stem == entry.stem and other.suffix.casefold() in wholes for other in beside)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD)
