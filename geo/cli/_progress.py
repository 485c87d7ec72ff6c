"""The bar on stderr that shows which step of a command is under way, and how many are left."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from geo.errors import GeoError
from geo.words import Lang, say

if TYPE_CHECKING:  # the command line starts without the whole flow
    from geo.messages import Message
    from geo.study import OnStep, Step, Study

__all__ = ["showing_steps", "tell_now", "tell_size"]


@contextmanager
def showing_steps(
    steps: Callable[[], Sequence[Step]], lang: Lang, *, is_quiet: bool = False
) -> Iterator[OnStep]:
    """Show a bar while the block runs, and give what is to be told of each step as it starts.

    Parameters
    ----------
    steps : callable
        Gives all that will be taken: the bar is full when the last one has ended. It is asked when the bar
        stands, since what knows the steps takes a second to load.
    lang : {"zh", "en"}
        Language of the steps.
    is_quiet : bool
        Show nothing.
    """
    words = [""]

    def name(step: Step) -> None:
        words[0] = say(f"study.step_{step}", lang=lang)

    if is_quiet:
        with _naming(words):
            yield name
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    # Where nobody looks on, a bar that goes leaves an empty line behind in the log.
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        # The first step begins with nothing done: each that starts ends the one before it.
        task = bar.add_task("", total=None, completed=-1)
        bar.update(task, total=len(steps()))

        def show(step: Step) -> None:
            name(step)
            bar.update(task, description=words[0], advance=1)

        with _naming(words):
            yield show


def tell_now(note: Message, lang: Lang) -> None:
    """Print a message above the bar, where it is seen while the command goes on."""
    from geo.maps import name_ids

    print(f"! {name_ids(note.say(lang), lang=lang)}", file=sys.stderr)


def tell_size(study: Study, lang: Lang) -> None:
    """Print what reading a study of large files takes, before they are read."""
    from geo.outputs import study_files
    from geo.study import tell_files

    for note in tell_files(study.file(name) for name in study_files(study)):
        tell_now(note, lang)


@contextmanager
def _naming(words: Sequence[str]) -> Iterator[None]:
    """Leave the step that is under way on an error that nothing foresaw."""
    try:
        yield
    except Exception as error:
        if words[0] and not isinstance(error, GeoError):
            error.add_note(words[0])
        raise
