"""Where engines arrive in time: service areas, shares of road and land, groups of who is left out."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
