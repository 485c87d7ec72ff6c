"""How kernels are compiled."""

from geo._jit.compile import kernel, part

__all__ = ["kernel", "part"]
