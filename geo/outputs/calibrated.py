"""The files of a calibration: measured speeds and clocks that a study can use, and the tables behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from geo.calibration import MEASURED, clock_toml, profiles_toml
from geo.errors import FileError
from geo.files import path_from, write_text_whole, writing_folder
from geo.findings import Finding
from geo.messages import Message
from geo.outputs.files import write_findings
from geo.outputs.folder import CALIBRATE, RECORD, ResultFolder, study_inputs
from geo.outputs.manifest import Manifest, require_same_words, write_manifest
from geo.outputs.sheets import finding_sheet
from geo.outputs.wording import Wording
from geo.outputs.workbook import write_workbook
from geo.study import CalibrationResult, OnStep, Step, Study, report_calibration
from geo.words import data_dir, say

__all__ = [
    "CALIBRATED_FILES",
    "require_not_in_use",
    "require_same_calibration",
    "study_lines",
    "write_calibration",
]

_SPEEDS: Final = "speeds.toml"
_CLOCK: Final = "response.toml"
_TABLES: Final = ("calibrated.csv", "calibrated_turnout.csv", "calibrated_errors.csv", "calibrated_trips.csv")
CALIBRATED_FILES: Final = (_SPEEDS, _CLOCK, *_TABLES, "calibrated.xlsx", RECORD)
"""All files that a calibration may write."""


def require_not_in_use(study: Study, folder: Path) -> None:
    """Check that a study is not driven by the files that its calibration would replace.

    Raises
    ------
    FileError
        It is: its speeds would be measured by themselves.
    """
    inputs = study_inputs(study)
    own = tuple(
        name for name in (_SPEEDS, _CLOCK) if (folder / name).is_file() and inputs.hold(folder / name)
    )
    if own:
        values = {"folder": str(folder), "names": own, "other": f"{folder.name}-2"}
        raise FileError(Message("calibration.in_use", values))


def write_calibration(
    result: CalibrationResult,
    folder: str | Path,
    *,
    step: OnStep = lambda step: None,
    force_folder: bool = False,
    tell: Callable[[Message], None] = lambda message: None,
) -> dict[str, Path]:
    """Write what was measured: all files, or none where anything fails or it is stopped.

    Parameters
    ----------
    result : CalibrationResult
        What was found.
    folder : path
        Made when missing. Files of an earlier calibration, by its manifest, are replaced; one that was
        changed since is kept under another name.
    step : callable
        Told each step as it starts.
    force_folder : bool
        Write also into a folder that holds inputs or files of others; none of them is replaced.
    tell : callable
        Told which changed file was kept.

    Returns
    -------
    dict of str to Path
        Each file of ``CALIBRATED_FILES`` that was written.

    Raises
    ------
    FileError
        The folder or a file may not be written; an input or a file of others is in the way.
    InputError
        The measured turnout leaves no time to drive.
    """
    folder, wording = Path(folder), Wording.of(result.study, result.lang)
    own = ResultFolder(folder, CALIBRATE, study_inputs(result.study), is_forced=force_folder)
    own.check(CALIBRATED_FILES)
    step(Step.FILES)
    with writing_folder(folder, own.earlier, tell=tell) as new:
        findings = _write_numbers(result, new, wording)
        sheets = [finding_sheet(finding, wording) for finding in findings]
        write_workbook(sheets, new / "calibrated.xlsx", lang=result.lang)
        same = (_SPEEDS, _CLOCK, *_TABLES)
        write_manifest(new, result, names=same, folder=folder, by=CALIBRATE, more={"command": "calibrate"})
        written = [name for name in CALIBRATED_FILES if (new / name).exists()]
    return {name: folder / name for name in written}


def require_same_calibration(manifest: Manifest, result: CalibrationResult, folder: Path) -> None:
    """Check that a replay gave the numbers of its manifest, be it in another language.

    Raises
    ------
    StudyError
        As :func:`require_same_results`.
    """

    def write(said: CalibrationResult, other: Path, wording: Wording) -> None:
        _write_numbers(said, other, wording)

    require_same_words(manifest, folder, result, write)


def study_lines(result: CalibrationResult, folder: Path) -> list[str]:
    """Give the lines of the study file with which it drives by what was measured.

    Paths are as the study file writes them; beside the embedded sample they start where the user stands.
    """
    study = result.study
    is_sample = study.folder.is_relative_to(data_dir().resolve())
    path = folder.as_posix() if is_sample else path_from(study.folder, folder.resolve())
    lines = []
    if result.speeds is not None:
        lines += ["[roads]", f'profile = "{path}/{_SPEEDS}#{MEASURED}"']
        now = result.profiles()[0]
        if now.access_kph != result.profile.access_kph:
            # the study, not the profile, says how fast it goes between a point and its road
            lines += ["[snap]", f"access_kph = {now.access_kph:g}"]
    if result.clocks():
        lines += ["[response]", f'standard = "{path}/{_CLOCK}#{MEASURED}"']
    return lines


def _write_numbers(result: CalibrationResult, folder: Path, wording: Wording) -> tuple[Finding, ...]:
    """Write what a replay must give again: speeds and clocks, and the tables as CSV."""
    findings = report_calibration(result)
    if result.speeds is not None:
        text = profiles_toml(result.profiles(), measured=result.speeds)
        write_text_whole(folder / _SPEEDS, "\n".join([*_heading(result, _SPEEDS), text, ""]))
    clocks = [clock_toml(each, turnout=result.turnout, speeds=result.speeds) for each in result.clocks()]
    if clocks:
        write_text_whole(folder / _CLOCK, "\n".join([*_heading(result, _CLOCK), *clocks, ""]))
    write_findings(findings, folder, wording)
    return findings


def _heading(result: CalibrationResult, file: str) -> Iterator[str]:
    """Say at the head of a file what it is, for who opens it in years."""
    if result.is_synthetic:
        yield f"# {say('maps.synthetic', lang=result.lang)}"
    key = f"calibration.head_{file.removesuffix('.toml')}"
    yield f"# {say(key, lang=result.lang, name=result.study.study.name)}"
