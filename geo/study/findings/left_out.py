"""The rows of the layers of people that are not in the result, one by one: for whoever corrects the files."""

from __future__ import annotations

from geo.findings import Finding
from geo.study.inputs import Inputs
from geo.study.settings import Study

__all__ = ["report_left_out"]


def report_left_out(study: Study, inputs: Inputs) -> tuple[Finding, ...]:
    """List the rows that are not placed or count nobody, with their people; nothing where all are.

    Parameters
    ----------
    study : Study
        Its language tells the reasons.
    inputs : Inputs
        Its ``left_out`` rows.
    """
    rows = inputs.left_out
    if not len(rows):
        return ()
    table = rows.assign(reason=[reason.say(study.study.lang) for reason in rows["reason"]])
    figures = {"people": float(table["people"].sum()), "n_unknown": float(table["people"].isna().sum())}
    return (Finding("people_left_out", "study", table.reset_index(drop=True), figures=figures),)
