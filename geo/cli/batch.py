"""The ``geo batch`` command: a province in one command, a study a county."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo.cli._folder import ForceOption
from geo.cli._misuse import MisuseError
from geo.cli._options import FieldNamesOption, known_field_names, known_lang
from geo.cli._pandas import with_plain_texts
from geo.cli.exit_codes import EXIT_ERROR, EXIT_FAULTS, EXIT_OK
from geo.messages import Message
from geo.words import Lang, say

if TYPE_CHECKING:  # the command line starts without the whole flow
    from geo.batch import Batch, CountyEnd, Progress, Workers

__all__ = ["batch"]

_STOPPED = ("refused", "failed", "lost")


@with_plain_texts
def batch(
    studies: Annotated[list[Path], typer.Argument(help="cli.help_batch_studies")],
    out: Annotated[Path | None, typer.Option("--out", help="cli.help_batch_out")] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, max=1024, help="cli.help_workers")
    ] = None,
    memory: Annotated[float | None, typer.Option("--memory", min=1, max=1e7, help="cli.help_memory")] = None,
    scheduler: Annotated[str, typer.Option("--scheduler", help="cli.help_scheduler")] = "",
    tls_ca: Annotated[Path | None, typer.Option("--tls-ca", help="cli.help_tls")] = None,
    tls_cert: Annotated[Path | None, typer.Option("--tls-cert", help="cli.help_tls")] = None,
    tls_key: Annotated[Path | None, typer.Option("--tls-key", help="cli.help_tls")] = None,
    again: Annotated[bool, typer.Option("--again", help="cli.help_again")] = False,
    lang: Annotated[str | None, typer.Option("--lang", help="cli.help_lang_of_study")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="cli.help_quiet")] = False,
    field_names: FieldNamesOption = None,
    force_folder: ForceOption = False,
) -> None:
    """Run the study of every county that is not done, and sum up all of them."""
    from geo.batch import BatchOptions, hold_folder, read_batch, run_batch, write_summary

    chosen = known_lang(lang) if lang is not None else None
    options = BatchOptions(
        workers=workers,
        memory_mb=memory,
        scheduler=scheduler,
        tls=_tls(scheduler, tls_ca, tls_cert, tls_key),
        lang=chosen,
        field_names=known_field_names(field_names),
        again=again,
        force_folder=force_folder,
    )
    asked = read_batch(studies, out=out, lang=chosen)
    spoken = asked.lang
    with hold_folder(asked.folder):
        for note in asked.notes:
            print(f"! {note.say(spoken)}", file=sys.stderr, flush=True)
        try:
            with _showing(spoken, is_quiet=quiet) as (tell, before):
                ends = run_batch(asked, options, tell=tell, before=before)
        except KeyboardInterrupt:
            print(f"! {say('batch.stopped', lang=spoken)}", file=sys.stderr, flush=True)
            raise
        written = write_summary(asked, ends)
    if not quiet:
        _print_end(asked, ends, written)
    raise typer.Exit(_code(ends))


def _code(ends: Mapping[str, CountyEnd]) -> int:
    if any(end.state in _STOPPED for end in ends.values()):
        return EXIT_ERROR
    return EXIT_FAULTS if any(end.n_faults for end in ends.values()) else EXIT_OK


def _tls(scheduler: str, *files: Path | None) -> tuple[str, ...]:
    """Give the three files of TLS; none where none is named."""
    named = [str(file.absolute()) for file in files if file is not None]
    if named and (len(named) != len(files) or not scheduler.startswith("tls://")):
        raise MisuseError(Message("batch.tls_three"), hint="--tls-ca")
    return tuple(named)


@contextmanager
def _showing(
    lang: Lang, *, is_quiet: bool
) -> Iterator[tuple[Callable[[Progress], None], Callable[[Workers, int], None]]]:
    """Show a bar with the time that is left; where nobody looks on, a line a county."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True, disable=is_quiet or not console.is_terminal) as bar:
        task = bar.add_task("", total=None)

        def before(workers: Workers, n_kept: int) -> None:
            _tell_workers(workers, n_kept, lang, is_quiet=is_quiet)

        def tell(progress: Progress) -> None:
            bar.update(task, total=progress.n_all, completed=progress.n, description=_pace(progress, lang))
            if progress.end is not None and not is_quiet:
                _tell_county(progress, lang)

        yield tell, before


def _tell_workers(workers: Workers, n_kept: int, lang: Lang, *, is_quiet: bool) -> None:
    if workers.is_open:
        note = say("batch.open_scheduler", lang=lang, address=workers.scheduler)
        print(f"! {note}", file=sys.stderr, flush=True)
    if is_quiet:
        return
    if n_kept:
        print(say("batch.before_kept", lang=lang, n=n_kept), file=sys.stderr, flush=True)
    if not workers.scheduler:
        text = say("batch.before_workers", lang=lang, n=workers.n, mb=workers.memory_mb)
        print(text, file=sys.stderr, flush=True)


def _pace(progress: Progress, lang: Lang) -> str:
    n, n_all = progress.n, progress.n_all
    if not math.isfinite(progress.left_s):
        return say("batch.pace_first", lang=lang, n=n, n_all=n_all)
    return say("batch.pace", lang=lang, n=n, n_all=n_all, minutes=progress.left_s / 60)


def _tell_county(progress: Progress, lang: Lang) -> None:
    """Print a line for a county that has ended, with what stopped it and what of it was kept."""
    end = progress.end
    assert end is not None
    values = {"code": end.code, "n": progress.n, "n_all": progress.n_all, "minutes": progress.left_s / 60}
    values |= {"seconds": end.seconds, "mb": end.peak_mb}
    print(say(f"batch.line_{end.state}", lang=lang, **values), file=sys.stderr, flush=True)
    for message in (*filter(None, [end.error]), *end.kept):
        print(f"  {message.say(lang)}", file=sys.stderr, flush=True)


def _print_end(asked: Batch, ends: Mapping[str, CountyEnd], written: Mapping[str, Path]) -> None:
    lang = asked.lang
    states = [end.state for end in ends.values()]
    numbers = {"n": len(states), "n_done": states.count("done"), "n_kept": states.count("kept")}
    stopped = [code for code, end in ends.items() if end.state in _STOPPED]
    print(say("batch.end", lang=lang, n_stopped=len(stopped), **numbers))
    names = {job.code: job.name for job in asked.jobs}
    for code in stopped:
        error = ends[code].error
        why = "" if error is None else error.say(lang)
        print(f"  {code} {names[code]}: {why}")
    for path in written.values():
        print(path)
