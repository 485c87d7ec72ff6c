"""The ``geo warm`` command: kernels compiled once after installation, so that no planner waits for it."""

from __future__ import annotations

import dataclasses
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from geo.cli._options import spoken_lang
from geo.cli.exit_codes import EXIT_ERROR, EXIT_OK
from geo.words import say

if TYPE_CHECKING:  # the command line starts without the whole flow
    from geo.study import Study

__all__ = ["warm"]

_TOWNS, _NODES, _SPACING_M = 3, 500, 300.0
_POINTS, _SITES, _SIDE_M, _NEAR_M = 600, 120, 1000.0, 150.0
"""A table so large that its questions need the whole search: smaller ones are proven by their first bound."""
_SEARCH_S: Final = 5.0


def warm(lang: Annotated[str | None, typer.Option("--lang", help="cli.help_lang")] = None) -> None:
    """Compile the kernels and keep them, so that no run, siting or drag waits for it."""
    from geo._jit import can_keep

    spoken = spoken_lang(lang)
    if not can_keep():
        print(f"geo: {say('cli.warm_not_kept', lang=spoken)}", file=sys.stderr)
        raise typer.Exit(EXIT_ERROR)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="geo-") as name:
        study = _sample(Path(name))
        works: dict[str, Callable[[], object]] = {
            "run": lambda: _run(study),
            "site": lambda: _site(study),
            "simulate": lambda: _simulate(study),
            "serve": lambda: _serve(study),
        }
        for number, (work, do) in enumerate(works.items(), 1):
            print(say(f"cli.warm_{work}", lang=spoken, number=number, n=len(works)), flush=True)
            do()
    print(say("cli.warm_done", lang=spoken, seconds=f"{time.monotonic() - begun:.0f}"))
    raise typer.Exit(EXIT_OK)


def _sample(folder: Path) -> Study:
    """Give a little synthetic district with every room, and candidates along its roads."""
    from geo.sample import write_sample
    from geo.study import CandidatesSpec, read_study

    write_sample(folder / "in", towns=_TOWNS, seed=1, nodes=_NODES)
    roads = CandidatesSpec(source="roads", spacing_m=_SPACING_M)
    return dataclasses.replace(read_study(folder / "in" / "study.toml"), candidates=roads)


def _run(study: Study) -> None:
    from geo.study import run_study

    run_study(study, use_cache=False)


def _site(study: Study) -> None:
    import numpy as np
    import pandas as pd

    from geo.siting import (
        Search,
        capacitated_median,
        maximal_covering,
        p_median,
        set_covering,
        siting_table,
    )
    from geo.study import site_study

    site_study(study, use_cache=False)
    random = np.random.default_rng(1)
    people, sites = (random.uniform(0.0, _SIDE_M, (n, 2)) for n in (_POINTS, _SITES))
    away = pd.DataFrame(np.hypot(*(people[:, None] - sites[None]).transpose(2, 0, 1)))
    away.index, away.columns = away.index.map("p{}".format), away.columns.map("s{}".format)
    table, search = siting_table(away, pd.Series(1.0, index=away.index)), Search(time_limit_s=_SEARCH_S)
    maximal_covering(table, n=6, limit_s=_NEAR_M, search=search)
    set_covering(table, limit_s=_NEAR_M, search=search)
    p_median(table, n=12, search=search)
    capacitated_median(table, n=8, capacity=80.0, search=search)


def _simulate(study: Study) -> None:
    from geo.study import AvailabilitySpec, run_study, simulate_study

    calls = AvailabilitySpec(calls_per_year_per_10000=50.0)
    busy = dataclasses.replace(study, availability=calls)
    run_study(busy, use_cache=False)
    simulate_study(busy.with_simulation({"years": 1.0, "runs": 2}))


def _serve(study: Study) -> None:
    from geo.serve import open_study, try_server

    try_server(open_study(study))
