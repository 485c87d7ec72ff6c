"""The live page: one study in memory, a station dragged, everybody's times at once."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
