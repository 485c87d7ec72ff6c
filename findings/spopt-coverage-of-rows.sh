#!/usr/bin/env bash
# What: the covered share that a maximal-covering answer states is one of rows, not of people.
# Versions: spopt 0.7.0, pulp 3.3.2.
# Seen: MCLP with weights 10, 5 and 100 covers the first two points: perc_cov is 66.7, while 13 % of the
#   weight is covered, which is what the model maximises. n_cli_uncov counts rows too.
# Expected: the share of what was given as weights, or both shares under their own names.
# The product: states people covered, and their share (geo/siting/covering.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  spopt==0.7.0 pulp==3.3.2 geopandas==1.1.4 pandas==3.1.1 shapely==2.1.2 numpy==2.4.6
env/bin/python -W ignore - <<'PY'
import numpy as np
import pulp
import spopt
from spopt.locate import MCLP

print("spopt", spopt.__version__)
minutes = np.array([[1.0, 9.0], [9.0, 2.0], [50.0, 60.0]])
people = np.array([10.0, 5.0, 100.0])
answer = MCLP.from_cost_matrix(minutes, people, service_radius=5, p_facilities=2).solve(pulp.PULP_CBC_CMD(msg=False))
share = 100 * answer.problem.objective.value() / people.sum()
print(f"perc_cov {answer.perc_cov:.1f}, of the people {share:.1f} %")
assert round(answer.perc_cov, 1) == 66.7 and round(share, 1) == 13.0, "changed: the share"
PY
