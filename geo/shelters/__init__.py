"""Shelters: who walks where, and who finds a place when each holds only so many."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
