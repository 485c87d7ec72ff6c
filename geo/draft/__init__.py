"""A study file drafted from a folder of files: what each is taken for and why, in words and as TOML."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
