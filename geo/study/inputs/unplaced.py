"""Files of a study whose roads cannot be used: nothing can be placed, but each can be read and judged."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Literal, TypeAlias

from geo.errors import FileError
from geo.messages import Message
from geo.osm import is_osm_file
from geo.study.inputs.log import LayerLog
from geo.study.inputs.people import settled_people
from geo.study.inputs.tables import is_table
from geo.study.settings import DemandSpec, LayerSpec, Study

__all__ = ["look_at_layers"]

_Shape: TypeAlias = Literal["any", "point", "line", "polygon", "none"]
_POLYGONS = ("zones", "land", "hazards", "built_up", "keep_out")


def look_at_layers(study: Study, log: LayerLog) -> None:
    """Read every layer but the roads, and keep what stops each; their rows are not used.

    Parameters
    ----------
    study : Study
        A checked study file.
    log : LayerLog
        Receives the errors.
    """
    for section, spec in _layers_of(study):
        log.attempt(section, partial(_look, study, spec, section, log))


def _layers_of(study: Study) -> Iterator[tuple[str, LayerSpec]]:
    for name in ("facilities", "zones", "land", "barriers", "demand", "villages", "hazards", "sensitive",
                 "obstacles", "built_up", "plots", "keep_out"):  # fmt: skip
        given = getattr(study, name)
        if isinstance(given, tuple):
            yield from ((f"{name} {i}", spec) for i, spec in enumerate(given, start=1))
        elif given is not None:
            yield name, given


def _look(study: Study, spec: LayerSpec, section: str, log: LayerLog) -> None:
    file = study.file(spec.path)
    if is_osm_file(spec.path) or (isinstance(spec, DemandSpec) and spec.method in ("raster", "places")):
        if not file.is_file():
            raise FileError(Message("study.no_file", {"file": file}))
        return
    room = section.split()[0]
    is_list = room == "villages" and spec.crs is None and is_table(spec, file)
    shape: _Shape = "polygon" if room in _POLYGONS else "none" if is_list else "any"
    columns = settled_people(spec) if isinstance(spec, DemandSpec) else {}
    log.read(spec, file, section=section, columns=columns, geometry=shape)
