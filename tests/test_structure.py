"""A module imports only what stands before it in the design, and says what it makes public."""

from __future__ import annotations

import ast
import importlib
import re
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
    "claims": set(),
    "plaintexts": set(),
    "compiled": {"claims"},
    # reports and coordinate systems
    "reports": {"words"},
    "shifts": set(),
    "crs": {"errors", "reports", "shifts"},
    "standards": {"errors", "words"},
    "rules": {"errors", "settings", "words"},
    # layers in and out
    "archives": {"errors"},
    "cells": set(),
    "encodings": {"errors"},
    "headers": {"cells", "errors", "reports", "words"},
    "shapes": {"reports"},
    "tables": {"archives", "encodings", "errors", "headers", "reports"},
    "vectors": {"archives", "encodings", "errors", "reports"},
    "writing": {"errors"},
    "layers": {"cells", "crs", "errors", "headers", "reports", "shapes", "tables", "vectors", "writing"},
    # roads
    "lines": {"errors"},
    "tags": set(),
    "noding": set(),
    "roadlayers": {"errors", "lines", "noding", "reports", "tags"},
    "roads": {"errors", "lines", "noding", "reports", "roadlayers"},
    "osmfile": {"errors"},
    "osmpoints": {"errors", "lines", "osmfile"},
    "osmfetch": {"errors", "osmfile", "osmpoints"},
    "osm": {"osmfetch", "osmfile", "osmpoints", "roads", "tags"},
    "speeds": {"roads", "standards", "tags", "times"},
    "arcs": {"times"},
    "network": {"arcs", "errors", "lines", "roads", "speeds", "standards", "times"},
    "graphs": {"errors", "lines", "network", "roads", "standards", "tags", "times"},
    "cache": {"arcs", "errors", "network"},
    "closures": {"arcs", "errors", "network", "times"},
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
    "settlement": {"chance", "streets", "words"},
    "supplies": {"apportion", "settlement"},
    "services": {"settlement", "supplies"},
    "surroundings": {"island", "settlement", "streets"},
    "sampleplan": {"schema", "words"},
    "sample": {"cities", "errors", "island", "layers", "sampleplan", "services", "settle", "settlement", "streets", "surroundings", "words"},
    # times
    "buckets": {"compiled"},
    "kernels": {"buckets", "compiled", "times"},
    "labels": {"buckets", "compiled", "kernels"},
    "snapping": {"arcs", "closures", "errors", "network", "times"},
    "stops": {"arcs", "errors", "network", "schema", "times"},
    "registers": {"buckets"},
    "roworder": {"buckets", "compiled", "kernels"},
    "lanes": {"buckets", "compiled", "kernels", "registers", "roworder"},
    "batches": {"buckets", "kernels", "lanes", "registers", "stops", "times"},
    "routing": {"batches", "errors", "network", "schema", "stops", "times"},
    "labelling": {"buckets", "kernels", "labels", "stops"},
    "nearest": {"buckets", "errors", "kernels", "labelling", "labels", "network", "schema", "stops"},
    # coverage
    "summaries": set(),
    "coverage": {"errors", "nearest", "network", "routing", "schema", "snapping", "standards", "summaries", "times", "words"},
    "gaps": {"coverage", "errors"},
    "shares": {"errors", "nearest", "network", "schema", "summaries", "times"},
    "pieces": {"compiled", "network", "schema", "times"},
    "walls": {"compiled", "pieces"},
    "ground": {"compiled", "pieces", "walls"},
    "outlines": {"compiled", "ground", "pieces", "walls"},
    "areas": {"errors", "ground", "nearest", "network", "outlines", "pieces", "schema", "stops", "times", "walls"},
    # siting (tables only)
    "optionchecks": {"errors"},
    "sitingtable": {"compiled", "errors", "optionchecks", "times"},
    "reach": {"errors", "optionchecks", "sitingtable"},
    "merging": {"compiled"},
    "highs": {"optionchecks"},
    "swaps": {"compiled"},
    "savings": {"merging", "sitingtable", "swaps"},
    "lagrange": {"compiled"},
    "tree": {"highs", "lagrange", "savings", "sitingtable", "swaps"},
    "bestn": {"highs", "lagrange", "savings", "sitingtable", "swaps", "tree"},
    "rows": {"compiled"},
    "covercuts": {"compiled"},
    "setcover": {"covercuts", "highs", "merging", "rows", "savings", "sitingtable"},
    "sharecover": {"bestn", "highs", "lagrange", "savings", "setcover", "sitingtable", "swaps", "tree"},
    "sitingplan": {"highs", "sitingtable"},
    "covering": {"bestn", "errors", "highs", "optionchecks", "reach", "savings", "sharecover", "sitingplan", "sitingtable", "times", "tree"},
    "median": {"bestn", "covering", "errors", "highs", "optionchecks", "reach", "savings", "setcover", "sharecover", "sitingplan", "sitingtable", "times", "tree"},
    "backup": {"covering", "highs", "merging", "optionchecks", "reach", "savings", "sitingplan", "sitingtable", "times"},
    "allotment": {"bestn", "errors", "highs", "savings", "sitingtable"},
    "capacity": {"allotment", "errors", "highs", "optionchecks", "reach", "sitingplan", "sitingtable", "times"},
    "budget": {"bestn", "covering", "errors", "highs", "optionchecks", "reach", "savings", "sitingplan", "sitingtable", "times"},
    "tradeoff": {"bestn", "covering", "errors", "highs", "median", "optionchecks", "reach", "savings", "sitingplan", "sitingtable", "times", "tree"},
    "rivals": {"allotment", "backup", "bestn", "highs", "median", "merging", "savings", "sharecover", "sitingtable", "tradeoff"},
    "alternatives": {"allotment", "capacity", "errors", "highs", "median", "optionchecks", "reach", "rivals", "sitingplan", "sitingtable", "times", "tradeoff"},
    "siting": {"alternatives", "backup", "budget", "capacity", "covering", "median", "sitingplan", "sitingtable", "tradeoff"},
    # depots and villages (tables only)
    "depotlevels": set(),
    "villages": {"errors"},
    # plans and targets (tables only)
    "methods": {"depotlevels", "errors", "schema", "settings"},
    "plans": {"errors", "methods", "schema", "words"},
    "planpack": {"errors", "methods", "plans", "rules", "words", "writing"},
    "assignment": {"errors", "times"},
    "evidence": {"standards", "summaries", "times"},
    "shelterareas": set(),
    "firemeasures": {"assignment", "evidence", "plans", "standards"},
    "zonemeasures": {"evidence", "plans"},
    "sheltermeasures": {"evidence", "plans", "shelterareas"},
    "depotmeasures": {"depotlevels", "evidence", "plans", "villages"},
    "hydrantmeasures": {"evidence", "plans"},
    "roadmeasures": {"evidence", "plans"},
    "measures": {"depotmeasures", "evidence", "firemeasures", "hydrantmeasures", "plans", "roadmeasures", "sheltermeasures", "zonemeasures"},
    "indicators": {"evidence", "measures", "plans", "words"},
    # maps (tables only)
    "legend": {"errors", "findings"},
    "mapwords": {"words"},
    "mapshapes": {"errors"},
    "mapassets": set(),
    "maptables": {"legend", "mapshapes", "mapwords", "words"},
    "mapfindings": {"findings", "mapshapes", "mapwords", "words"},
    "maps": {"errors", "findings", "legend", "mapassets", "mapfindings", "mapshapes", "maptables", "mapwords", "words"},
    # the study's settings
    "specs": {"words"},
    "roomspecs": set(),
    "scenariospecs": {"schema", "settings"},
    "studyfile": {"errors", "roomspecs", "scenariospecs", "schema", "settings", "specs", "words"},
    # the study's layers
    "layerlog": {"demand", "errors", "layers", "reports", "specs"},
    "people": {"crs", "demand", "errors", "layerlog", "network", "osmpoints", "reports", "schema", "specs", "studyfile", "villages"},
    "datum": {"crs", "errors", "lines", "network"},
    "context": {"crs", "errors", "layerlog", "reports", "specs", "studyfile"},
    "inputs": {"cache", "context", "crs", "datum", "demand", "errors", "graphs", "layerlog", "lines", "network", "osm", "osmpoints", "people", "reports", "roads", "schema", "specs", "standards", "stations", "studyfile"},
    # people sent to places of limited room
    "pivots": {"compiled"},
    "transport": {"errors", "pivots"},
    "loadflow": {"errors", "times", "transport"},
    # zones of responsibility
    "zonerules": {"rules"},
    "zonesides": {"compiled", "pieces"},
    "zonecells": {"compiled", "ground", "zonesides"},
    "zonetrace": {"ground", "zonecells"},
    "zoneroads": {"nearest", "network", "pieces", "stops", "times"},
    "zones": {"coverage", "errors", "nearest", "network", "summaries", "zoneroads", "zonetrace"},
    "zoneblocks": {"coverage", "errors", "nearest", "network", "routing", "zoneroads", "zones"},
    "zonewhole": {"loadflow", "times", "transport"},
    "zonemodel": {"highs", "loadflow", "times", "transport", "zonewhole"},
    "zonebalance": {"errors", "loadflow", "times", "zonemodel", "zonewhole"},
    "zonechecks": {"coverage", "errors", "times", "words", "zonerules", "zones", "zonetrace"},
    "zonereport": {"coverage", "findings", "inputs", "roomspecs", "routing", "studyfile", "zonebalance", "zoneblocks", "zonechecks", "zones", "zonetrace"},
    # shelters
    "sheltering": {"apportion", "errors", "times", "transport"},
    "shelters": {"nearest", "network", "roomspecs", "routing", "schema", "sheltering", "snapping", "times", "words"},
    "shelterchecks": {"errors", "roomspecs", "rules", "settings", "shelters", "villages"},
    "shelternotes": {"evidence", "roomspecs", "shelters"},
    "shelterreport": {"demand", "evidence", "findings", "inputs", "people", "plans", "shelterareas", "shelterchecks", "sheltering", "shelternotes", "shelters", "standards", "stations", "studyfile"},
    # depots
    "depots": {"nearest", "network", "schema", "snapping", "summaries", "times"},
    "villagereport": {"demand", "depotlevels", "errors", "findings", "inputs", "roomspecs", "settings", "villages"},
    "depotreport": {"demand", "depotlevels", "depots", "findings", "inputs", "layerlog", "network", "people", "schema", "standards", "stations", "studyfile", "villagereport", "villages"},
    # hydrants
    "stretches": set(),
    "hydrantroads": {"errors", "network", "snapping", "stretches"},
    "hydrantcover": {"crs", "errors", "hydrantroads", "network", "stretches"},
    "hydrantspacing": {"errors", "hydrantroads", "nearest", "network", "stretches"},
    "hydrantreach": {"hydrantroads", "hydrantspacing"},
    "hydranttrees": {"hydrantroads", "stretches"},
    "hydrantwalk": {"compiled", "hydranttrees"},
    "hydrantcuts": {"hydranttrees"},
    "hydrantbound": {"compiled", "hydrantroads", "hydranttrees", "stretches"},
    "hydrantleast": {"hydrantbound", "hydrantcuts", "hydrantroads", "hydrantspacing", "hydranttrees", "hydrantwalk", "stretches"},
    "hydrantsites": {"errors", "hydrantleast", "hydrantreach", "hydrantroads", "hydrantspacing", "stretches"},
    "hydrantwater": {"gaps", "nearest", "network", "snapping", "times"},
    "hydrants": {"hydrantcover", "hydrantleast", "hydrantroads", "hydrantsites", "hydrantspacing", "hydrantwater", "network", "rules"},
    "hydrantreport": {"errors", "findings", "hydrants", "hydrantsites", "inputs", "layerlog", "plans", "studyfile", "words"},
    # roads that strand people
    "spanning": set(),
    "roadlinks": {"network", "spanning", "times"},
    "deadends": {"network", "roadlinks"},
    "roadloss": {"closures", "coverage", "errors", "nearest", "network", "roadlinks", "times"},
    "roadreport": {"coverage", "deadends", "findings", "inputs", "network", "roadlinks", "roadloss", "roomspecs", "studyfile"},
    # one state of the district
    "answering": {"areas", "coverage", "inputs", "layerlog", "schema", "standards", "stations", "studyfile"},
    "differences": {"errors", "summaries"},
    "reached": {"coverage", "shares", "summaries"},
    "facts": {"coverage", "demand", "evidence", "findings", "inputs", "reached", "stations"},
    "resources": {"coverage", "depotreport", "findings", "hydrantreport", "inputs", "plans", "roadreport", "shelterreport", "studyfile", "zonereport"},
    "assessment": {"answering", "coverage", "differences", "errors", "facts", "findings", "gaps", "indicators", "inputs", "layerlog", "people", "plans", "reached", "resources", "stations", "studyfile", "words"},
    # changes of the district
    "projects": {"assessment", "errors", "findings", "indicators", "inputs", "plans", "roomspecs", "schema", "studyfile"},
    "roadpicks": {"errors", "network"},
    "changes": {"crs", "errors", "lines", "schema"},
    "preview": {"coverage", "errors", "nearest", "snapping", "times"},
    "planscenarios": {"assessment", "changes", "errors", "inputs", "plans", "scenariospecs", "stations", "studyfile"},
    "scenarios": {"changes", "closures", "crs", "differences", "errors", "inputs", "layers", "network", "preview", "roadpicks", "scenariospecs", "schema", "snapping", "studyfile"},
    "scenarioreport": {"assessment", "coverage", "differences", "findings", "inputs", "network", "scenarios", "scenariospecs", "summaries", "times"},
    # the study's results
    "resultfiles": {"errors", "layers"},
    "manifest": {"errors", "studyfile"},
    "bookpages": set(),
    "workbook": {"bookpages", "layers", "mapwords", "words"},
    "sheets": {"assessment", "coverage", "findings", "mapfindings", "summaries", "words", "workbook"},
    "study": {"assessment", "inputs", "planscenarios", "projects", "scenarioreport", "scenarios", "studyfile", "words"},
    "picture": {"assessment", "coverage", "errors", "maps", "standards", "stations", "summaries", "words"},
    "scenariomap": {"assessment", "coverage", "differences", "findings", "maps", "mapwords", "scenarioreport", "words"},
    "scenariofiles": {"assessment", "maps", "resultfiles", "scenariomap", "scenarioreport"},
    "outputs": {"assessment", "coverage", "errors", "findings", "inputs", "layers", "manifest", "maps", "picture", "resultfiles", "scenariofiles", "sheets", "summaries", "workbook"},
    "headline": {"assessment", "coverage", "words"},
    "check": {"assessment", "demand", "inputs", "network", "people", "reports", "resources", "snapping", "studyfile", "words"},
    # siting in a study
    "candidates": {"arcs", "errors", "network", "times"},
    "landrules": {"errors", "rules"},
    "sitelist": {"answering", "candidates", "errors", "inputs", "landrules", "network", "optionchecks", "roomspecs", "snapping", "stations", "studyfile"},
    "sitetimes": {"coverage", "errors", "inputs", "landrules", "optionchecks", "roomspecs", "routing", "sitelist", "snapping", "studyfile", "times"},
    "sitegoals": {"alternatives", "highs", "roomspecs", "sitetimes", "siting"},
    "sitestudy": {"answering", "coverage", "errors", "highs", "inputs", "landrules", "layerlog", "roomspecs", "schema", "sitegoals", "sitelist", "sitetimes", "studyfile", "words"},
    "sitereport": {"findings", "legend", "sitestudy", "summaries"},
    "siteoutputs": {"coverage", "findings", "inputs", "layers", "manifest", "maps", "mapwords", "resultfiles", "roomspecs", "sitereport", "sitestudy", "words"},
    # the command
    "rehearsals": {"ground", "hydranttrees", "hydrantwalk", "outlines", "walls", "zonecells"},
    "warming": {"claims", "compiled", "rehearsals"},
    "plancli": {"planpack", "plans", "rules", "words"},
    "sitecli": {"findings", "headline", "manifest", "plaintexts", "siteoutputs", "sitereport", "sitestudy", "studyfile", "words"},
    "cli": {"check", "errors", "headline", "manifest", "osm", "outputs", "plaintexts", "plancli", "sample", "sitecli", "study", "studyfile", "warming", "words"},
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


def test_contributors_find_every_module_in_the_table_of_rooms() -> None:
    page = (HOUSE.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = page[page.index("| room | modules |") :]
    named = re.findall(r"`(\w+)`", table)
    assert sorted(named) == MODULES
