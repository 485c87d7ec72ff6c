"""Speeds, junction delay, start loss and turnout measured from recorded trips, on tables and a network."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
