"""Many counties in one command: a study a county, on the workers of dask.distributed."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
