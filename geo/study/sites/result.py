"""What was found about new sites, and about places of which it was asked why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from geo.coverage import Coverage
from geo.messages import Message
from geo.study.inputs import Inputs
from geo.study.settings import SitingSpec, Study
from geo.study.sites.goals import Answer
from geo.study.sites.land_rules import Sifted
from geo.study.sites.question import Question
from geo.words import Lang

__all__ = ["Reasons", "SiteResult"]


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


@dataclass(frozen=True, eq=False)
class SiteResult:
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

    @property
    def is_synthetic(self) -> bool:
        """Whether the data is invented, which every output must say."""
        return self.study.study.synthetic

    @property
    def attribution(self) -> str:
        """Credits of every source, for maps and reports."""
        return " · ".join(self.inputs.attributions)
