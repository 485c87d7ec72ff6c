# Two commands for a fresh machine: `make demo` and `make test`. Windows: see the conda path in README.md.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: demo test lint wheel bench clean help
.DEFAULT_GOAL := help

help:
	@echo "make demo   install into .venv, run the synthetic sample, print its figures and its map"
	@echo "make test   install with the test extras into .venv and run the whole suite"
	@echo "make lint   ruff and mypy"
	@echo "make wheel  build the wheel, install it in an empty environment, run the sample from there"
	@echo "make bench  measure speed and memory against other tools; writes bench/README.md"

demo: $(VENV)/.installed
	@echo "== geo run layers/sample/study.toml"
	@$(BIN)/geo run layers/sample/study.toml

test: $(VENV)/.installed-test
	@echo "== the whole test suite (unit, doctests, real data, map in a browser)"
	@$(BIN)/python -m pytest

lint: $(VENV)/.installed-lint
	@echo "== ruff"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@echo "== mypy --strict geo"
	@$(BIN)/mypy

wheel: $(VENV)/.installed
	@PYTHON=$(BIN)/python sh tests/wheel.sh

bench: $(VENV)/.installed-bench
	@echo "== benchmarks; the table goes into bench/README.md"
	@$(BIN)/python -m bench

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
	@$(BIN)/python -m pip install --quiet --editable '.[test]'
	@touch $@

$(VENV)/.installed-lint: pyproject.toml | $(VENV)/bin/python
	@echo "== installing the lint extras"
	@$(BIN)/python -m pip install --quiet --editable '.[lint]'
	@touch $@

$(VENV)/.installed-bench: pyproject.toml | $(VENV)/bin/python
	@echo "== installing the peers of the benchmarks"
	@$(BIN)/python -m pip install --quiet --editable '.[bench]'
	@touch $@

clean:
	rm -rf $(VENV) build dist out .mypy_cache .ruff_cache .pytest_cache .hypothesis
