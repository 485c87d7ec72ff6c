"""What the live page writes, all of it below one folder: each planner's changes, and what is exported."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any, Final, TypeVar

from geo.errors import GeoError, StudyError
from geo.files import path_from, seal_files, write_text_whole
from geo.messages import Message
from geo.serve.changes import MOST_CHANGES, Change, read_change, write_change
from geo.serve.live_study import State
from geo.serve.scenario_text import clock_text, scenario_text
from geo.signs import toml_value

__all__ = ["Desk", "Named", "Saved", "new_name"]

_FORMAT: Final = 1
_NAME: Final = re.compile(r"[0-9a-f]{16}")
_MOST_BYTES: Final = 8_000_000
_BY: Final = "geo serve"
_Kept = TypeVar("_Kept")


@dataclass(frozen=True)
class Saved:
    """The changes of a planner as they were kept."""

    name: str
    done: tuple[Change, ...] = ()
    undone: tuple[Change, ...] = ()
    at: str = ""


@dataclass(frozen=True)
class Named:
    """A scenario under a name.

    Parameters
    ----------
    name : str
        As the planner calls it.
    steps : tuple of Change
        That make it.
    at : str
        When it was kept.
    """

    name: str
    steps: tuple[Change, ...]
    at: str = ""

    @classmethod
    def now(cls, name: str, steps: Iterable[Change]) -> Named:
        """Give a scenario that is kept now."""
        return cls(name, tuple(steps), _now())


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")


def new_name() -> str:
    """Give the name of a new session: not to be guessed."""
    return secrets.token_hex(8)


@dataclass(frozen=True)
class Desk:
    """The folder of the live page, in the study's folder of results.

    Parameters
    ----------
    folder : Path
        Made when something is first written.
    study : str
        Name of the study: changes of another one are not taken up.
    study_folder : Path
        Of the study file: paths in it start there.
    """

    folder: Path
    study: str
    study_folder: Path
    _lock: Lock = field(default_factory=Lock, repr=False)
    _given: dict[str, Path] = field(default_factory=dict, repr=False)

    def save(self, name: str, done: Iterable[Change], undone: Iterable[Change]) -> None:
        """Keep the changes of a session, whole or not at all.

        Raises
        ------
        FileError
            The folder cannot be written.
        """
        kept = {
            "format": _FORMAT,
            "study": self.study,
            "at": _now(),
            "done": [write_change(change) for change in done],
            "undone": [write_change(change) for change in undone],
        }
        self._write(f"session-{name}.json", json.dumps(kept, ensure_ascii=False, indent=1) + "\n")

    def load(self, name: str) -> Saved | None:
        """Give the changes of a session; None where there are none or they cannot be read."""
        return self._load(name, f"session-{name}.json", self._read)

    def _load(self, name: str, file: str, read: Callable[[str, dict[str, Any]], _Kept]) -> _Kept | None:
        """Read a file of a session; None where there is none, it cannot be read or is of another study."""
        if not _NAME.fullmatch(name):
            return None
        path = self.folder / file
        try:
            if path.is_symlink() or path.stat().st_size > _MOST_BYTES:
                return None
            kept = json.loads(path.read_text(encoding="utf-8"))
            is_ours = kept["format"] == _FORMAT and kept["study"] == self.study
            return read(name, kept) if is_ours else None
        except (OSError, ValueError, KeyError, TypeError, GeoError, RecursionError):
            return None

    def _read(self, name: str, kept: dict[str, Any]) -> Saved:
        done, undone = (tuple(map(read_change, kept[part][:MOST_CHANGES])) for part in ("done", "undone"))
        return Saved(name, done, undone, str(kept["at"]))

    def save_named(self, name: str, named: Iterable[Named]) -> None:
        """Keep the scenarios of a session, whole or not at all.

        Raises
        ------
        FileError
            The folder cannot be written.
        """
        rows = [
            {"name": one.name, "at": one.at, "steps": [write_change(step) for step in one.steps]}
            for one in named
        ]
        kept = {"format": _FORMAT, "study": self.study, "scenarios": rows}
        self._write(f"scenarios-{name}.json", json.dumps(kept, ensure_ascii=False, indent=1) + "\n")

    def load_named(self, name: str) -> tuple[Named, ...]:
        """Give the scenarios of a session; none where they cannot be read."""
        return self._load(name, f"scenarios-{name}.json", self._read_named) or ()

    def _read_named(self, name: str, kept: dict[str, Any]) -> tuple[Named, ...]:
        return tuple(
            Named(str(row["name"]), tuple(map(read_change, row["steps"])), str(row["at"]))
            for row in kept["scenarios"]
        )

    def latest(self, *, besides: Iterable[str] = ()) -> Saved | None:
        """Give the session that was changed last and that nobody works on; None where there is none."""
        busy = set(besides)
        try:
            files = sorted(self.folder.glob("session-*.json"), key=lambda path: -path.stat().st_mtime)
        except OSError:
            return None
        names = (path.stem.removeprefix("session-") for path in files)
        kept = (self.load(name) for name in names if name not in busy)
        return next((saved for saved in kept if saved is not None and saved.done), None)

    def export(self, state: State, name: str) -> tuple[str, str]:
        """Write a state as a block for the study file.

        Returns
        -------
        text : str
            The block, with the clock before it where another limit was set.
        file : str
            Name of the file in the folder.

        Raises
        ------
        StudyError
            Nothing is changed.
        FileError
            The folder cannot be written.
        """
        if state.plan.is_today and state.plan.limit_s is None:
            raise StudyError(Message("serve.nothing_to_export"))
        named = state.plan.scenario.joined(type(state.plan.scenario)(), name=name)
        text = "" if state.plan.is_today else scenario_text(named)
        if state.plan.limit_s is not None:
            clock = path_from(self.study_folder, self.write_clock(state))
            text = f"# [response] standard = {toml_value(clock)}\n{text}"
        return self.write_numbered("scenario-{}.toml", lambda stem: text)

    def write_numbered(self, pattern: str, text_of: Callable[[str], str]) -> tuple[str, str]:
        """Write a text under the next free number; its own name, without the ending, may be in it.

        Returns
        -------
        text : str
        file : str
            Its name in the folder.

        Raises
        ------
        FileError
            The folder cannot be written.
        """
        with self._lock:
            file = self._free(pattern)
            text = text_of(Path(file).stem)
            self._write(file, text)
            self.give([self.folder / file])
        return text, file

    def free_folder(self, pattern: str) -> Path:
        """Give a folder of the next free number; it is made by what writes into it."""
        return self.folder / self._free(pattern)

    def give(self, files: Iterable[Path]) -> list[str]:
        """Let files that were written here be asked for; give their names in the folder."""
        names = {path.relative_to(self.folder).as_posix(): path for path in files}
        self._given.update(names)
        return list(names)

    def given(self, name: str) -> Path | None:
        """Give a file that may be asked for; None for every other, whatever lies in the folder."""
        return self._given.get(name)

    def write_clock(self, state: State) -> Path:
        """Write the clock of a state as a file that a study's ``[response]`` may name."""
        file = f"clock-{state.standard.limit_s:g}s.toml"
        text = clock_text(state.standard)
        if not _holds(self.folder / file, text):  # a run that reads it would be told of another file
            self._write(file, text)
        return self.folder / file

    def _free(self, pattern: str) -> str:
        numbers = range(1, 10_000)
        return next(name for i in numbers if not (self.folder / (name := pattern.format(i))).exists())

    def _write(self, file: str, text: str) -> None:
        write_text_whole(self.folder / file, text)
        record = self.folder / "manifest.json"
        if not record.exists():  # results of a command: a later run beside them does not stop for them
            written = {"written": seal_files(self.folder, by=_BY)}
            write_text_whole(record, json.dumps(written, ensure_ascii=False, indent=1) + "\n")


def _holds(path: Path, text: str) -> bool:
    try:
        return path.read_text(encoding="utf-8") == text
    except (OSError, UnicodeDecodeError):
        return False
