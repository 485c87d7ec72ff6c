"""Zones of responsibility: who answers where, evened loads, regular outlines, checks of the standards."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
