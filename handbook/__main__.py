"""``python -m handbook``: build the docs site; ``--quick`` shows the notebooks without running them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from handbook.build import BuildError, build_site
from handbook.wording import ROOT


def main() -> int:
    """Build the site and say where it is."""
    asked = argparse.ArgumentParser(prog="python -m handbook", description=__doc__)
    asked.add_argument("--out", type=Path, default=ROOT / "site", help="folder of the site")
    asked.add_argument("--quick", action="store_true", help="do not run the notebooks")
    options = asked.parse_args()
    try:
        n_pages = build_site(options.out, ROOT / "build" / "handbook", is_run=not options.quick)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{n_pages} pages, every link followed: open {options.out / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
