"""People whom several counties of a batch count: the sum of the province would hold them more than once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from geo.messages import Message, name_some
from geo.study import DemandSpec, Study

__all__ = ["people_twice"]


def people_twice(studies: Mapping[str, Study]) -> Iterator[Message]:
    """Say which counties read the same people, and which also those of a margin around them.

    Parameters
    ----------
    studies : mapping of str to Study
        By the code of the county.
    """
    wide = [code for code, study in studies.items() if any(map(_has_margin, study.demand))]
    if wide and len(studies) > 1:
        yield Message("batch.people_margin", {"n": len(wide), "codes": name_some(wide)})
    readers: dict[str, dict[str, str]] = defaultdict(dict)
    for code, study in studies.items():
        for spec in study.demand:
            readers[_who(study, spec)][code] = spec.path
    for codes in readers.values():
        if len(codes) > 1:
            file = next(iter(codes.values())).replace("\\", "/").rpartition("/")[2]
            yield Message("batch.people_twice", {"file": file, "n": len(codes), "codes": name_some(codes)})


def _has_margin(spec: DemandSpec) -> bool:
    return spec.within is not None and spec.margin_km > 0


def _who(study: Study, spec: DemandSpec) -> str:
    """Tell layers of people apart, wherever the study stands that names them."""
    within = None if spec.within is None else str(study.file(spec.within).resolve())
    return repr(replace(spec, path=str(study.file(spec.path).resolve()), within=within))
