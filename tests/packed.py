"""Hold a built wheel and sdist against the files of the checkout: ``python tests/packed.py DIST``."""

from __future__ import annotations

import sys
import tarfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
LEFT = {"__pycache__", ".pytest_cache"}
"""Folders that come and go while the program runs; kernels kept by numba lie in them too."""


def files(folder: str) -> set[str]:
    """Give the files below a folder of the checkout, as paths from its top with forward slashes."""
    paths = (path.relative_to(ROOT) for path in (ROOT / folder).rglob("*") if path.is_file())
    return {path.as_posix() for path in paths if not LEFT & set(path.parts)}


def in_wheel(path: Path) -> set[str]:
    """Give the files of a wheel, the embedded layers named as in the checkout."""
    names = zipfile.ZipFile(path).namelist()
    return {name.replace("geo/_layers/", "layers/", 1) for name in names if name.startswith("geo/")}


def in_sdist(path: Path) -> set[str]:
    """Give the files of an sdist."""
    with tarfile.open(path) as packed:
        return {member.name.split("/", 1)[1] for member in packed.getmembers() if member.isfile()}


def main(dist: Path) -> int:
    """Say what is missing and what is too much; 1 where anything is."""
    product = files("geo") | files("layers")
    checkout = product | files("tests") | files("notebooks") | files("docs")
    wheel, sdist = (in_wheel(next(dist.glob("*.whl"))), in_sdist(next(dist.glob("*.tar.gz"))))
    faults = {
        "missing in the wheel": product - wheel,
        "only in the wheel": wheel - product,
        "missing in the sdist": checkout - sdist,
    }
    for what, names in faults.items():
        for name in sorted(names):
            print(f"{what}: {name}")
    print(f"wheel: {len(wheel)} files of {len(product)}; sdist: {len(sdist)} files")
    return 1 if any(faults.values()) else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
