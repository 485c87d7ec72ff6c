"""What is to be run: the study of each county, written out where it is made from a template."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import shapely

from geo.batch.counties import County, read_counties
from geo.batch.settings import is_batch_file, read_batch_file
from geo.batch.shared import people_twice
from geo.batch.template import BOUNDARY, Template, read_template
from geo.errors import FileError, GeoError, InputError, StudyError
from geo.files import write_text_whole
from geo.messages import Message, name_some
from geo.outputs import default_folder, folder_name
from geo.study import Study, read_study
from geo.words import Lang

__all__ = ["Batch", "Job", "read_batch"]

_COUNTIES: Final = "counties"
"""Folder of the counties in that of the batch."""
_BOUNDARY_FILE: Final = "boundary.geojson"
_HEAD: Final = "# geo batch "
"""First line of a study made from a template, with a digest of all lines below it."""


@dataclass(frozen=True, eq=False)
class Job:
    """One county that is to be run.

    Parameters
    ----------
    code, name : str
        Of the county; without a table of counties the name of its study file and the name of its study.
    study : Path
        Its study file.
    folder : Path
        Of its results: where ``geo run`` of the study would write them.
    boundary : shapely.Geometry or None
        In degrees; None where none is known.
    error : GeoError or None
        Why it cannot be run; the others are.
    """

    code: str
    name: str
    study: Path
    folder: Path
    boundary: Any | None = None
    error: GeoError | None = None


@dataclass(frozen=True, eq=False)
class Batch:
    """All that one ``geo batch`` runs.

    Parameters
    ----------
    name : str
        Heading of the summary.
    lang : {"zh", "en"}
        Language of the summary.
    folder : Path
        Of the summary.
    jobs : tuple of Job
        The counties in their order.
    notes : tuple of Message
        What was noticed of the table of counties.
    """

    name: str
    lang: Lang
    folder: Path
    jobs: tuple[Job, ...]
    notes: tuple[Message, ...] = ()


def read_batch(files: Sequence[Path], *, out: Path | None = None, lang: Lang | None = None) -> Batch:
    """Read what a batch is asked to run; studies that are made from a template are written out.

    Parameters
    ----------
    files : sequence of Path
        One file with a section ``[batch]``, or the study files themselves.
    out : Path, optional
        Folder of the summary, and of the studies made from a template; that of the file when missing, for
        study files ``batch`` where the user stands.
    lang : {"zh", "en"}, optional
        Language of the summary and of all results; without it each study's own, and the summary speaks
        that of the file or of the first study.

    Raises
    ------
    GeoError
        The file, its template or its table cannot be used; or two studies write into one folder. What is
        wrong with one county alone stays with its job.
    """
    if len(files) == 1 and is_batch_file(files[0]):
        batch = _from_template(files[0], out, lang)
    else:
        batch = _from_studies(files, out, lang)
    _require_apart(batch.jobs)
    return replace(batch, notes=(*batch.notes, *people_twice(_studies(batch.jobs))))


def _studies(jobs: Iterable[Job]) -> dict[str, Study]:
    return {job.code: read_study(job.study) for job in jobs if job.error is None}


def _from_studies(files: Sequence[Path], out: Path | None, lang: Lang | None) -> Batch:
    batches = [file for file in files if len(files) > 1 and _is_batch(file)]
    if batches:
        raise StudyError(Message("batch.one_file", {"file": batches[0].name}))
    jobs = _coded_apart([_of_study(file) for file in files])
    langs = [own for job in jobs if (own := _lang_of(job)) is not None]
    spoken = lang or (langs[0] if langs else "zh")
    folder = out or Path("batch")
    return Batch(folder.resolve().name, spoken, folder, tuple(jobs))


def _is_batch(file: Path) -> bool:
    try:
        return is_batch_file(file)
    except GeoError:  # told of that study alone
        return False


def _of_study(file: Path) -> Job:
    try:
        study = read_study(file)
        return Job(file.stem, study.study.name, file, default_folder(study))
    except GeoError as error:
        return Job(file.stem, file.stem, file, file.parent / "out", error=error)


def _coded_apart(jobs: Sequence[Job]) -> list[Job]:
    """Tell studies of one name apart by their folder, and where that is the same too by their whole path."""
    for longer in (lambda file: f"{file.parent.name}-{file.stem}", str):
        codes = Counter(job.code for job in jobs)
        jobs = [
            replace(job, code=longer(job.study.resolve())) if codes[job.code] > 1 else job for job in jobs
        ]
    return list(jobs)


def _lang_of(job: Job) -> Lang | None:
    return None if job.error is not None else read_study(job.study).study.lang


def _from_template(file: Path, out: Path | None, lang: Lang | None) -> Batch:
    asked = read_batch_file(file)
    template = read_template(asked.path(asked.batch.template))
    table = read_counties(asked)
    template.require_known(table.columns)
    folder = out or asked.path(asked.batch.out)
    if lang is None:
        lang = asked.batch.lang
    jobs = tuple(_written(county, template, folder / _COUNTIES) for county in table.counties)
    notes = table.notes
    bare = [job.code for job in jobs if job.boundary is None]
    if bare and len(bare) < len(jobs):
        notes = (*notes, Message("batch.no_boundaries", {"n": len(bare), "codes": name_some(bare)}))
    return Batch(asked.batch.name, lang, folder, jobs, notes)


def _written(county: County, template: Template, counties: Path) -> Job:
    """Write the study of a county, and its boundary beside it; files that say the same stay as they are."""
    place = county.name if county.name != county.code else ""
    folder = counties / folder_name(county.code, place)
    file = folder / "study.toml"
    job = Job(county.code, county.name, file, folder / "out", county.boundary, county.error)
    if county.error is not None:
        return job
    try:
        if county.boundary is None and BOUNDARY in template.placeholders():
            raise InputError(Message("batch.no_boundary", {"code": county.code, "row": county.row}))
        text = template.fill({**county.values, BOUNDARY: _BOUNDARY_FILE}, folder)
        _require_own(file)
        if county.boundary is not None:
            _write(folder / _BOUNDARY_FILE, _geojson(county))
        _write(file, f"{_HEAD}{_digest(text)}\n{text}")
        return replace(job, folder=default_folder(read_study(file)))
    except GeoError as error:
        return replace(job, error=error)


def _require_own(file: Path) -> None:
    """Check that a study file, where there is one, is as it was written: a planner's change is not lost.

    Raises
    ------
    FileError
        Somebody changed it, or it is not of a batch.
    """
    if not file.is_file():
        return
    head, _, text = file.read_text(encoding="utf-8", errors="replace").partition("\n")
    if head != f"{_HEAD}{_digest(text)}":
        raise FileError(Message("batch.study_edited", {"file": file}))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def _write(file: Path, text: str) -> None:
    """Write a file unless it says so already: its time tells whether an input was saved anew."""
    data = text.encode("utf-8")
    if not file.is_file() or file.read_bytes() != data:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_text_whole(file, data)


def _geojson(county: County) -> str:
    shape = json.loads(shapely.to_geojson(county.boundary))
    feature = {
        "type": "Feature",
        "properties": {"code": county.code, "name": county.name},
        "geometry": shape,
    }
    return json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False) + "\n"


def _require_apart(jobs: Iterable[Job]) -> None:
    """Check that no two counties write into one folder.

    Raises
    ------
    StudyError
        Two do; both are named.
    """
    first: dict[Path, Job] = {}
    for job in jobs:
        if job.error is not None:
            continue
        before = first.setdefault(job.folder.resolve(), job)
        if before is not job:
            values = {"one": before.study, "other": job.study, "folder": job.folder}
            raise StudyError(Message("batch.one_folder", values))
