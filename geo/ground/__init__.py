"""The ground nearest to each road, and barriers that nobody crosses."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
