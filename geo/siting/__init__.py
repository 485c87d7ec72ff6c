"""Choose sites from a table of times: fewest, best n, shortest mean or worst time, backup, capacity.

Every question takes a table of times (demand points by sites, seconds, ``inf`` for no route) and the people
at the demand points, and gives a :class:`SitingPlan` with its value, a proven bound and the gap between them.
``sites`` says which are there already, forced in or out, what they cost and hold. "In time" is ``<=`` the
limit, in whole milliseconds; ties go to the lower id; the same tables give the same plan in whatever order
their rows come.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
