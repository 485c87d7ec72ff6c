"""The ``geo`` command: a thin edge over :mod:`geo.study`."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from geo.cli import plan as plancli
from geo.cli._folder import ForceOption, faults_of_folder, folder_of, read_asked, read_from, tell_kept
from geo.cli._help import SpokenCommand, SpokenGroup
from geo.cli._language import shown_lang, system_lang
from geo.cli._last_resort import tell_failure
from geo.cli._options import FieldNamesOption, NoCacheOption, known_field_names, known_lang
from geo.cli._pandas import with_plain_texts
from geo.cli._process import ending_cleanly, stopped_code
from geo.cli._progress import showing_steps, tell_now, tell_size
from geo.cli._streams import flush_streams, prepare_streams
from geo.cli.atlas import atlas
from geo.cli.batch import batch
from geo.cli.calibrate import calibrate
from geo.cli.compare import compare
from geo.cli.exit_codes import EXIT_ERROR, EXIT_FAULTS, EXIT_OK, EXIT_OWN_FAULT, EXIT_STOPPED, exit_code
from geo.cli.formats import formats
from geo.cli.new import new
from geo.cli.report import report
from geo.cli.serve import serve
from geo.cli.simulate import simulate
from geo.cli.site import site
from geo.cli.warm import warm
from geo.errors import GeoError
from geo.words import say

if TYPE_CHECKING:  # the command line starts without the whole flow
    from geo.messages import Message
    from geo.study import Step, Study

__all__ = ["app", "main"]

_GARBAGE: Final = (1_000_000, 20, 50)
"""New objects before Python looks for unreachable cycles: looking as often as it does by itself is a tenth of
a run, at each 100,000 a twelfth, most of it while libraries load, and finds next to nothing (the memory of a
run stays the same)."""

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    cls=SpokenGroup,
    rich_markup_mode="rich",
    help="cli.help",
)

app.add_typer(plancli.app, name="plan")

LangOption = Annotated[str | None, typer.Option("--lang", help="cli.help_lang_of_study")]
OutOption = Annotated[Path | None, typer.Option("--out", help="cli.help_results")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="cli.help_quiet")]


def main() -> None:
    """Run the command; a fault of the input is one message on stderr and exit code 1."""
    gc.set_threshold(*_GARBAGE)
    prepare_streams()
    try:
        with ending_cleanly():
            app(standalone_mode=True)
    except GeoError as error:
        print(f"geo: {error.say(shown_lang(sys.argv[1:]))}", file=sys.stderr)
        names = sys.getfilesystemencoding()
        if names != "utf-8" and not str(error).isascii():
            # GDAL takes names in UTF-8 only; on Windows they always are.
            note = say("cli.file_names", lang=shown_lang(sys.argv[1:]), names=names)
            print(f"geo: {note}", file=sys.stderr)
        sys.exit(EXIT_ERROR)
    except (KeyboardInterrupt, SystemExit) as end:
        # Ctrl-C and the like: typer gives no word, and one code for all
        if isinstance(end, KeyboardInterrupt) or end.code == EXIT_STOPPED:
            print(f"geo: {say('cli.stopped', lang=shown_lang(sys.argv[1:]))}", file=sys.stderr)
            sys.exit(stopped_code())
        if not flush_streams():
            print(f"geo: {say('cli.stdout', lang=shown_lang(sys.argv[1:]))}", file=sys.stderr)
            sys.exit(EXIT_ERROR)
        raise
    except Exception as error:
        message, is_own = tell_failure(error, shown_lang(sys.argv[1:]))
        print(f"geo: {message}", file=sys.stderr)
        sys.exit(EXIT_OWN_FAULT if is_own else EXIT_ERROR)
    finally:
        flush_streams()
        # Else Python looks through all that is left before it ends: half a second for nothing.
        gc.freeze()


def _version(show: bool) -> None:
    if show:
        from geo.outputs import product_version

        print(f"emergency-geo {product_version()}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="cli.help_version")
    ] = False,
) -> None:
    """Take options of the command itself."""


@app.command(cls=SpokenCommand, help="cli.help_run")
@with_plain_texts
def run(
    study: Annotated[str, typer.Argument(help="cli.help_study_or_run")],
    out: OutOption = None,
    lang: LangOption = None,
    quiet: QuietOption = False,
    force_folder: ForceOption = False,
    field_names: FieldNamesOption = None,
    no_cache: NoCacheOption = False,
) -> None:
    """Run a study: map, tables and targets into the out folder; or replay a manifest beside it."""
    from geo.outputs import (
        ATLAS_RECORD,
        REPORT_RECORD,
        RUN,
        paper_faults,
        require_result_folder,
        require_same_numbers,
        run_files,
    )

    chosen = known_lang(lang) if lang is not None else None
    asked, replay = read_asked(study)
    asked = asked.with_field_names(known_field_names(field_names))
    folder = folder_of(asked, out=out, asked=study)
    require_result_folder(
        asked, folder, by=RUN, names=run_files(asked), read_from=read_from(study), is_forced=force_folder
    )
    kept: list[Message] = []
    spoken = chosen or asked.study.lang
    tell_size(asked, spoken)
    with showing_steps(lambda: _steps(asked), spoken, is_quiet=quiet) as step:
        from geo.outputs import write_outputs
        from geo.study import run_study

        result = run_study(
            asked,
            lang=chosen,
            step=step,
            tell=lambda note: tell_now(note, spoken),
            use_cache=not no_cache,
        )
        written = write_outputs(result, folder, step=step, force_folder=force_folder, tell=kept.append)
    tell_kept(kept, result.lang)
    for record, room in ((REPORT_RECORD, "report"), (ATLAS_RECORD, "atlas")):
        if (folder / record).is_file():
            print(f"! {say(f'{room}.older', lang=result.lang, folder=str(folder))}", file=sys.stderr)
    papers = paper_faults(asked, lang=result.lang)
    for fault in papers:
        print(f"! {say('study.beside', lang=result.lang, fault=fault.say(result.lang))}", file=sys.stderr)
    if replay is not None:
        require_same_numbers(replay, result, folder)
    if not quiet:
        from rich.console import Console

        from geo.cli.headline import print_headline

        print_headline(result, written, console=Console())
        if replay is not None:
            print(say("study.replayed", lang=result.lang))
    raise typer.Exit(EXIT_FAULTS if papers else exit_code(result.inputs, result.coverage))


for _command in (site, calibrate, simulate, batch, report, atlas, formats, new, compare, serve, warm):
    app.command(cls=SpokenCommand, help=f"cli.help_{_command.__name__}")(_command)


@app.command(cls=SpokenCommand, help="cli.help_check")
@with_plain_texts
def check(
    study: Annotated[str, typer.Argument(help="cli.help_study")],
    lang: LangOption = None,
) -> None:
    """Say for each layer what was read, kept, guessed and faulty, and all that a run would say."""
    from geo.outputs import paper_faults
    from geo.study import CHECKING, check_study, read_study

    chosen = known_lang(lang) if lang is not None else None
    asked = read_study(study)
    spoken = chosen or asked.study.lang
    tell_size(asked, spoken)
    with showing_steps(lambda: CHECKING, spoken) as step:
        report = check_study(
            asked,
            lang=spoken,
            step=step,
            beside=paper_faults(asked, lang=spoken),
            stops=faults_of_folder(asked, study),
        )
    print(report.text)
    raise typer.Exit(EXIT_ERROR if report.errors else EXIT_FAULTS if report.n_faults else EXIT_OK)


@app.command(cls=SpokenCommand, help="cli.help_sample")
def sample(
    out: Annotated[Path, typer.Option("--out", help="cli.help_out")],
    towns: Annotated[int, typer.Option("--towns", min=1, max=1000, help="cli.help_towns")] = 18,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="cli.help_seed")] = 2035,
    nodes: Annotated[
        int | None, typer.Option("--nodes", min=500, max=1_000_000, help="cli.help_nodes")
    ] = None,
    force_folder: ForceOption = False,
) -> None:
    """Write a synthetic island district with its study file."""
    from geo.sample import write_sample

    write_sample(out, towns=towns, seed=seed, nodes=nodes, force_folder=force_folder)
    print(out / "study.toml")


@app.command(cls=SpokenCommand, help="cli.help_fetch")
def fetch(
    place: Annotated[str, typer.Argument(help="cli.help_place")],
    out: Annotated[Path, typer.Option("--out", help="cli.help_out")],
    overpass_url: Annotated[str | None, typer.Option(help="cli.help_overpass")] = None,
    nominatim_url: Annotated[str | None, typer.Option(help="cli.help_nominatim")] = None,
    timeout_s: Annotated[float, typer.Option(min=1, max=86_400, help="cli.help_timeout")] = 180.0,
    lang: Annotated[str | None, typer.Option("--lang", help="cli.help_lang")] = None,
    force_folder: ForceOption = False,
) -> None:
    """Download roads, stations, hydrants, shelters and the boundary of a place from OpenStreetMap."""
    from geo.osm import fetch as download

    spoken = known_lang(lang) if lang is not None else system_lang()
    fetched = download(
        place,
        out=out,
        overpass_url=overpass_url,
        nominatim_url=nominatim_url,
        timeout_s=timeout_s,
        force_folder=force_folder,
    )
    for layer, path in fetched.layers.items():
        print(f"{layer}: {path}")
    for note in fetched.notes:
        print(f"! {note.say(spoken)}")


def _steps(asked: Study) -> tuple[Step, ...]:
    from geo.study import run_steps

    return run_steps(asked)
