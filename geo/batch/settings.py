"""The file of a batch: its name, the template, the table of counties and their boundaries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from geo.errors import StudyError
from geo.messages import Message
from geo.settings import read_section, shown
from geo.study import LayerSpec, read_toml
from geo.words import LANGS, Lang, nearest_words

__all__ = ["BatchFile", "BatchSpec", "BoundariesSpec", "CountiesSpec", "is_batch_file", "read_batch_file"]


@dataclass(frozen=True)
class BatchSpec:
    """What is run for all counties.

    Parameters
    ----------
    name : str
        Of the province; the heading of the summary.
    template : str
        Study file with placeholders, relative to this file.
    out : str
        Folder of all results.
    lang : {"zh", "en"}
        Language of the summary; each county's own study says its language itself.
    """

    name: str
    template: str
    out: str = "out"
    lang: Lang = "zh"


@dataclass(frozen=True)
class CountiesSpec(LayerSpec):
    """The table of counties: one row each; a layer of polygons holds the boundaries too.

    ``code`` and ``name`` are the headers of the columns that tell counties apart and name them; without them
    the columns that look like an id and a name. ``boundary`` is the header of a column with the file of each
    county's boundary.
    """

    code: str | None = None
    name: str | None = None
    boundary: str | None = None


@dataclass(frozen=True)
class BoundariesSpec(LayerSpec):
    """A layer of boundaries beside a table of counties; the column ``code`` says whose they are.

    Without it the column counts that is called as in the table.
    """

    code: str | None = None


@dataclass(frozen=True)
class BatchFile:
    """A checked file of a batch.

    Parameters
    ----------
    file : Path
        Where it stands: relative paths start there.
    batch, counties, boundaries
        Its sections.
    """

    file: Path
    batch: BatchSpec
    counties: CountiesSpec
    boundaries: BoundariesSpec | None = None

    def path(self, name: str) -> Path:
        """Give a path of the file as a real path.

        Raises
        ------
        StudyError
            It holds a control character, as TOML makes of a Windows path.
        """
        if any(letter < " " for letter in name):
            raise StudyError(Message("settings.path_spoilt", {"path": shown(name)}))
        return self.file.parent / name


_SECTIONS: Final[Mapping[str, type[Any]]] = {
    "batch": BatchSpec,
    "counties": CountiesSpec,
    "boundaries": BoundariesSpec,
}


def is_batch_file(file: Path) -> bool:
    """Say whether a file of settings is that of a batch: it has a section ``[batch]``.

    Raises
    ------
    FileError, StudyError
        The file is missing or not TOML.
    """
    return "batch" in read_toml(file)


def read_batch_file(file: Path) -> BatchFile:
    """Read the file of a batch.

    Raises
    ------
    FileError
        It is missing or not UTF-8 text.
    StudyError
        It is not TOML, or a section, key or value is wrong; every fault is told at once.
    """
    data = read_toml(file)
    faults: list[Message] = []
    for name in data:
        if name not in _SECTIONS:
            near = nearest_words(name, _SECTIONS)
            words = repr(near[0]) if near else ", ".join(sorted(_SECTIONS))
            hint = Message("settings.did_you_mean" if near else "settings.known", {"words": words})
            faults.append(Message("settings.section_unknown", {"name": name, "hint": hint}))
    parts = {
        name: read_section(cls, data.get(name, {}), where=f"[{name}]", faults=faults)
        for name, cls in _SECTIONS.items()
        if name in data or name != "boundaries"
    }
    if parts.get("batch") is not None and parts["batch"].lang not in LANGS:
        faults.append(Message("settings.lang_wrong", {"value": parts["batch"].lang, "langs": tuple(LANGS)}))
    if faults:
        head = Message("settings.faults", {"file": file.name, "n": len(faults)})
        for fault in faults:
            head = Message("settings.with_line", {"head": head, "line": fault})
        raise StudyError(head)
    return BatchFile(file.resolve(), **parts)
