"""Hydrants: gaps along the road, what lies within the protection radius, where the next ones go."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
