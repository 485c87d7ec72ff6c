"""A study from its file to its result: the only room that knows ``Study`` and ``Inputs``."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
