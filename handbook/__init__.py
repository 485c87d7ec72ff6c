"""The docs site: made of ``docs/``, the settings dataclasses, ``layers/``, the fronts and the notebooks."""
