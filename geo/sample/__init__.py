"""Synthetic places: the island of the sample study, and grids of streets."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
