"""What is printed: faces, pages set by Typst, and maps as drawings of vectors."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
