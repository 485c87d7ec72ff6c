#!/usr/bin/env bash
# What: a face given to a heading is read back, and stands beside the face of the theme, which counts.
# Versions: python-docx 1.2.0.
# Seen: the headings and the title of the library's own template name their faces by the theme (asciiTheme,
#   hAnsiTheme, eastAsiaTheme). `style.font.name = "SimHei"` adds ascii and hAnsi and leaves the three: by
#   ECMA-376 part 1, 17.3.2.26, an attribute of the theme supersedes the plain one beside it. So neither Latin
#   nor Chinese letters of a heading get the face, while `style.font.name` says "SimHei".
# Expected: that setting the name takes the theme's attributes away, or that reading it tells what counts.
# The product: takes the theme's attributes out of every style and sets w:eastAsia (geo/outputs/report/word_styles.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install -qq --disable-pip-version-check --no-compile --only-binary=:all: \
  python-docx==1.2.0
env/bin/python -W ignore - <<'PY'
from importlib.metadata import version

import docx
from docx.oxml.ns import qn

print("python-docx", version("python-docx"))
document = docx.Document()
for name in ("Title", "Heading 1", "Heading 2"):
    style = document.styles[name]
    style.font.name = "SimHei"
document.save("headings.docx")
for name in ("Title", "Heading 1", "Heading 2"):
    style = docx.Document("headings.docx").styles[name]
    fonts = style.element.rPr.find(qn("w:rFonts"))
    kept = {key.partition("}")[2]: value for key, value in fonts.attrib.items()}
    print(f"{name}: font.name = {style.font.name!r}; w:rFonts {kept}")
    assert style.font.name == "SimHei", "changed: the name is not read back"
    themes = {"asciiTheme", "hAnsiTheme", "eastAsiaTheme"}
    assert themes <= kept.keys(), "changed: the theme's faces are taken out"
    assert "eastAsia" not in kept, "changed: the East Asian face is set"
PY
