# make demo   run the main job on the real guideline; leaves HTML and PDF in build/demo
# make test   run all tests
# Both set up what they need in .venv, once.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
MODELER := tests/modeler/node_modules

.DEFAULT_GOAL := help
.PHONY: help demo test coverage lint format types contracts modeler system clean
.DELETE_ON_ERROR:

help:
	@echo "make demo       determine requests by the real guideline; HTML and PDF in build/demo"
	@echo "make test       run all tests"
	@echo "make coverage   run all tests, and show the lines and branches that none takes"
	@echo "make lint       check style, spelling, docstrings and dead code"
	@echo "make format     write the code in the project's style"
	@echo "make types      check types"
	@echo "make contracts  check who imports whom"
	@echo "make clean      remove all that make made"

demo: .venv/.test
	$(BIN)/python tools/demo.py

test: .venv/.test modeler system
	$(BIN)/python -m pytest --numprocesses=auto $(TESTS)

coverage: .venv/.test modeler system
	$(BIN)/python -m pytest --numprocesses=auto --cov --cov-report=term $(TESTS)

lint: .venv/.lint
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/codespell
	$(BIN)/interrogate --quiet src
	$(BIN)/vulture

format: .venv/.lint
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format

types: .venv/.lint
	$(BIN)/mypy

contracts: .venv/.lint
	$(BIN)/lint-imports

# The stamps say which extras .venv holds; a change of what is required makes them again.
.venv/.python:
	@PYTHON="$(PYTHON)" tools/system-packages python
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv
	@touch $@

.venv/.test: .venv/.python pyproject.toml constraints.txt
	$(PIP) install --constraint constraints.txt --editable ".[pdf,test]"
	@touch $@

.venv/.lint: .venv/.test
	$(PIP) install --constraint constraints.txt --editable ".[pdf,test,lint]"
	@touch $@

system:
	@tools/system-packages test

modeler: $(MODELER)

# Without npm the round trip through the modeler is skipped, and says so.
$(MODELER): tests/modeler/package.json tests/modeler/package-lock.json | system
	@if command -v npm >/dev/null; then \
		cd tests/modeler && npm ci --loglevel=error && touch node_modules; \
	else \
		echo "no npm: the round trip through the modeler will not run" >&2; \
	fi

clean:
	rm -rf .venv build dist $(MODELER) .coverage htmlcov \
		.hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
