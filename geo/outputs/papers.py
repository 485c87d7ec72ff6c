"""What would stop the report and the atlas of a study, told before anybody asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from geo.errors import GeoError
from geo.outputs.paper import choose_fonts_before
from geo.outputs.report import check_templates
from geo.study import Study
from geo.words import Lang

__all__ = ["paper_faults"]


def paper_faults(study: Study, *, lang: Lang) -> list[GeoError]:
    """Find what ``[report]`` and ``[atlas]`` ask for and is not there: templates that can be used, faces.

    Parameters
    ----------
    study : Study
        The study; sections that it does not have ask for nothing.
    lang : {"zh", "en"}
        Language of the report.

    Returns
    -------
    list of GeoError
        Each with the section that it is about. They stop ``geo report`` and ``geo atlas``, and no run.
    """
    faults = []
    for section, look in _looks(study, lang):
        try:
            look()
        except GeoError as error:
            if not str(error).startswith("["):
                error.section = section
            faults.append(error)
    return faults


def _looks(study: Study, lang: Lang) -> Iterator[tuple[str, Callable[[], object]]]:
    if study.report is not None:
        yield "report", partial(check_templates, study)
    for section, spec in (("report", study.report), ("atlas", study.atlas)):
        if spec is not None:
            yield section, partial(choose_fonts_before, lang=lang, wanted=spec.fonts)
