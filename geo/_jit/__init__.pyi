from .claims import Claims as Claims
from .claims import TakenError as TakenError
from .compile import kept_names as kept_names
from .compile import kernel as kernel
from .compile import part as part
from .compile import sharing as sharing
