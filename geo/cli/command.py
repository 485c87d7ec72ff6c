"""The ``geo`` command: a thin edge over :mod:`geo.study`."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from geo.cli import plan as plancli
from geo.cli._folder import ForceOption, folder_of, read_from, tell_kept
from geo.cli._last_resort import tell_failure
from geo.cli._options import (
    EXIT_ERROR,
    EXIT_FAULTS,
    EXIT_OK,
    EXIT_OWN_FAULT,
    EXIT_STOPPED,
    asked_lang,
    exit_code,
    known_lang,
)
from geo.cli._pandas import with_plain_texts
from geo.cli._process import ending_cleanly, stopped_code
from geo.cli._progress import showing_steps, tell_now
from geo.cli._streams import can_show, flush_streams, prepare_streams
from geo.cli.compare import compare
from geo.cli.formats import formats
from geo.cli.new import new
from geo.cli.serve import serve
from geo.cli.site import site
from geo.errors import GeoError
from geo.words import Lang, say

if TYPE_CHECKING:  # the command line starts without the whole flow
    from geo.messages import Message
    from geo.study import Step, Study

__all__ = ["app", "main"]

_GARBAGE: Final = (100_000, 20, 50)
"""New objects before Python looks for unreachable cycles: looking as often as it does by itself is a tenth of
a run, and finds next to nothing (the memory of a run stays the same)."""

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Response-time coverage, plan targets and maps for emergency planners. "
    "Exit codes: 0 done, 1 error, 2 wrong usage, 3 done but the layers have faults, 70 a fault of the "
    "program, 130 stopped (143 by the system).",
)

app.add_typer(plancli.app, name="plan")

LangOption = Annotated[str | None, typer.Option("--lang", help="zh or en; the study file's when missing.")]
OutOption = Annotated[Path | None, typer.Option("--out", help="Folder for the results.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]


def main() -> None:
    """Run the command; a fault of the input is one message on stderr and exit code 1."""
    gc.set_threshold(*_GARBAGE)
    prepare_streams()
    try:
        with ending_cleanly():
            app(standalone_mode=True)
    except GeoError as error:
        print(f"geo: {error.say(_lang())}", file=sys.stderr)
        names = sys.getfilesystemencoding()
        if names != "utf-8" and not str(error).isascii():
            # GDAL takes names in UTF-8 only; on Windows they always are.
            print(f"geo: file names are in {names} here; Chinese ones need LC_ALL=C.UTF-8", file=sys.stderr)
        sys.exit(EXIT_ERROR)
    except (KeyboardInterrupt, SystemExit) as end:
        # Ctrl-C and the like: typer gives no word, and one code for all
        if isinstance(end, KeyboardInterrupt) or end.code == EXIT_STOPPED:
            print("geo: stopped", file=sys.stderr)
            sys.exit(stopped_code())
        if not flush_streams():
            print(f"geo: {say('cli.stdout', lang=_lang())}", file=sys.stderr)
            sys.exit(EXIT_ERROR)
        raise
    except Exception as error:
        message, is_own = tell_failure(error, _lang())
        print(f"geo: {message}", file=sys.stderr)
        sys.exit(EXIT_OWN_FAULT if is_own else EXIT_ERROR)
    finally:
        flush_streams()
        # Else Python looks through all that is left before it ends: half a second for nothing.
        gc.freeze()


def _lang() -> Lang:
    """Give the language of errors: the study's, or English where stderr has no Chinese characters."""
    lang = asked_lang(sys.argv[1:])
    return lang if can_show(say("study.map", lang=lang)) else "en"


