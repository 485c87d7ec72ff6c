"""Settings of records of calls: the file and its columns, and the days that count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pandas as pd

from geo.messages import Message
from geo.settings import shown
from geo.study.settings.layers import LayerSpec

__all__ = ["CallsSpec"]


@dataclass(frozen=True)
class CallsSpec(LayerSpec):
    """A table of records of calls, one row for each engine that was sent.

    ``columns`` may settle ``call_id``, ``date``, ``called_at``, ``dispatched_at``, ``left_at``,
    ``arrived_at``, ``back_at`` (and their days: ``dispatched_date``, ``left_date``, ``arrived_date``,
    ``back_date``), ``station``, ``vehicle``, ``call_type``, ``risk``, ``weather``, ``lon``, ``lat``. Only
    calls from ``first_day`` to ``last_day`` count, both days with them, written 2024-01-31; ``where`` chooses
    kinds of calls. No output holds a call's place, number or time: only counts and squares of 1 km.
    """

    first_day: str | None = None
    last_day: str | None = None

    @property
    def period(self) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
        """The first moment that counts, and the first that no longer does."""
        first = pd.Timestamp(self.first_day) if self.first_day is not None else None
        last = pd.Timestamp(self.last_day) if self.last_day is not None else None
        return first, None if last is None else last + pd.Timedelta(days=1)

    def faults(self) -> Iterator[Message]:
        """List the days that are none, and a first day behind the last one."""
        days: list[date] = []
        for key in ("first_day", "last_day"):
            text = getattr(self, key)
            if text is None:
                continue
            try:
                days.append(date.fromisoformat(text))
            except ValueError:
                yield Message("settings.no_day", {"key": key, "value": shown(text)})
        if len(days) == 2 and days[0] > days[1]:
            yield Message("settings.days_turned", {"first": self.first_day, "last": self.last_day})
