"""Which counties are done: their results are there whole, of this very study, its files and this program."""

from __future__ import annotations

import json
from pathlib import Path

from geo.batch.county import CountyEnd, CountyTask
from geo.errors import GeoError
from geo.outputs import RUN, find_finished
from geo.study import read_study

__all__ = ["is_done", "kept_end"]

_NEEDED = ("coverage.gpkg", "tables.xlsx", "summary.json", "map.html")


def is_done(task: CountyTask) -> bool:
    """Say whether the results of a county are those that a run would write now.

    Counted are the settings, the content of every input, the version of the program, and that every result is
    as it was written.

    Parameters
    ----------
    task : CountyTask
        The county.
    """
    try:
        study = read_study(task.study).in_lang(task.lang).with_field_names(task.field_names)
        return find_finished(study, Path(task.folder), by=RUN, names=_NEEDED) is not None
    except GeoError:
        return False


def kept_end(task: CountyTask) -> CountyEnd:
    """Give the end of a county that is done, with the faults that its results tell of."""
    summary = json.loads((Path(task.folder) / "summary.json").read_text(encoding="utf-8"))
    return CountyEnd(task.code, "kept", n_faults=int(summary.get("faults", 0)))
