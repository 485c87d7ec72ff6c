"""Choose sites from a table of times: fewest, best n, shortest mean or worst time, backup, capacity.

Every question takes a table of times (demand points by sites, seconds, ``inf`` for no route) and the people
at the demand points, and gives a :class:`SitingPlan` with its value, a proven bound and the gap between them.
``sites`` says which are there already, forced in or out, what they cost and hold. "In time" is ``<=`` the
limit, in whole milliseconds; ties go to the lower id; the same tables give the same plan in whatever order
their rows come.
"""

from __future__ import annotations

from geo.alternatives import Alternatives, alternatives
from geo.backup import backup_covering
from geo.budget import budget_covering
from geo.capacity import capacitated_covering, capacitated_median
from geo.covering import build_programme, maximal_covering, set_covering
from geo.median import p_centre, p_median
from geo.sitingplan import SitingPlan
from geo.sitingtable import SITE_STATUSES
from geo.tradeoff import TradeOff, greedy_swaps, trade_off

__all__ = [
    "SITE_STATUSES",
    "Alternatives",
    "SitingPlan",
    "TradeOff",
    "alternatives",
    "backup_covering",
    "budget_covering",
    "build_programme",
    "capacitated_covering",
    "capacitated_median",
    "greedy_swaps",
    "maximal_covering",
    "p_centre",
    "p_median",
    "set_covering",
    "trade_off",
]
