"""Response clocks, speed profiles and the numbers of the standards, each with its source."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
