"""The manifest of a run: inputs with hashes, settings and versions, enough to replay it."""

from __future__ import annotations

import json
import os
import platform
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from geo import file_limits
from geo.errors import FileError, StudyError
from geo.files import file_sha256, path_from, seal_files, write_text_whole
from geo.messages import Message
from geo.outputs.files import as_json
from geo.outputs.folder import RECORD
from geo.outputs.wording import Wording
from geo.sources import require_size, require_source
from geo.study import Stamps, Study, is_file_of, parse_study, require_unchanged, study_files
from geo.words import Lang, say

if TYPE_CHECKING:  # who reads a finished run loads no room that computes one
    from geo.study import CalibrationResult, SimulationResult, SiteResult, StudyResult

__all__ = [
    "Manifest",
    "file_sha256",
    "make_manifest",
    "product_version",
    "read_manifest",
    "require_plain",
    "require_same_inputs",
    "require_same_results",
    "require_same_words",
    "shown_version",
    "write_manifest",
]

_Answer = TypeVar("_Answer", "StudyResult", "SiteResult", "SimulationResult", "CalibrationResult")
_NO_VERSION: Final = "not installed"

FORMAT = 1
LIBRARIES = ("geopandas", "numba", "numpy", "osmium", "pandas", "pyogrio", "pyproj", "scipy", "shapely")


@dataclass(frozen=True)
class Manifest:
    """A manifest read back.

    Parameters
    ----------
    study : Study
        The study to run again, with paths that start at the study's own folder.
    inputs : mapping of str to str
        SHA-256 of every input, by path as the study file wrote it.
    results : mapping of str to str
        SHA-256 of every result file that the same inputs must give again.
    version : str
        Version of this package that made the results.
    """

    study: Study
    inputs: Mapping[str, str]
    results: Mapping[str, str]
    version: str


def shown_version(lang: Lang) -> str:
    """Give the version of this package as a reader is told it."""
    version = product_version()
    return say("outputs.no_version", lang=lang) if version == _NO_VERSION else version


def product_version() -> str:
    """Give the version of this package; a checkout that is not installed has none."""
    try:
        return metadata.version("emergency-geo")
    except metadata.PackageNotFoundError:
        return _NO_VERSION


def make_manifest(
    study: Study, stamps: Stamps, *, results: Iterable[Path], folder: Path, written: Mapping[str, Any]
) -> dict[str, Any]:
    """Describe a run.

    Parameters
    ----------
    study : Study
        What was run.
    stamps : mapping
        Of its files when they were read, as ``Inputs`` has them.
    results : iterable of Path
        Result files whose bytes a replay must give again.
    folder : Path
        Where the manifest will be written; the study's folder is told from there.
    written : mapping
        All files of the run, as :func:`geo.files.seal_files` lists them: a later run may replace these.

    Raises
    ------
    StudyError
        A file was saved anew since it was read.
    """
    require_unchanged(stamps)
    return {
        "manifest": FORMAT,
        "product": {"name": "emergency-geo", "version": product_version()},
        "synthetic": study.study.synthetic,
        "settings": study.settings(),
        "study_folder": _from(study.folder, folder),
        "inputs": [
            {"path": name, "bytes": study.file(name).stat().st_size, "sha256": file_sha256(study.file(name))}
            for name in study_files(study)
        ],
        "results": {path.name: file_sha256(path) for path in results},
        "written": dict(written),
        "versions": {"python": platform.python_version()}
        | {name: metadata.version(name) for name in LIBRARIES},
    }