def _version(show: bool) -> None:
    if show:
        from geo.outputs import product_version

        print(f"emergency-geo {product_version()}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take options of the command itself."""


@app.command()
@with_plain_texts
def run(
    study: Annotated[str, typer.Argument(help="Study file, the manifest.json of a run, or 'sample'.")],
    out: OutOption = None,
    lang: LangOption = None,
    quiet: QuietOption = False,
    force_folder: ForceOption = False,
) -> None:
    """Run a study: map, tables and targets into the out folder; or replay a manifest beside it."""
    from geo.outputs import (
        RUN,
        read_manifest,
        require_result_folder,
        require_same_inputs,
        require_same_results,
        run_files,
    )
    from geo.study import read_study

    chosen = known_lang(lang) if lang is not None else None
    replay = read_manifest(study) if study.casefold().endswith(".json") else None
    if replay is not None:
        require_same_inputs(replay)
    asked = replay.study if replay is not None else read_study(study)
    folder = folder_of(asked, out=out, asked=study)
    require_result_folder(
        asked, folder, by=RUN, names=run_files(asked), read_from=read_from(study), is_forced=force_folder
    )
    kept: list[Message] = []
    with showing_steps(lambda: _steps(asked), chosen or asked.study.lang, is_quiet=quiet) as step:
        from geo.cli.headline import print_headline
        from geo.outputs import write_outputs
        from geo.study import run_study

        spoken = chosen or asked.study.lang
        result = run_study(asked, lang=chosen, step=step, tell=lambda note: tell_now(note, spoken))
        written = write_outputs(result, folder, step=step, force_folder=force_folder, tell=kept.append)
    tell_kept(kept, result.lang)
    if replay is not None:
        require_same_results(replay, folder)
    if not quiet:
        from rich.console import Console

        print_headline(result, written, console=Console())
        if replay is not None:
            print(say("study.replayed", lang=result.lang))
    raise typer.Exit(exit_code(result.inputs, result.coverage))


app.command()(site)
app.command()(formats)
app.command()(new)
app.command()(compare)
app.command()(serve)


@app.command()
@with_plain_texts
def check(
    study: Annotated[str, typer.Argument(help="Study file, or 'sample'.")],
    lang: LangOption = None,
) -> None:
    """Say for each layer what was read, kept, guessed and faulty, and all that a run would say."""
    from geo.study import CHECKING, check_study, read_study

    chosen = known_lang(lang) if lang is not None else None
    asked = read_study(study)
    with showing_steps(lambda: CHECKING, chosen or asked.study.lang) as step:
        report = check_study(asked, lang=chosen or asked.study.lang, step=step)
    print(report.text)
    raise typer.Exit(EXIT_ERROR if report.errors else EXIT_FAULTS if report.n_faults else EXIT_OK)


@app.command()
def sample(
    out: Annotated[Path, typer.Option("--out", help="Folder to write into.")],
    towns: Annotated[int, typer.Option("--towns", min=1, max=1000, help="Number of towns.")] = 18,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="Same seed, same island.")] = 2035,
    nodes: Annotated[
        int | None, typer.Option("--nodes", min=100, max=1_000_000, help="About this many road nodes.")
    ] = None,
    force_folder: ForceOption = False,
) -> None:
    """Write a synthetic island district with its study file."""
    from geo.sample import write_sample

    write_sample(out, towns=towns, seed=seed, nodes=nodes, force_folder=force_folder)
    print(out / "study.toml")


@app.command()
def fetch(
    place: Annotated[str, typer.Argument(help="Name of the place, such as '崇明区, 上海'.")],
    out: Annotated[Path, typer.Option("--out", help="Folder to write into.")],
    overpass_url: Annotated[str | None, typer.Option(help="Address of another Overpass server.")] = None,
    nominatim_url: Annotated[str | None, typer.Option(help="Address of another Nominatim server.")] = None,
    timeout_s: Annotated[
        float, typer.Option(min=1, max=86_400, help="Seconds to wait for an answer.")
    ] = 180.0,
    lang: Annotated[str, typer.Option("--lang", help="zh or en.")] = "en",
    force_folder: ForceOption = False,
) -> None:
    """Download roads, stations, hydrants, shelters and the boundary of a place from OpenStreetMap."""
    from geo.osm import fetch as download

    spoken = known_lang(lang)
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
