"""Speed and memory against other tools, measured as ratios in one run: ``python -m bench``."""
