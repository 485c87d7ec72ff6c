#!/usr/bin/env bash
# What: the same line of code leaves out the people of towns without a name from pandas 3 on.
# Versions: pandas 2.3.3 and pandas 3.1.1.
# Seen: `astype(str)` makes the text "None" or "nan" of what is missing in pandas 2, and leaves it missing in
#   pandas 3, in columns of numbers too. groupby passes over missing names, so a sum by `town.astype(str)` has
#   250 people in the one and 170 in the other; texts joined with a missing one are missing. The migration guide
#   of pandas 3 tells it; at work nothing warns of it.
# Expected: a total does not depend on the version, or a warning for one version.
# The product: puts a text of its own in place of what is missing before (geo/layers/columns.py,
#   geo/vulnerability/critical_links.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for version in 2.3.3 3.1.1; do
  python3 -m venv --without-pip "env-$version"
  python3 -m pip --python "env-$version/bin/python" install -qq --disable-pip-version-check --no-compile \
    --only-binary=:all: "pandas==$version" numpy==2.4.6
  "env-$version/bin/python" -W error - <<'PY'
import numpy as np
import pandas as pd

print("pandas", pd.__version__)
towns = pd.DataFrame({"town": ["North", None, "South"], "code": [1.0, np.nan, 3.0], "people": [120, 80, 50]})
is_old = pd.__version__ == "2.3.3"
for column, old in (("town", "None"), ("code", "nan")):
    texts = towns[column].astype(str)
    total = int(towns.groupby(texts)["people"].sum().sum())
    print(f"  {column}.astype(str): {texts.tolist()}, joined {(texts + '-A').tolist()}, people by it: {total}")
    assert texts[1] == old if is_old else pd.isna(texts[1]), "changed: what is missing"
    assert total == (250 if is_old else 170), "changed: the people"
PY
done
