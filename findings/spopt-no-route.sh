#!/usr/bin/env bash
# What: a time table with a place that a site does not reach is taken by some models and refused by others.
# Versions: spopt 0.7.0, pulp 3.3.2.
# Seen: with inf for "no route", MCLP answers; PMedian and PCenter of the same table raise "Cannot multiply
#   variables with NaN/inf values" from within pulp, though another site reaches the place.
# Expected: a pair without a route is left out of the model, in all models alike.
# The product: takes inf for no route in every question (geo/siting/_table.py).
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
from spopt.locate import MCLP, PCenter, PMedian

print("spopt", spopt.__version__, "pulp", pulp.__version__)
minutes = np.array([[1.0, 9.0], [9.0, 2.0], [np.inf, 4.0]])
people = np.array([10.0, 5.0, 100.0])
quiet = pulp.PULP_CBC_CMD(msg=False)
covered = MCLP.from_cost_matrix(minutes, people, service_radius=5, p_facilities=1).solve(quiet)
print("MCLP:", covered.problem.objective.value(), "people within 5 min")
assert covered.problem.objective.value() == 105.0, "changed: MCLP"
for model, more in ((PMedian, {"weights": people}), (PCenter, {})):
    try:
        model.from_cost_matrix(minutes, p_facilities=1, **more).solve(quiet)
    except pulp.PulpError as error:
        print(f"{model.__name__}: {error}")
        assert "NaN/inf" in str(error), "changed: another error"
    else:
        raise SystemExit(f"changed: {model.__name__} answers")
PY
