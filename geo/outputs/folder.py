"""The folder of a study's results: what may be replaced in it, and what never is."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from geo.errors import GeoError
from geo.files import Earlier, InputFiles, find_earlier, folder_at_rest, require_own_folder
from geo.study import Study
from geo.words import data_dir

__all__ = [
    "ATLAS_RECORD",
    "CALIBRATE",
    "FINDINGS",
    "RECORD",
    "REPORT_RECORD",
    "SCENARIO_FOLDER",
    "SCENARIO_LAYERS",
    "SIMULATE",
    "SITE",
    "ResultFolder",
    "calibrated_folder",
    "default_folder",
    "folder_faults",
    "folder_name",
    "require_result_folder",
    "study_inputs",
]

RECORD: Final = "manifest.json"
REPORT_RECORD: Final = "report.json"
"""Record of a report that stands beside the results of a run."""
ATLAS_RECORD: Final = "atlas.json"
"""Record of an atlas that stands beside the results of a run."""
SITE: Final = "geo site"
"""The command whose files the proposed sites are, as their record notes it."""
SIMULATE: Final = "geo simulate"
"""The command whose files simulated calls are."""
CALIBRATE: Final = "geo calibrate"
"""The command whose files measured speeds are."""
SCENARIO_FOLDER: Final = "scenarios"
SCENARIO_LAYERS: Final = "differences.gpkg"
"""All tables of a scenario that have places, for a GIS."""
_CALIBRATED: Final = "calibrated"
_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]+')
_LONGEST: Final = 40
FINDINGS: Final = (
    *("availability", "availability_force", "availability_force_late"),
    *("availability_kinds", "availability_stations", "availability_towns"),
    *("ranges", "ranges_places", "ranges_scenarios", "ranges_stations", "ranges_sureness"),
    *("ranges_targets", "ranges_towns"),
    *("calls_cells", "calls_counts", "calls_errors", "calls_shares", "calls_targets"),
    *("balanced_zones", "cut_links", "dead_ends", "depot_reach", "depots", "flooded_roads"),
    *("gas_repair_stations", "hydrant_gaps", "hydrant_proposals", "hydrant_uncovered_roads", "hydrants"),
    *(
        "hydrants_by_zone",
        "outage_answers",
        "outage_people",
        "outages",
        "people_left_out",
        "projects_built",
        "road_loss",
        "scenario_changes",
    ),
    *("scenario_comparison", "shelter_checks", "shelter_people", "shelter_towns", "shelters"),
    *("station_zones", "targets_compared", "teams_by_town", "village_depots", "village_depots_by_town"),
    *("villages_without_depot", "water_points", "water_short_areas", "zone_checks"),
)
"""Names of all findings of a run: each may become ``<name>.csv`` beside the other files."""


@dataclass(frozen=True)
class ResultFolder:
    """Where one command writes the results of one study.

    Parameters
    ----------
    path : Path
        The folder; may be missing.
    by : str
        The command, such as ``"geo run"``: results of another one are not replaced.
    inputs : InputFiles
        What the study reads.
    is_forced : bool
        Files of others may stand beside the results; none of them is replaced for all that.
    """

    path: Path
    by: str
    inputs: InputFiles = field(default_factory=InputFiles)
    is_forced: bool = False

    def earlier(self, folder: Path, *, is_compared: bool = True) -> Earlier:
        """Find what an earlier run of the command wrote there, by its manifest."""
        return find_earlier(
            folder, record=RECORD, by=self.by, is_input=self.inputs.hold, is_compared=is_compared
        )

    def check(self, names: Collection[str]) -> None:
        """Check that files of these names may be written; what a killed run left is undone first.

        Files that are not foreseen may turn out to be in the way when they are written.

        Raises
        ------
        FileError
            As :func:`geo.files.require_own_folder`.
        """
        with folder_at_rest(self.path) as real:
            require_own_folder(
                self.path,
                names=names,
                earlier=self.earlier(real, is_compared=False),
                inputs=self.inputs,
                is_forced=self.is_forced,
            )


def folder_name(number: int | str, name: str) -> str:
    """Give the folder of a scenario, which every system can hold.

    Examples
    --------
    >>> folder_name(1, "圆沙站建成"), folder_name(2, 'A/B: "new" <b>. ')
    ('1-圆沙站建成', '2-A_B_ _new_ _b_')
    """
    plain = _FORBIDDEN.sub("_", name).strip()[:_LONGEST].rstrip(". ")
    # Where the locale gives file names no Chinese letters, the number alone tells scenarios apart.
    names = sys.getfilesystemencoding()
    plain = plain.encode(names, "replace").decode(names).replace("?", "_")
    return f"{number}-{plain}" if plain else str(number)


def default_folder(study: Study) -> Path:
    """Give the folder of a study's results; the embedded sample writes where the user stands."""
    own = study.file(study.study.out)
    return Path(study.study.out) if own.is_relative_to(data_dir().resolve()) else own


