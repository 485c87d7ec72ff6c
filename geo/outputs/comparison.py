"""The results of two runs held against each other: what changed in inputs, settings, people and targets."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from geo.errors import FileError, GeoError
from geo.messages import Message
from geo.outputs.manifest import Manifest, file_sha256, read_manifest, require_plain
from geo.outputs.read_back import read_back
from geo.reading import reads_a_file
from geo.scenarios import compare_targets
from geo.settings import plain

__all__ = ["RunCompared", "RunRead", "compare_runs", "read_run"]

_COMPARED: Final = ("summary.json", "zones.csv", "targets.csv")
FIGURES: Final = (
    *("people", "people_covered", "share_covered", "people_two", "people_unreachable"),
    *("mean_s", "median_s", "p90_s", "worst_reached_s"),
)
"""Figures of ``summary.json`` on the study's clock."""


@dataclass(frozen=True, eq=False)
class RunRead:
    """The results of a run, as its folder holds them.

    Parameters
    ----------
    folder : Path
        Of the results.
    manifest : Manifest
        What was run.
    summary : mapping
        ``summary.json``.
    zones : DataFrame
        ``zones.csv`` by the zone's name; empty without zones.
    targets : DataFrame or None
        ``targets.csv`` by id; None without a plan.
    """

    folder: Path
    manifest: Manifest
    summary: Mapping[str, Any]
    zones: pd.DataFrame
    targets: pd.DataFrame | None


@dataclass(frozen=True, eq=False)
class RunCompared:
    """What differs between two runs.

    Parameters
    ----------
    inputs : DataFrame
        Files that differ: ``file``, ``change`` (``changed``, ``added``, ``gone``).
    settings : DataFrame
        Settings that differ: ``setting`` (``section.key``), ``before``, ``after``.
    figures : DataFrame
        Index ``figure`` (of the headline); ``before``, ``after``, ``change``.
    zones : DataFrame
        Index ``zone``; ``before_people``, ``after_people`` (all people), ``before_share``, ``after_share``
        (in time), ``change_people``, ``change_share``; nan where a zone is in one run only. The greatest loss
        comes first.
    targets : DataFrame or None
        As :func:`geo.scenarios.compare_targets` gives it, for the targets of both; None without.
    unpaired : tuple of str
        Ids of targets that one run alone has: its plan is another, or the other run has none.
    """

    inputs: pd.DataFrame
    settings: pd.DataFrame
    figures: pd.DataFrame
    zones: pd.DataFrame
    targets: pd.DataFrame | None
    unpaired: tuple[str, ...] = ()


@reads_a_file
def read_run(path: str | Path) -> RunRead:
    """Read the results of a run.

    Parameters
    ----------
    path : path
        The folder of the results, or the ``manifest.json`` in it.

    Raises
    ------
    FileError
        A file is missing, damaged, or was changed since the run wrote it; the message names it.
    StudyError
        The manifest is none of this package.
    """
    path = Path(path)
    folder = path if path.is_dir() else path.parent
    manifest = read_manifest(folder / "manifest.json" if path.is_dir() else path)
    for name in _COMPARED:
        require_plain(folder / name)
    try:
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        has_targets = (folder / "targets.csv").is_file()
        zones = read_back(folder / "zones.csv", words="outputs", index="name")
        path = folder / "targets.csv"
        targets = read_back(path, words="maps", index="target_id") if has_targets else None
        if not isinstance(summary, dict):
            raise ValueError("summary.json holds no table")
        read = RunRead(folder, manifest, summary, zones, targets)
        compare_runs(read, read)  # what was edited shows here and not in the middle of a comparison
    except OSError as error:
        raise FileError(
            Message("outputs.compare_unreadable", {"file": error.filename, "why": error})
        ) from error
    except GeoError:
        raise
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise FileError(Message("outputs.compare_damaged", {"folder": folder, "why": error})) from error
    _require_as_written(read)
    return read


def _require_as_written(run: RunRead) -> None:
    """Check that the figures are those that the run wrote: rows that were cut off show no other way."""
    written = {name: run.manifest.results[name] for name in _COMPARED if name in run.manifest.results}
    there = {name: file_sha256(run.folder / name) for name in written if (run.folder / name).is_file()}
    edited = [name for name in written if there.get(name) != written[name]]
    if edited:
        values = {"folder": run.folder, "files": tuple(edited)}
        raise FileError(Message("outputs.compare_edited", values))


