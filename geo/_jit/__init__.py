"""How kernels are compiled."""

from geo._jit.compile import can_keep, kernel, part, plain_part, sources_digest
from geo._jit.loading import kernels_loading

__all__ = ["can_keep", "kernel", "kernels_loading", "part", "plain_part", "sources_digest"]
