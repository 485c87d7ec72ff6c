"""Candidates of a state, listed beside the answers: no pin waits for them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from geo.serve.live_study import LiveStudy
from geo.serve.states import State
from geo.study import CandidatesSpec, Sifted, list_candidates

__all__ = ["Sites"]

_MOST_LISTS: Final = 4


@dataclass(frozen=True, eq=False)
class Sites:
    """The candidates of a study under its changes.

    Parameters
    ----------
    live : LiveStudy
        The study.
    """

    live: LiveStudy
    _lists: OrderedDict[Hashable, Future[Sifted]] = field(default_factory=OrderedDict, repr=False)
    _lister: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1), repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def listed(self, state: State) -> Future[Sifted]:
        """Give the candidates of a state when they are listed, as ``geo site`` lists them."""
        key = self._key(state)
        with self._lock:
            if key not in self._lists or _has_failed(self._lists[key]):
                self._lists[key] = self._lister.submit(list_candidates, self.live.study, state.inputs)
            self._lists.move_to_end(key)
            while len(self._lists) > _MOST_LISTS:
                self._lists.popitem(last=False)
            return self._lists[key]

    def _key(self, state: State) -> Hashable:
        """Give what candidates of a state hang on: open roads, and stations where a rule names them."""
        spec, scenario = self.live.study.candidates or CandidatesSpec(), state.plan.scenario
        stations: tuple[Hashable, ...] = ()
        if spec.apart_m or spec.with_planned:
            stations = (scenario.build, scenario.add, scenario.move, scenario.close, scenario.upgrade)
        return scenario.close_roads, stations


def _has_failed(future: Future[Sifted]) -> bool:
    return future.done() and future.exception() is not None
