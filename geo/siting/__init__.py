"""Choose sites from a table of times: fewest, best n, shortest mean or worst time, backup, capacity.

A question is put in two steps. :func:`siting_table` checks times (demand points by sites, seconds, ``inf``
for no route), people, weights and sites once and puts them together; each question is then a function of that
:class:`SitingTable` and of what only this question asks:

>>> import pandas as pd
>>> from geo.siting import MaximalCovering, Search, maximal_covering, siting_table, trade_off
>>> times = pd.DataFrame({"a": [60, 400, 400], "b": [400, 60, 240]}, index=["x", "y", "z"])
>>> people = pd.Series({"x": 50, "y": 30, "z": 30})
>>> sites = pd.DataFrame({"status": {"a": "candidate", "b": "candidate"}})
>>> table = siting_table(times, people, sites=sites)
>>> plan = maximal_covering(table, n=1, limit_s=240, search=Search(time_limit_s=30))
>>> plan.site_ids, plan.value, plan.is_proven
(('b',), 60.0, True)

Why a table: a planner asks many questions of the same times, and reading and checking them costs more than
many an answer. Why :class:`Search`: how long to look, how good is good enough and who is told is the same
for every question, and one value carries it. Why questions as values: functions that put one question many
times (every number of sites, the best plans that differ, a quick plan) take it as a :class:`MaximalCovering`,
:class:`PMedian`, ..., which has just the options that the question has, so that no wrong mix can be written.

>>> trade_off(table, MaximalCovering(n=2, limit_s=240)).table["value"].to_list()
[0.0, 60.0, 110.0]

Every answer is a :class:`SitingPlan` with its value, a proven bound and the gap between them. ``sites`` says
which sites are there already, forced in or out, what they cost and hold. "In time" is ``<=`` the limit, in
whole milliseconds; ties go to the lower id; the same tables give the same plan in whatever order their rows
come.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
