"""What was found about new sites, and about places of which it was asked why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import pandas as pd

from geo.coverage import Coverage
from geo.findings import Finding
from geo.messages import Message
from geo.statistics import summarise
from geo.study.inputs import Inputs
from geo.study.result import Result
from geo.study.settings import SitingSpec, Study
from geo.study.sites.land_rules import Sifted
from geo.study.sites.question import Question
from geo.words import Lang, percent, say

if TYPE_CHECKING:  # solvers take a third of a second to load: only where a site is looked for
    from geo.study.sites.goals import Answer

__all__ = ["Reasons", "SiteResult"]

MOST_SITES: Final = 20
"""Sites that the text of a result names."""


@dataclass(frozen=True, eq=False)
class Reasons:
    """Why a place is among the sites, or why not.

    Parameters
    ----------
    site_id, name : str
        Of the candidate, or of the place that a land rule removed.
    standing : str
        One of ``values.STANDINGS``, or ``removed``.
    told : tuple of Message
        The reasons, one sentence each.
    figures : mapping of str to object
        The numbers in them; ``nan`` and '' where there are none.
    """

    site_id: str
    name: str
    standing: str
    told: tuple[Message, ...]
    figures: Mapping[str, Any]

    def say(self, lang: Lang) -> str:
        """Give the reasons in a language."""
        return ("" if lang == "zh" else " ").join(message.say(lang) for message in self.told)


@dataclass(frozen=True, eq=False, repr=False)
class SiteResult(Result):
    """What was found about new sites.

    Parameters
    ----------
    study : Study
        What was asked.
    spec : SitingSpec
        The question.
    lang : {"zh", "en"}
        Language of what people read.
    inputs : Inputs
        The layers.
    sifted : Sifted
        Candidates, those removed, and what each rule removed.
    question : Question
        The table of times.
    answer : Answer
        The plan, and the curve or other plans.
    before, after : Coverage
        Without and with the proposed sites, under the same standard.
    areas : GeoDataFrame
        Service areas with the proposed sites.
    values : DataFrame
        What each candidate is worth, by site id: see :func:`geo.study.sites.values.candidate_values`.
    why : tuple of Reasons
        Of the places that ``[siting] why`` names.
    ranges : Finding or None
        How often the plan stays the best over the draws of ``[uncertainty]``; None without that section.
    """

    study: Study
    spec: SitingSpec
    lang: Lang
    inputs: Inputs
    sifted: Sifted
    question: Question
    answer: Answer
    before: Coverage
    after: Coverage
    areas: gpd.GeoDataFrame
    values: pd.DataFrame
    why: tuple[Reasons, ...] = ()
    ranges: Finding | None = None

    def _headline(self) -> pd.DataFrame:
        """Say who is in time without and with the sites, name the sites, and how sure the plan is."""
        lang, plan = self.lang, self.answer.plan
        rows = {}
        for name, coverage in (("before", self.before), ("after", self.after)):
            people = summarise(coverage.table)
            values = {"people": f"{people['people_covered']:,.0f}", "share": percent(people["share_covered"])}
            rows[say(f"siting.line_{name}", lang=lang)] = say("siting.people_share", lang=lang, **values)
        for order, site in enumerate(plan.site_ids[:MOST_SITES], start=1):
            rows[say("siting.line_site", lang=lang, order=order)] = str(self.sifted.kept.at[site, "name"])
        if len(plan.site_ids) > MOST_SITES:
            more = len(plan.site_ids) - MOST_SITES
            rows["…"] = say("siting.more_sites", lang=lang, n=more)
        rows[say("siting.line_proof", lang=lang)] = plan.tell_proof("line").say(lang)
        return pd.DataFrame({"value": list(rows.values())}, index=list(rows))
