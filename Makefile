# Two commands for a fresh machine: `make demo` and `make test`. Windows and conda: docs/install.md.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# Processes that run tests side by side, and further words for pytest: make test JOBS=1 OPTIONS="-k shelters"
JOBS    ?= auto
OPTIONS ?=
# How many bad inputs, and the seed that makes them: make fuzz N=10000 SEED=1
N    ?= 1000
SEED ?= 13
# Options of `make docs`: --quick runs no notebook.
DOCS    ?=
# How many runs `make crash` kills.
KILLS   ?= 1000

# Modules are compiled once, and not in every process anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test fast lint wheel docs bench crash fuzz mutants clean help
.DEFAULT_GOAL := help

help:
	@echo "make demo   install into .venv, run the synthetic sample, print its figures and its map"
	@echo "make test   install with the test extras into .venv and run the whole suite"
	@echo "make fast   unit tests and examples alone, without laws over random cases: under a minute on two cores"
	@echo "make lint   ruff, mypy, and TypeScript over the scripts of the pages"
	@echo "make wheel  build the wheel, install it in an empty environment, run the sample from there"
	@echo "make docs   build the docs site into site/, in both languages, and follow every link; DOCS=--quick runs no notebook"
	@echo "make bench  measure speed and memory against other tools; writes bench/README.md"
	@echo "make fuzz  try 1,000 bad inputs (N=10000 for more, SEED=1 for others); what ended badly is kept in fuzz/"
	@echo "make crash  kill 1,000 runs at any moment and look at what they leave; KILLS=100 for fewer"
	@echo "make mutants  change the code line by line and see which changes no test notices (docs/mutants.md)"

demo: $(VENV)/.installed
	@echo "== geo run layers/sample/study.toml"
	@$(BIN)/geo run layers/sample/study.toml

test: $(VENV)/.installed-test
	@echo "== the whole test suite (unit, doctests, real data, map in a browser)"
	@$(BIN)/python -m pytest -n $(JOBS) $(OPTIONS)

fast: $(VENV)/.installed-test
	@echo "== unit tests and examples"
	@$(BIN)/python -m pytest -n $(JOBS) -m "unit and not thorough" $(OPTIONS)

lint: $(VENV)/.installed-lint $(VENV)/.installed-test
	@echo "== ruff"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@echo "== mypy: geo in strict mode, tests and bench without asking for annotations"
	@$(BIN)/mypy
	@echo "== TypeScript: the scripts of the pages"
	@VENV=$(VENV) sh tests/types.sh

wheel: $(VENV)/.installed
	@PYTHON=$(BIN)/python sh tests/wheel.sh

docs: $(VENV)/.installed-docs
	@echo "== the docs site, strict, with every link followed"
	@$(BIN)/python -m handbook $(DOCS)

bench: $(VENV)/.installed-bench
	@echo "== benchmarks; the table goes into bench/README.md"
	@$(BIN)/python -m bench

fuzz: $(VENV)/.installed-test
	@echo "== $(N) bad inputs of seed $(SEED)"
	@$(BIN)/python -m tests.faults.fuzz $(N) --seed $(SEED) --keep fuzz
crash: $(VENV)/.installed-test
	@echo "== runs killed at any moment: half results and leftovers"
	@$(BIN)/python -m tests.faults.crash --kills $(KILLS)

mutants: $(VENV)/.installed-mutants
	@echo "== mutants of times, statistics, coverage and the measures of plans (an hour or more; can be stopped)"
	@rm -rf mutants
	@$(BIN)/mutmut run
	@$(BIN)/mutmut results

$(VENV)/bin/python:
	@echo "== making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	@echo "== installing emergency-geo and what it needs (a minute or two, once)"
	@$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.installed-test: pyproject.toml | $(VENV)/bin/python
	@echo "== installing emergency-geo with its test extras (a minute or two, once)"
	@$(BIN)/python -m pip install --quiet --editable '.[test,protocol]'
	@touch $@

$(VENV)/.installed-lint: pyproject.toml | $(VENV)/bin/python
	@echo "== installing the lint extras"
	@$(BIN)/python -m pip install --quiet --editable '.[lint]'
	@touch $@

$(VENV)/.installed-docs: pyproject.toml | $(VENV)/bin/python
	@echo "== installing the docs extras"
	@$(BIN)/python -m pip install --quiet --editable '.[docs]'
	@touch $@

$(VENV)/.installed-bench: pyproject.toml | $(VENV)/bin/python
	@echo "== installing the peers of the benchmarks, and the test extras: benchmarks read the instances as the tests do"
	@$(BIN)/python -m pip install --quiet --editable '.[test,bench]'
	@touch $@

$(VENV)/.installed-mutants: pyproject.toml | $(VENV)/bin/python
	@echo "== installing the mutants extras"
	@$(BIN)/python -m pip install --quiet --editable '.[test,mutants]'
	@touch $@

clean:
	rm -rf $(VENV) build dist site out mutants fuzz .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis
