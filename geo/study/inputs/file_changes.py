"""Which files a study names, and whether one was saved anew between reading and writing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from geo.errors import StudyError
from geo.files import stamp_of
from geo.messages import Message
from geo.settings import FixedMapping
from geo.study.settings import Study

__all__ = ["Stamps", "changed_files", "is_file_of", "require_unchanged", "stamp_files", "study_files"]

Stamps: TypeAlias = Mapping[Path, tuple[int, int] | None]
"""Bytes and time of the last change (ns) of each file; None where it went away."""


def study_files(study: Study) -> tuple[str, ...]:
    """List every file a study names, as it names it, each once; side files of shapefiles too.

    Whatever text of the settings is the path of a file counts, so that no room's files are forgotten;
    ``"file.toml#part"`` names the file.
    """
    files: list[str] = []
    for text in _texts(study.settings()):
        name = text.partition("#")[0]
        if name and is_file_of(study, name):
            files.append(name)
            if name.casefold().endswith(".shp"):
                sides = (Path(name).with_suffix(end).as_posix() for end in (".shx", ".dbf", ".prj", ".cpg"))
                files += [side for side in sides if study.file(side).is_file()]
    return tuple(dict.fromkeys(files))


def is_file_of(study: Study, name: str) -> bool:
    """Whether a text of the settings is the path of a file that is there."""
    try:
        return study.file(name).is_file()
    except (OSError, StudyError):  # a text too long, or with a character that no path has
        return False


def _texts(value: object) -> Iterator[str]:
    """Give every text in nested settings, in their order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)


def stamp_files(study: Study) -> Stamps:
    """Note size and time of every file of a study, before any of them is read."""
    paths = [study.file(name) for name in study_files(study)]
    return FixedMapping({path: stamp_of(path) for path in paths})


def changed_files(stamps: Stamps) -> tuple[str, ...]:
    """Name the files that were saved anew since they were stamped, or are gone."""
    return tuple(path.name for path, stamp in stamps.items() if stamp_of(path) != stamp)


def require_unchanged(stamps: Stamps) -> None:
    """Check that no file was saved anew since it was read: the results would be told as those of the new one.

    Raises
    ------
    StudyError
        One was, or is gone; each is named.
    """
    changed = changed_files(stamps)
    if changed:
        raise StudyError(Message("study.changed_meanwhile", {"n": len(changed), "files": changed}))
