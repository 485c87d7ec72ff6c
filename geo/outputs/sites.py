"""The result files of siting: map, layers, tables, summary and manifest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import folium

from geo.coverage import clock_text, summary
from geo.files import write_text_whole, writing_folder
from geo.findings import Finding
from geo.maps import (
    AreaLayer,
    CoverageLayer,
    FindingLayer,
    LandLayer,
    MapText,
    RoadLayer,
    StationLayer,
    coverage_map,
    say_credit,
    say_share,
    say_time,
    write_map,
)
from geo.messages import Message
from geo.outputs.files import as_json, plain_number, write_findings
from geo.outputs.folder import SITE, ResultFolder, study_inputs
from geo.outputs.manifest import Manifest, require_same_words, write_manifest
from geo.outputs.package import name_layers, write_package
from geo.outputs.package_layers import site_layers
from geo.outputs.sheets import finding_sheet
from geo.outputs.wording import Wording
from geo.outputs.workbook import write_workbook
from geo.study import OnStep, SiteResult, SitingSpec, Step, figures, report_sites
from geo.words import LANGS, Lang, say

__all__ = [
    "ALWAYS",
    "SITE_FILES",
    "draw_sites",
    "require_same_sites",
    "say_goal",
    "summarise_sites",
    "write_sites",
]

ALWAYS: Final = ("candidates.csv", "candidates_removed.csv", "candidate_rules.csv")
"""Tables that do not hang on the search: a replay must give them again even when the plan was not proven."""
_OF_PLAN: Final = (
    "proposed_sites.csv",
    "site_people.csv",
    "site_curve.csv",
    "site_plans.csv",
    "ranges_plans.csv",
    "site_alternatives.csv",
    "site_why.csv",
)
SITE_FILES: Final = (
    "map.html",
    "sites.gpkg",
    "sites.xlsx",
    "summary.json",
    "manifest.json",
    *ALWAYS,
    *_OF_PLAN,
)
"""All files that siting may write."""


def write_sites(
    result: SiteResult,
    folder: str | Path,
    *,
    step: OnStep = lambda step: None,
    force_folder: bool = False,
    tell: Callable[[Message], None] = lambda message: None,
) -> dict[str, Path]:
    """Write what siting found: all files, or none where anything fails or the search is stopped.

    Parameters
    ----------
    result : SiteResult
        What was found.
    folder : path
        Made when missing. Files of an earlier search, by its manifest, are replaced; one that was changed
        since is kept under another name (``candidates.edited.csv``).
    step : callable
        Told each step as it starts.
    force_folder : bool
        Write also into a folder that holds inputs or files of others; none of them is replaced.
    tell : callable
        Told which changed file was kept.

    Returns
    -------
    dict of str to Path
        ``map.html``, ``sites.gpkg``, ``sites.xlsx``, ``summary.json``, ``manifest.json``, and a
        CSV file for each finding.

    Raises
    ------
    FileError
        The folder or a file may not be written; an input or a file of others is in the way.
    """
    folder, wording = Path(folder), Wording.of(result.study, result.lang)
    own = ResultFolder(folder, SITE, study_inputs(result.study), is_forced=force_folder)
    own.check(SITE_FILES)
    findings = report_sites(result)
    step(Step.FILES)
    is_proven = _is_all_proven(result)
    names = [*ALWAYS, *_OF_PLAN, "summary.json"] if is_proven else ALWAYS
    with writing_folder(folder, own.earlier, tell=tell) as new:
        _write_numbers(result, findings, new, wording)
        write_package(name_layers(site_layers(result), wording), new / "sites.gpkg")
        sheets = [finding_sheet(finding, wording) for finding in findings]
        write_workbook(sheets, new / "sites.xlsx", lang=result.lang)
        step(Step.MAP)
        write_map(draw_sites(result), new / "map.html")
        sites = [str(site) for site in result.answer.plan.site_ids]
        more = {"command": "site", "is_replayable": is_proven, "plan": sites}
        write_manifest(new, result, names=names, folder=folder, by=SITE, more=more)
        written = [name for name in SITE_FILES if (new / name).exists()]
    return {name: folder / name for name in written}


def require_same_sites(manifest: Manifest, result: SiteResult, folder: Path) -> None:
    """Check that a replay gave the numbers of its manifest, be it in another language.

    Raises
    ------
    StudyError
        As :func:`require_same_results`.
    """

    def write(said: SiteResult, other: Path, wording: Wording) -> None:
        _write_numbers(said, report_sites(said), other, wording)

    require_same_words(manifest, folder, result, write)


def _write_numbers(result: SiteResult, findings: Iterable[Finding], folder: Path, wording: Wording) -> None:
    """Write what a replay must give again: the tables as CSV, and the summary."""
    write_findings(findings, folder, wording)
    write_text_whole(folder / "summary.json", as_json(summarise_sites(result)))


def summarise_sites(result: SiteResult) -> dict[str, Any]:
    """Give the question and the answer as plain data; how long it took is not part of it."""
    plan, spec = result.answer.plan, result.spec
    curve, others = result.answer.curve, result.answer.others
    return {
        "study": result.study.study.name,
        "synthetic": result.is_synthetic,
        "attribution": list(result.inputs.attributions),
        "goal": spec.goal,
        "question": {lang: say_goal(spec, lang=lang, people_limit=_limit(result)) for lang in LANGS},
        "standard": result.before.standard.name,
        "limit_s": plain_number(result.question.limit_s),
        "stations_today": len(result.before.stations),
        "candidates": len(result.sifted.kept),
        "candidates_removed": len(result.sifted.removed),
        "sites": [str(site) for site in plan.site_ids],
        "method": plan.method,
        "is_proven": plan.is_proven,
        **{name: plain_number(value) for name, value in figures(result).items()},
        "knee": None if curve is None else curve.knee,
        "n_plans": None if others is None else len(others.plans),
        "why": [
            {
                "site": reasons.site_id,
                "standing": reasons.standing,
                **{lang: reasons.say(lang) for lang in LANGS},
            }
            for reasons in result.why
        ],
        "notes": [{lang: note.say(lang) for lang in LANGS} for note in report_sites(result)[0].notes],
    }


def say_goal(spec: SitingSpec, *, lang: Lang, people_limit: float) -> str:
    """Say in one line what was asked."""
    if spec.goal == "alternatives":
        of = say_goal(replace(spec, goal=spec.of), lang=lang, people_limit=people_limit)
        return say("siting.goal_alternatives", lang=lang, k=spec.k, of=of)
    return say(
        f"siting.goal_{spec.goal}",
        lang=lang,
        n=spec.n,
        share=f"{spec.share:.1%}".replace(".0%", "%"),
        max_people=f"{spec.max_people or people_limit:,.0f}",
        n_per_year=", ".join(map(str, spec.n_per_year)),
        max_cost=f"{spec.max_cost or 0:,g}",
        busy_share=f"{spec.busy_share or 0:.1%}".replace(".0%", "%"),
        reliability=f"{spec.reliability:.1%}".replace(".0%", "%"),
    )


def draw_sites(result: SiteResult) -> folium.Map:
    """Draw the state with the proposed sites, with who gains and the candidates as layers.

    Parameters
    ----------
    result : SiteResult
        What was found.
    """
    inputs, lang, after = result.inputs, result.lang, result.after
    standard = after.standard
    source = f" ({standard.source})" if standard.source else ""
    return coverage_map(
        [
            RoadLayer(inputs.network.edges),
            LandLayer(inputs.land),
            StationLayer(after.stations.drop(list(result.answer.plan.site_ids))),
            CoverageLayer(after.table, bands_s=after.bands_s, limit_s=standard.limit_s),
            AreaLayer(result.areas),
            *map(FindingLayer, (finding for finding in report_sites(result) if finding.style is not None)),
        ],
        title=say("siting.title", lang=lang, study=result.study.study.name),
        lang=lang,
        text=MapText(
            standard=clock_text(standard, lang=lang) + source,
            attribution=say_credit(result.attribution, lang=lang),
            sources=[say_goal(result.spec, lang=lang, people_limit=_limit(result))],
            is_synthetic=result.is_synthetic,
        ),
        figures=_figure_rows(result),
    )


def _figure_rows(result: SiteResult) -> list[dict[str, str]]:
    """Give the headline figures of the map, without and with the sites: ``label value note tone``."""
    lang, plan = result.lang, result.answer.plan
    was, now, plain = summary(result.before), summary(result.after), figures(result)
    means = (say_time(plain[f"both_{when}_mean_s"], lang=lang) for when in ("before", "after"))
    gained = now["people_covered"] - was["people_covered"]
    rows = (
        ("covered", say_share(was["share_covered"]), say_share(now["share_covered"])),
        ("mean", *means),
        ("unreachable", f"{was['people_unreachable']:,.0f}", f"{now['people_unreachable']:,.0f}"),
        ("stations", f"{len(result.before.stations)}", f"{len(result.after.stations)}"),
    )
    values = {
        "limit": say_time(result.after.standard.limit_s, lang=lang),
        "gained": f"{gained:,.0f}",
        "both": f"{plain['both_people']:,.0f}",
        "proof": plan.tell_proof("card").say(lang),
    }
    return [
        {
            "label": say(f"siting.figure_{name}", lang=lang, **values),
            "value": say("siting.before_after", lang=lang, before=before, after=after),
            "note": say(f"siting.figure_{name}_note", lang=lang, **values),
            "tone": "main" if name == "covered" else "",
        }
        for name, before, after in rows
    ]


def _limit(result: SiteResult) -> float:
    return result.study.response.people_limit


def _is_all_proven(result: SiteResult) -> bool:
    """Tell whether no part of the answer hangs on the time that the search was given."""
    answer = result.answer
    plans = [answer.plan]
    plans += list(answer.curve.plans) if answer.curve is not None else []
    plans += list(answer.others.plans) if answer.others is not None else []
    is_whole = answer.others is None or answer.others.is_complete or len(answer.others.plans) == result.spec.k
    return all(plan.is_proven for plan in plans) and is_whole
