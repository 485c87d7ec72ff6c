"""New sites for a study: candidates, land rules, the question put to siting, the answer."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