def calibrated_folder(study: Study) -> Path:
    """Give the folder of measured speeds: beside the study file, which will name them, not among results.

    The embedded sample writes where the user stands.
    """
    own = study.file(_CALIBRATED)
    return Path(_CALIBRATED) if own.is_relative_to(data_dir().resolve()) else own


def require_result_folder(
    study: Study,
    folder: Path,
    *,
    by: str,
    names: Collection[str],
    read_from: Iterable[Path] = (),
    is_forced: bool = False,
) -> None:
    """Make a folder ready for the results of a study, before anything is computed.

    What a killed run left half done there is undone first.

    Parameters
    ----------
    study : Study
        What will be run.
    folder : Path
        For the results.
    by : str
        The command.
    names : collection of str
        Files that it may write, and folders for them.
    read_from : iterable of Path
        The study file, or the manifest that is replayed.
    is_forced : bool
        Files of others may stand in the folder.

    Raises
    ------
    FileError
        The folder is an input, holds inputs or files of others, or cannot be written.
    """
    ResultFolder(folder, by, study_inputs(study, *read_from), is_forced).check(names)


def folder_faults(
    study: Study, folder: Path, *, by: str, names: Collection[str], read_from: Iterable[Path] = ()
) -> list[GeoError]:
    """Find what keeps a command from writing into a folder, and change nothing there.

    Arguments are those of :func:`require_result_folder`.
    """
    results = ResultFolder(folder, by, study_inputs(study, *read_from))
    try:
        earlier = results.earlier(Path(os.path.realpath(folder)), is_compared=False)
        require_own_folder(folder, names=names, earlier=earlier, inputs=results.inputs)
    except GeoError as error:
        return [error]
    return []


def study_inputs(study: Study, *read_from: Path) -> InputFiles:
    """Look up all that a study reads: files, the files beside them that belong to them, whole folders.

    Of a path into an archive the archive counts. The profile, the standard and the plan are files of the
    study where it names files for them.

    Parameters
    ----------
    study : Study
        Its settings name the files.
    *read_from : Path
        Further files: the study file itself.
    """
    named = [path for text, is_layer in _texts(study.settings()) for path in _paths(study, text, is_layer)]
    files = [*named, *(path for path in read_from if path.is_file())]
    return InputFiles.of([*files, *_beside(files)])


def _paths(study: Study, text: str, is_layer: bool) -> Iterator[Path]:
    """Give what a text of the settings names on the disk; folders only where a layer is asked for."""
    try:
        path = study.file(text.partition("#")[0])
        if path.is_file() or (is_layer and path.is_dir()):
            yield path
        elif is_layer:
            yield from (above for above in path.parents if above.is_file())
    except (OSError, ValueError):  # a text too long, or with a character that no path has
        return


def _texts(value: object, *, is_layer: bool = False) -> Iterator[tuple[str, bool]]:
    """Give every text in nested settings, and whether it is the path of a layer."""
    if isinstance(value, str):
        yield value, is_layer
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from _texts(part, is_layer=key == "path")
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part, is_layer=is_layer)


def _beside(files: Iterable[Path]) -> Iterator[Path]:
    """Give the files whose names begin like an input's: parts of shapefiles, georeferences, overviews."""
    stems: dict[Path, set[str]] = {}
    for path in files:
        if path.is_file():
            stems.setdefault(path.parent, set()).add(path.stem.casefold())
    for folder, own in stems.items():
        for entry in _listed(folder):
            parts = entry.casefold().split(".")
            if any(".".join(parts[:n]) in own for n in range(1, len(parts) + 1)):
                yield folder / entry


def _listed(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
