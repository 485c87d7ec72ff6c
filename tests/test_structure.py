"""A module imports only what stands before it in the design, and says what it makes public."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

import geo

HOUSE = Path(geo.__file__).parent
MODULES = sorted(path.stem for path in HOUSE.glob("*.py") if path.stem not in {"__init__", "__main__"})

# fmt: off
ALLOWED: dict[str, set[str]] = {
    # errors, fixed words, units
    "errors": set(),
    "words": {"errors"},
    "times": set(),
    "schema": {"errors"},
    "settings": set(),
    "findings": set(),
    # reports and coordinate systems
    "reports": {"words"},
    "shifts": set(),
    "crs": {"errors", "reports", "shifts"},
    "standards": {"errors", "words"},
    # layers in and out
    "archives": {"errors"},
    "cells": set(),
    "encodings": {"errors"},
    "headers": {"cells", "errors", "reports", "words"},
    "shapes": {"reports"},
    "tables": {"archives", "encodings", "errors", "headers", "reports"},
    "vectors": {"archives", "encodings", "errors", "reports"},
    "writing": {"errors"},
    "layers": {"crs", "errors", "headers", "reports", "shapes", "tables", "vectors", "writing"},
    # roads
    "lines": {"errors"},
    "tags": set(),
    "noding": set(),
    "roadlayers": {"errors", "lines", "noding", "tags"},
    "roads": {"errors", "lines", "noding", "roadlayers"},
    "osmfile": {"errors"},
    "osmpoints": {"errors", "lines", "osmfile"},
    "osmfetch": {"errors", "osmfile", "osmpoints"},
    "osm": {"osmfetch", "osmfile", "osmpoints", "roads", "tags"},
    "speeds": {"roads", "standards", "tags", "times"},
    "arcs": {"times"},
    "network": {"arcs", "errors", "lines", "roads", "speeds", "standards", "times"},
    "graphs": {"errors", "lines", "network", "roads", "standards", "tags", "times"},
    "cache": {"arcs", "errors", "network"},
    # facilities and people
    "stations": {"crs", "errors", "reports", "schema", "words"},
    "apportion": {"errors"},
    "points": {"crs", "errors"},
    "rasters": {"errors"},
    "demand": {"apportion", "crs", "errors", "points", "rasters", "schema", "words"},
    # the synthetic island
    "chance": set(),
    "cities": {"chance", "errors", "network", "times"},
    "island": {"chance"},
    "streets": {"chance", "island"},
    "settle": {"apportion", "chance", "island", "streets", "words"},
    "services": {"apportion", "chance", "streets", "words"},
    "sample": {"cities", "errors", "island", "layers", "services", "settle", "streets", "words"},
    # times
    "kernels": {"times"},
    "labels": {"kernels"},
    "snapping": {"arcs", "errors", "network", "times"},
    "stops": {"errors", "network", "schema", "times"},
    "routing": {"errors", "kernels", "network", "schema", "stops", "times"},
    "nearest": {"errors", "kernels", "labels", "network", "schema", "stops", "times"},
    # coverage
    "summaries": set(),
    "coverage": {"errors", "nearest", "network", "routing", "schema", "snapping", "standards", "summaries", "times", "words"},
    "gaps": {"coverage", "errors"},
    "shares": {"errors", "nearest", "network", "schema", "summaries", "times"},
    "pieces": {"network", "schema", "times"},
    "walls": {"pieces"},
    "ground": {"pieces", "walls"},
    "outlines": {"ground", "pieces", "walls"},
    "areas": {"errors", "ground", "nearest", "network", "outlines", "pieces", "schema", "stops", "times", "walls"},
    # plans and targets (tables only)
    "plans": {"errors", "schema", "words"},
    "assignment": {"errors", "times"},
    "evidence": {"standards", "summaries", "times"},
    "firemeasures": {"assignment", "evidence", "plans", "standards"},
    "measures": {"evidence", "firemeasures", "plans"},
    "indicators": {"evidence", "measures", "plans", "words"},
    # siting (tables only)
    "optionchecks": {"errors"},
    "sitingtable": {"errors", "optionchecks", "times"},
    "reach": {"errors", "optionchecks", "sitingtable"},
    "merging": set(),
    "highs": set(),
    "savings": {"merging", "sitingtable"},
    "swaps": set(),
    "lagrange": set(),
    "tree": {"highs", "lagrange", "savings", "sitingtable", "swaps"},
    "bestn": {"highs", "lagrange", "savings", "sitingtable", "swaps", "tree"},
    "rows": set(),
    "setcover": {"highs", "merging", "rows", "savings", "sitingtable"},
    "sharecover": {"bestn", "highs", "lagrange", "savings", "setcover", "sitingtable", "swaps", "tree"},
    "sitingplan": {"highs", "sitingtable"},
    "covering": {"bestn", "errors", "highs", "optionchecks", "reach", "savings", "sharecover", "sitingplan", "sitingtable", "times", "tree"},
    "median": {"bestn", "covering", "errors", "highs", "optionchecks", "reach", "savings", "setcover", "sharecover", "sitingplan", "sitingtable", "times", "tree"},
    "budget": {"bestn", "covering", "errors", "highs", "optionchecks", "reach", "savings", "sitingplan", "sitingtable", "swaps", "times"},
    "backup": {"covering", "highs", "merging", "optionchecks", "reach", "savings", "sitingplan", "sitingtable", "times"},
    "allotment": {"bestn", "errors", "highs", "savings", "sitingtable"},
    "capacity": {"allotment", "errors", "highs", "optionchecks", "reach", "sitingplan", "sitingtable", "times"},
    "tradeoff": {"bestn", "covering", "errors", "highs", "median", "optionchecks", "reach", "savings", "sitingplan", "sitingtable", "times", "tree"},
    "alternatives": {"bestn", "highs", "optionchecks", "reach", "savings", "sitingplan", "sitingtable", "times", "tradeoff"},
    "siting": {"alternatives", "backup", "budget", "capacity", "covering", "median", "sitingplan", "sitingtable", "tradeoff"},
    # candidates
    "candidates": {"arcs", "errors", "network", "times"},
    "landrules": {"errors", "words"},
    # maps (tables only)
    "legend": {"errors", "findings"},
    "mapwords": {"words"},
    "mapshapes": {"errors"},
    "mapassets": set(),
    "maptables": {"legend", "mapshapes", "mapwords", "words"},
    "mapfindings": {"findings", "mapshapes", "mapwords", "words"},
    "maps": {"errors", "findings", "legend", "mapassets", "mapfindings", "mapshapes", "maptables", "mapwords", "words"},
    # the study
    "specs": {"words"},
    "roomspecs": set(),
    "studyfile": {"errors", "roomspecs", "schema", "settings", "specs", "words"},
    "layerlog": {"demand", "errors", "layers", "reports", "specs"},
    "people": {"crs", "demand", "errors", "layerlog", "network", "osmpoints", "schema", "specs", "studyfile"},
    "datum": {"crs", "errors", "lines", "network"},
    "context": {"crs", "layerlog", "specs", "studyfile"},
    "inputs": {"cache", "context", "crs", "datum", "demand", "errors", "graphs", "layerlog", "lines", "network", "osm", "osmpoints", "people", "reports", "roads", "schema", "specs", "standards", "stations", "studyfile"},
    "reached": {"coverage", "shares"},
    "facts": {"coverage", "demand", "evidence", "findings", "inputs", "reached", "stations"},
    "resources": {"coverage", "findings", "inputs", "studyfile"},
    "assessment": {"areas", "coverage", "errors", "facts", "findings", "gaps", "indicators", "inputs", "layerlog", "people", "plans", "reached", "resources", "schema", "standards", "stations", "studyfile", "words"},
    "study": {"assessment", "inputs", "studyfile", "words"},
    "picture": {"assessment", "coverage", "errors", "maps", "standards", "stations", "summaries", "words"},
    "manifest": {"errors", "studyfile"},
    "workbook": {"layers", "mapwords", "words"},
    "sheets": {"assessment", "coverage", "findings", "mapfindings", "mapwords", "plans", "words", "workbook"},
    "outputs": {"assessment", "coverage", "errors", "findings", "inputs", "layers", "manifest", "maps", "picture", "sheets", "summaries", "workbook"},
    "headline": {"assessment", "coverage", "words"},
    # new sites
    "sitelist": {"candidates", "errors", "inputs", "landrules", "network", "optionchecks", "roomspecs", "snapping", "stations", "studyfile"},
    "sitetimes": {"coverage", "errors", "inputs", "landrules", "optionchecks", "roomspecs", "routing", "sitelist", "snapping", "standards", "studyfile", "times"},
    "sitegoals": {"highs", "roomspecs", "siting", "sitetimes"},
    "sitestudy": {"areas", "coverage", "errors", "highs", "inputs", "landrules", "layerlog", "roomspecs", "schema", "sitegoals", "sitelist", "sitetimes", "standards", "stations", "studyfile", "words"},
    "sitereport": {"findings", "sitestudy", "summaries"},
    "siteoutputs": {"coverage", "errors", "findings", "inputs", "layers", "manifest", "maps", "roomspecs", "sitereport", "sitestudy", "words"},
    "sitecli": {"manifest", "siteoutputs", "sitereport", "sitestudy", "studyfile", "words"},
    # the command
    "check": {"demand", "inputs", "network", "people", "reports", "snapping", "studyfile", "words"},
    "cli": {"check", "errors", "headline", "manifest", "osm", "outputs", "sample", "sitecli", "study", "studyfile", "words"},
}


def _imports(module: str) -> set[str]:
    tree = ast.parse((HOUSE / f"{module}.py").read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "geo":
            names = [node.module.split(".")[1]] if "." in node.module else [a.name for a in node.names]
            found |= set(names)
        elif isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("geo.")}
    return found


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_what_the_design_lets_it(module: str) -> None:
    assert module in ALLOWED, f"say in ALLOWED what {module} may import"
    extra = _imports(module) - ALLOWED[module]
    assert not extra, f"{module} may not import {sorted(extra)}"


def test_imports_run_one_way() -> None:
    seen: set[str] = set()
    order = list(ALLOWED)
    for module in order:
        later = (ALLOWED[module] & set(MODULES)) - seen
        assert not later, f"{module} stands before {sorted(later)} in ALLOWED"
        seen.add(module)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_lists_its_public_names(module: str) -> None:
    tree = ast.parse((HOUSE / f"{module}.py").read_text(encoding="utf-8"))
    listed = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__"
    ]
    assert listed, f"{module} has no __all__"
    assert len(listed[0]) == len(set(listed[0]))
    missing = [name for name in listed[0] if not hasattr(importlib.import_module(f"geo.{module}"), name)]
    assert not missing


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_not_longer_than_a_reader_holds(module: str) -> None:
    lines = (HOUSE / f"{module}.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 400, f"{module} has {len(lines)} lines: split it by noun"
