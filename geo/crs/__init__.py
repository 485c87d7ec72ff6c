"""Coordinate systems: names of the trade, metric systems, GCJ-02 and BD-09, lines on the ellipsoid."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
