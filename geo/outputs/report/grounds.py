"""The chapters that a report rests on: method, data and its quality, assumptions, limits, sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from geo.maps import name_ids, tell_marks
from geo.outputs.finished import SheetRead
from geo.outputs.manifest import shown_version
from geo.outputs.report.content import Block, Bullets, Formula, Paragraph, Section, Table
from geo.outputs.report.excerpts import Excerpt, excerpt_table, sheet_title
from geo.outputs.report.telling import Telling
from geo.statistics import PEOPLE_PER_STATION
from geo.words import say

__all__ = ["assumptions_chapter", "data_chapter", "limits_chapter", "method_chapter", "sources_chapter"]

_MARKS: Final = ("V", "V2", "M")
_FORMULAS: Final[Mapping[str, tuple[str, ...]]] = {
    "time": (),
    "covered": (),
    "mean": (),
    "load": (),
    "shelter": ("shelter_towns",),
    "balance": ("balanced_zones",),
    "hydrant": ("hydrants",),
    "siting": ("sites",),
    "busy": ("availability",),
    "ranges": ("ranges",),
}
"""Formulas, and the findings that need them; those that need none always stand."""
_LIMITS: Final = ("speeds", "congestion", "snap", "static", "demand", "share", "law")
_HASH: Final = 16


def method_chapter(telling: Telling) -> Section | None:
    """Say how each number is computed."""
    formulas: list[Block] = []
    for name, needs in _FORMULAS.items():
        is_there = not needs or any(telling.figures(need) for need in needs)
        if is_there or (needs == ("sites",) and telling.sites is not None):
            formulas.append(Paragraph(telling.say(f"method_{name}", **_values(telling))))
            formulas.append(Formula(telling.say(f"formula_{name}"), telling.say(f"formula_{name}_where")))
    speeds = excerpt_table(
        telling.run,
        sheet_title(telling.run, "speeds", "outputs"),
        Excerpt("outputs", ("highway", "road_km", "from", "speed_kph", "slowest_kph", "fastest_kph")),
        caption=telling.say("caption_speeds"),
    )
    return telling.section("method", [*formulas, *([] if speeds is None else [speeds])])


def _values(telling: Telling) -> dict[str, str]:
    study = telling.run.study
    left_out = 1.0 - study.uncertainty.range_share if study.uncertainty is not None else 0.0
    return {
        "n": f"{telling.figures('ranges').get('n_draws', 0):,.0f}",
        "low": f"{50.0 * left_out:.6g}",
        "high": f"{100.0 - 50.0 * left_out:.6g}",
        "limit": f"{telling.summary['standard']['limit_s']:g}",
        "load": f"{PEOPLE_PER_STATION:,.0f}",
        "snap": f"{study.snap.max_m:g}",
        "access": f"{study.snap.access_kph:g}",
    }


def data_chapter(telling: Telling) -> Section | None:
    """List every input, and every note of the check, word for word."""
    rows = tuple(
        (str(row["path"]), f"{row['bytes']:,}", str(row["sha256"])[:_HASH]) for row in _inputs(telling)
    )
    heads = tuple(telling.say(f"head_{name}") for name in ("file", "bytes", "sha256"))
    files = Table(telling.say("caption_inputs"), heads, rows, ("left", "right", "left"))
    network = telling.summary["network"]
    intro = telling.say(
        "sentence_network",
        nodes=f"{network['nodes']:,}",
        edges=f"{network['edges']:,}",
        km=f"{network['km']:,.1f}",
        components=f"{network['components']:,}",
        crs=telling.summary["crs"],
    )
    checked = [tell_marks(str(note[telling.lang]), lang=telling.lang) for note in telling.summary["remarks"]]
    others = [note for note in telling.run.notes() if note not in checked]
    n_faults = telling.summary["faults"]
    return telling.section(
        "data",
        [Paragraph(intro), *([files] if rows else [])],
        [
            telling.section(
                "checked",
                [
                    Paragraph(
                        telling.say("sentence_faults" if n_faults else "sentence_no_faults", n=n_faults)
                    ),
                    *([Bullets(tuple(checked))] if checked else []),
                ],
            ),
            telling.section("noted", [Bullets(tuple(others))] if others else []),
        ],
    )


def _inputs(telling: Telling) -> list[Mapping[str, Any]]:
    return list(telling.run.record["inputs"])


def assumptions_chapter(telling: Telling) -> Section | None:
    """Sort what the numbers rest on by how sure it is: read, second-hand, from memory."""
    items = list(dict.fromkeys(_grounds(telling)))
    parts = []
    for mark in _MARKS:
        word = say(f"maps.mark_{mark}", lang=telling.lang)
        own = tuple(text for text in items if word in text)
        parts.append(Section(word[:1].upper() + word[1:], (Bullets(own),)) if own else None)
    return telling.section(
        "assumptions", [Paragraph(telling.say("assumptions"))] if any(parts) else [], parts
    )


def _grounds(telling: Telling) -> Iterator[str]:
    """Give every standard, speed and assumption with its mark in words."""
    lang, run = telling.lang, telling.run
    for clock in (telling.summary["standard"], *telling.summary["beside"]):
        source = tell_marks(str(clock["source"]), lang=lang)
        yield telling.say("ground_clock", name=name_ids(clock["name"], lang=lang), source=source)
    speeds = run.sheet(sheet_title(run, "speeds", "outputs"))
    if speeds is not None:
        yield from map(str, speeds.values("source", "outputs", lang=lang))
    for name, words in (("zone_checks", "zones"), ("shelter_checks", "shelters")):
        sheet = run.sheet(sheet_title(run, name, words), most=5_000)
        if sheet is not None:
            yield from _clauses(sheet, words, telling)
    yield from run.notes()


def _clauses(sheet: SheetRead, words: str, telling: Telling) -> Iterator[str]:
    """Give each clause of the standards that zones and shelters were held against."""
    told = "check" if words == "zones" else "text"
    columns = [sheet.values(name, words, lang=telling.lang) for name in (told, "standard", "clause", "mark")]
    for what, standard, clause, mark in zip(*columns, strict=False):
        cited = " ".join(str(part) for part in (standard, clause) if part)
        source = cited if mark and str(mark) in cited else telling.say("cited", cited=cited, mark=mark or "–")
        yield telling.say("ground_clause", what=what, source=source)


def limits_chapter(telling: Telling) -> Section | None:
    """Say what the numbers do not say."""
    texts = {name: telling.say(f"limit_{name}") for name in _LIMITS}
    if telling.figures("availability"):
        texts["static"] = telling.say("limit_static_but", part=telling.say("title_availability"))
    items = list(texts.values())
    if telling.summary["synthetic"]:
        items.insert(0, telling.say("limit_synthetic"))
    return telling.section("limits", [Bullets(tuple(items))])


def sources_chapter(telling: Telling) -> Section | None:
    """Cite the sources, the evidence of each target, and what is needed to compute all again."""
    credits = tuple(map(str, telling.summary["attribution"]))
    version = shown_version(telling.lang)
    again = [
        telling.say("again_program", version=version),
        telling.say("again_files"),
        *(f"{name} {text}" for name, text in telling.run.record["versions"].items()),
    ]
    return telling.section(
        "sources",
        [],
        [
            telling.section("credits", [Bullets(credits or (telling.say("no_credits"),))]),
            telling.section("evidence", _evidence(telling)),
            telling.section(
                "again", [Bullets(tuple(again[:2])), Paragraph(", ".join(again[2:]), is_note=True)]
            ),
        ],
    )


def _evidence(telling: Telling) -> list[Block]:
    table = excerpt_table(
        telling.run,
        sheet_title(telling.run, "targets", "outputs"),
        Excerpt("maps", ("target_id", "evidence", "source"), 500),
        caption=telling.say("caption_evidence"),
    )
    return [] if table is None else [table]
