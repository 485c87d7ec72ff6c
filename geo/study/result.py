"""What every answer to a study says of itself: whether its data is invented, its credits, how it prints."""

from __future__ import annotations

import html
from abc import ABC, abstractmethod
from importlib import import_module
from pathlib import Path
from typing import Any, Final, TypeAlias

import pandas as pd

from geo.study.inputs import Inputs
from geo.study.settings import Study

__all__ = ["Result"]


LivePage: TypeAlias = Any
"""That of ``geo.serve``, a room above this one."""
_SERVE: Final = "geo.serve"
"""Loaded when a notebook asks for the page: nothing of this room depends on it."""


class Result(ABC):
    """An answer to a study, base of what is found about a state of the district and about new sites.

    A dataclass that builds upon it says ``repr=False``, else Python prints all its tables.
    """

    study: Study
    inputs: Inputs

    @property
    def is_synthetic(self) -> bool:
        """Whether the data is invented, which every output must say."""
        return self.study.study.synthetic

    @property
    def attribution(self) -> str:
        """Credits of every source, for maps and reports."""
        return " · ".join(self.inputs.attributions)

    def __repr__(self) -> str:
        """Give the study's name and its headline as text."""
        return f"{self.study.study.name}\n{self._headline().to_string(header=False)}"

    def _repr_html_(self) -> str:
        return f"<b>{html.escape(self.study.study.name)}</b>{self._headline().to_html(header=False)}"

    def live(self, *, height: int = 760, folder: str | Path | None = None) -> LivePage:
        """Show the live page (``geo serve``) of this result in a notebook on this machine.

        Parameters
        ----------
        height : int
            Of the frame, in pixels.
        folder : path, optional
            Where changes are kept; ``live`` in the study's folder of results when left out.

        Returns
        -------
        LivePage
            The notebook shows it where it is the last line of a cell; its ``stop()`` ends the server.

        Raises
        ------
        GeoError
            No port is free, or no station stands on the roads.
        """
        page: LivePage = import_module(_SERVE).show_live(self, height=height, folder=folder)
        return page

    @abstractmethod
    def _headline(self) -> pd.DataFrame:
        """Give what matters most, one row each, in the language of the result."""
