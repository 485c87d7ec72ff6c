"""A whole study file with a state as a scenario, its paths right from where it is written."""

from __future__ import annotations

import dataclasses
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from geo.errors import StudyError
from geo.files import path_from
from geo.serve.scenario_text import scenario_text, settings_of
from geo.signs import toml_value
from geo.study import ScenarioSpec, Study, parse_study
from geo.words import say

__all__ = ["moved_path", "study_text"]

_SWITCHES: Final = ("land", "villages", "zoning", "projects", "siting", "candidates", "output")
"""Sections that say something by being there at all."""
_NO_PATHS: Final = frozenset(
    {
        *("columns", "where", "over_where", "classes", "oneway_codes", "name", "attribution", "lang", "crs"),
        *(
            "kind",
            "status",
            "layer",
            "sheet",
            "encoding",
            "id",
            "facility",
            "site",
            "build",
            "close",
            "method",
        ),
        *("people", "weight", "out", "hazards", "highway", "level", "order", "angles", "unit"),
    }
)
"""Settings whose texts are words of the study, even where a file of that name lies beside it."""


def study_text(study: Study, folder: Path, *, out: str) -> str:
    """Write a study file that stands in another folder than the study and means the same.

    Parameters
    ----------
    study : Study
        With the scenario.
    folder : Path
        Where the file will stand: its paths start there.
    out : str
        Folder of the results, from there.

    Raises
    ------
    StudyError
        The text would not be read as the study that it is of.
    """
    told = dataclasses.replace(study, study=dataclasses.replace(study.study, out=out))
    head = [f"# {line}" for line in say("serve.study_head", lang=study.study.lang).splitlines()]
    text = "\n".join([*head, *_sections(told, folder)]) + "\n"
    parse_study(tomllib.loads(text), folder=folder)
    return text


def _sections(study: Study, folder: Path) -> Iterator[str]:
    for field in dataclasses.fields(study):
        value = getattr(study, field.name)
        if field.name in ("folder", "scenarios") or value is None:
            continue
        if isinstance(value, Mapping):
            for name, system in value.items():
                yield from _section(f"[{field.name}.{toml_value(name)}]", settings_of(system))
        elif isinstance(value, tuple):
            for part in value:
                yield from _section(f"[[{field.name}]]", _moved(study, settings_of(part), folder))
        elif (settings := _moved(study, settings_of(value), folder)) or field.name in _SWITCHES:
            yield from _section(f"[{field.name}]", settings)
    for scenario in study.scenarios:
        yield "\n" + scenario_text(_moved_scenario(study, scenario, folder)).rstrip("\n")


def _section(head: str, settings: Mapping[str, Any]) -> Iterator[str]:
    yield f"\n{head}"
    yield from (f"{name} = {toml_value(value)}" for name, value in settings.items() if value not in ({}, []))


def _moved_scenario(study: Study, scenario: ScenarioSpec, folder: Path) -> ScenarioSpec:
    """Give a scenario with the files of its areas named from the folder."""
    parts: dict[str, Any] = {}
    for part in ("close_roads", "limit", "speed", "slow"):
        rows = getattr(scenario, part)
        parts[part] = tuple(
            row if row.path is None else dataclasses.replace(row, path=moved_path(study, row.path, folder))
            for row in rows
        )
    return dataclasses.replace(scenario, **parts)


def _moved(study: Study, value: Any, folder: Path) -> Any:
    """Give settings with the files that they name named from another folder."""
    if isinstance(value, Mapping):
        return {key: part if key in _NO_PATHS else _moved(study, part, folder) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_moved(study, part, folder) for part in value]
    return moved_path(study, value, folder) if isinstance(value, str) else value


def moved_path(study: Study, text: str, folder: Path) -> str:
    """Give a path of the study file as it is from another folder; a text that names no file stays.

    Examples
    --------
    >>> from geo.study import read_study
    >>> sample = read_study("sample")
    >>> [moved_path(sample, text, sample.folder / "out" / "live") for text in ("roads.geojson", "auto")]
    ['../../roads.geojson', 'auto']
    """
    name, mark, part = text.partition("#")
    try:
        file = study.file(name)
        is_there = bool(name) and file.exists() and file != study.folder
    except (OSError, StudyError):  # no path at all
        return text
    if not is_there:
        return text
    # Not the file that a link leads to: side files lie beside the link.
    there = Path(os.path.abspath(study.folder / name))
    return path_from(os.path.realpath(folder), there) + mark + part
