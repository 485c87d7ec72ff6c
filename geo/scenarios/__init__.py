"""What changes: facilities added, moved, closed; one change at once; differences of two states."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
