"""How kernels are compiled."""

from geo._jit.compile import kernel, part, plain_part, sources_digest

__all__ = ["kernel", "part", "plain_part", "sources_digest"]