def compare_runs(before: RunRead, after: RunRead) -> RunCompared:
    """Hold two runs against each other."""
    shared = None
    if before.targets is not None and after.targets is not None:
        ids = before.targets.index.intersection(after.targets.index)
        shared = compare_targets(before.targets.loc[ids], after.targets.loc[ids]) if len(ids) else None
    return RunCompared(
        inputs=_inputs(before.manifest, after.manifest),
        settings=_settings(before.manifest, after.manifest),
        figures=_figures(before.summary, after.summary),
        zones=_zones(before.zones, after.zones),
        targets=shared,
        unpaired=_unpaired(before.targets, after.targets),
    )


def _unpaired(before: pd.DataFrame | None, after: pd.DataFrame | None) -> tuple[str, ...]:
    ids = [() if table is None else tuple(map(str, table.index)) for table in (before, after)]
    return tuple(dict.fromkeys(name for one, other in (ids, ids[::-1]) for name in one if name not in other))


def _inputs(before: Manifest, after: Manifest) -> pd.DataFrame:
    """List the inputs that differ; files of one name are one file, in whatever folders the studies lie."""
    old, new = _by_name(before.inputs), _by_name(after.inputs)
    rows = [
        {"file": name, "change": "gone" if name not in new else "added" if name not in old else "changed"}
        for name in dict.fromkeys([*old, *new])
        if old.get(name) != new.get(name)
    ]
    return pd.DataFrame(rows, columns=["file", "change"])


def _by_name(inputs: Mapping[str, str]) -> dict[str, str]:
    """Give the hashes by the names of the files; by their paths where two files have one name."""
    names = [Path(path).name for path in inputs]
    return {
        name if names.count(name) == 1 else path: sha256
        for name, (path, sha256) in zip(names, inputs.items(), strict=True)
    }


def _settings(before: Manifest, after: Manifest) -> pd.DataFrame:
    """List the settings that differ; of a section that one run lacks, those not as they always are."""
    old, new = (dict(_leaves(run.study.settings())) for run in (before, after))
    quiet_old, quiet_new = (set(_untouched(run.study)) for run in (before, after))
    rows = [
        {"setting": key, "before": old.get(key, ""), "after": new.get(key, "")}
        for key in dict.fromkeys([*old, *new])
        if old.get(key) != new.get(key)
        # a setting that one run alone has is told, unless it stands there as the program has it by itself
        and not (key not in new and key in quiet_old)
        and not (key not in old and key in quiet_new)
    ]
    return pd.DataFrame(rows, columns=["setting", "before", "after"])


def _untouched(spec: Any, name: str = "") -> Iterator[str]:
    """Give the names of the settings that stand as the program has them by itself."""
    if isinstance(spec, tuple):
        for i, part in enumerate(spec, start=1):
            yield from _untouched(part, f"{name} {i}")
    elif dataclasses.is_dataclass(spec) and not isinstance(spec, type):
        for field in dataclasses.fields(spec):
            value, key = getattr(spec, field.name), f"{name}.{field.name}" if name else field.name
            if value == _default(field):
                yield from (leaf for leaf, _ in _leaves(plain(value), key))
            else:
                yield from _untouched(value, key)


def _default(field: dataclasses.Field[Any]) -> Any:
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _leaves(part, f"{name}.{key}" if name else str(key))
    elif isinstance(value, (list, tuple)) and any(isinstance(part, Mapping) for part in value):
        for i, part in enumerate(value, start=1):
            yield from _leaves(part, f"{name} {i}")
    else:
        yield name, _as_typed(value)


def _as_typed(value: Any) -> str:
    """Write a value as the study file has it: true, a list with commas."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_as_typed, value))
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _figures(before: Mapping[str, Any], after: Mapping[str, Any]) -> pd.DataFrame:
    old, new = (
        pd.Series({name: run["standard"].get(name) for name in FIGURES}, dtype=float)
        for run in (before, after)
    )
    table = pd.DataFrame({"before": old, "after": new, "change": new - old})
    return table.rename_axis("figure")


def _zones(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    names = before.index.union(after.index, sort=False)
    old, new = before.reindex(names), after.reindex(names)
    table = pd.DataFrame(
        {
            "before_people": old["people"],
            "after_people": new["people"],
            "change_people": new["people"] - old["people"],
            "before_share": old["share_people"],
            "after_share": new["share_people"],
            "change_share": new["share_people"] - old["share_people"],
        },
        index=names,
    )
    order = np.argsort(table["change_share"].to_numpy(dtype=float), kind="stable")
    return table.iloc[order].rename_axis("zone")
