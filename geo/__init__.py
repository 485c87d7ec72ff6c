"""Response-time coverage, plan targets and maps for emergency planners, on real roads.

Three lines from a study file to a map::

    import geo

    result = geo.run_study(geo.read_study("sample"))
    geo.draw_map(result)

The names of ``__init__.pyi`` are the front; each lives in a package that is a noun of the field and has a
front of its own. They are loaded when they are first used, so that importing the package costs nothing.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