def write_manifest(
    new: Path,
    result: StudyResult | SiteResult | SimulationResult | CalibrationResult,
    *,
    names: Iterable[str],
    folder: Path,
    by: str,
    more: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Write the manifest of a folder that is being made, the last of its files.

    Parameters
    ----------
    new : Path
        Where the files stand until the folder is whole.
    result : StudyResult, SiteResult, SimulationResult or CalibrationResult
        What they tell.
    names : iterable of str
        Files whose bytes a replay must give again; those that were not written are left out.
    folder : Path
        Where the files will stand.
    by : str
        The command, as later runs look for it.
    more : mapping
        What the manifest says beside.

    Raises
    ------
    StudyError
        An input was saved anew since it was read.
    """
    results = [new / name for name in names if (new / name).exists()]
    written = seal_files(new, by=by)
    manifest = make_manifest(
        result.study, result.inputs.stamps, results=results, folder=folder, written=written
    )
    write_text_whole(new / RECORD, as_json({**manifest, **more}))


def require_plain(path: Path) -> None:
    """Check that a result is no device or pipe, which would be read without end, and not too large.

    Raises
    ------
    FileError
        It is one.
    """
    if path.exists() and not path.is_dir():
        require_source(path)
        require_size(path, file_limits.MOST_TEXT_BYTES)


def read_manifest(path: str | Path) -> Manifest:
    """Read a manifest for a replay.

    Raises
    ------
    FileError
        The file is missing or is not JSON.
    StudyError
        It is no manifest of this package, or of a format this version does not know.
    """
    path = Path(path)
    require_plain(path)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError(Message("outputs.manifest_unreadable", {"file": path, "why": error})) from None
    except (ValueError, RecursionError) as error:
        raise FileError(Message("outputs.manifest_no_json", {"file": path.name, "why": error})) from None
    if not isinstance(data, dict) or data.get("manifest") != FORMAT:
        raise StudyError(Message("outputs.manifest_format", {"file": path.name, "format": FORMAT}))
    try:
        folder = (path.resolve().parent / data["study_folder"]).resolve()
        return Manifest(
            study=parse_study(data["settings"], folder=folder, name=path.name),
            inputs={str(row["path"]): row["sha256"] for row in data["inputs"]},
            results=dict(data["results"]),
            version=str(data["product"]["version"]),
        )
    except StudyError:
        raise
    except (KeyError, TypeError, AttributeError, ValueError, OSError, RuntimeError) as error:
        raise FileError(Message("outputs.manifest_part", {"file": path.name, "why": error})) from None


def require_same_inputs(manifest: Manifest) -> None:
    """Check that every input is still what it was.

    Raises
    ------
    StudyError
        An input is missing or differs; each is named.
    """
    changed = [
        name
        for name, sha256 in manifest.inputs.items()
        if not is_file_of(manifest.study, name) or file_sha256(manifest.study.file(name)) != sha256
    ]
    if changed:
        raise StudyError(Message("outputs.inputs_changed", {"n": len(changed), "files": tuple(changed)}))


def require_same_results(manifest: Manifest, folder: Path) -> None:
    """Check that a replay gave the same bytes.

    Raises
    ------
    StudyError
        A result differs; each is named, with the versions that made it.
    """
    differs = [name for name, sha256 in manifest.results.items() if _hash_of(folder, name) != sha256]
    if differs:
        raise StudyError(
            Message("outputs.replay_differs", {"files": tuple(differs), "version": manifest.version})
        )


def require_same_words(
    manifest: Manifest, folder: Path, result: _Answer, write: Callable[[_Answer, Path, Wording], None]
) -> None:
    """Check that a replay gave the same numbers, whatever its tables speak.

    Parameters
    ----------
    manifest : Manifest
        What is replayed.
    folder : Path
        With the results of the replay.
    result : StudyResult, SiteResult, SimulationResult or CalibrationResult
        What the replay found.
    write : callable
        Writes the numbers of a result into a folder in a wording; given the replay's in that of the manifest
        where it speaks otherwise, so that words alone make no difference.

    Raises
    ------
    StudyError
        As :func:`require_same_results`.
    """
    asked = Wording.of(manifest.study, manifest.study.study.lang)
    if Wording.of(result.study, result.lang) == asked:
        require_same_results(manifest, folder)
        return
    study = result.study.in_lang(asked.lang).with_field_names(asked.field_names)
    with tempfile.TemporaryDirectory(prefix="geo-") as name:
        write(replace(result, study=study, lang=asked.lang), Path(name), asked)
        require_same_results(manifest, Path(name))


def _hash_of(folder: Path, name: str) -> str:
    """Hash a result; one that the replay did not write, or whose name leads elsewhere, has no hash."""
    try:
        path = (folder / name).resolve()
        return file_sha256(path) if path.is_relative_to(folder.resolve()) and path.is_file() else ""
    except (OSError, RuntimeError, ValueError):
        return ""


def _from(target: Path, start: Path) -> str:
    """Give a path relative to another where there is one (not across Windows drives)."""
    # In an ASCII locale the letters of a Chinese folder are bytes in disguise, which no JSON can hold.
    return os.fsencode(path_from(start.resolve(), target)).decode("utf-8", "replace")
