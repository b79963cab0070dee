# make demo   run the main job on the real guideline; leaves HTML and PDF in build/demo
# make test   run all tests
# Both set up what they need in .venv, once.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
MODELER := tests/modeler/node_modules

.DEFAULT_GOAL := help
.PHONY: help demo test coverage arithmetic agreement hostile verified versions lint format types contracts fuzz mutants differential bench bench-full modeler system clean
.DELETE_ON_ERROR:

help:
	@echo "make demo       determine requests by the real guideline; HTML and PDF in build/demo"
	@echo "make test       run all tests"
	@echo "make coverage   run all tests, show what none takes, and fail below a floor"
	@echo "make arithmetic compare a million operations with exact fractions"
	@echo "make agreement  decide a million records by columns and one by one"
	@echo "make verified   hold the verdicts on 10,000 random tables against brute force"
	@echo "make versions   hold what differs between 2,200 random pairs against brute force"
	@echo "make hostile    measure every hostile input under both sets of limits"
	@echo "make lint       check style, spelling, docstrings and dead code"
	@echo "make format     write the code in the project's style"
	@echo "make types      check types"
	@echo "make contracts  check who imports whom"
	@echo "make differential  ask other DMN engines the same questions"
	@echo "make bench      measure pydmn against the floor, and fail where it has fallen back"
	@echo "make bench-full measure every engine on every workload; an hour or more"
	@echo "make fuzz       throw bytes at FEEL's lexer and parser for an hour, or SECONDS=60"
	@echo "make mutants    change values and operators, and show what no test notices"
	@echo "make clean      remove all that make made"

demo: .venv/.test
	$(BIN)/python tools/demo.py

test: .venv/.test modeler system
	$(BIN)/python -m pytest --numprocesses=auto $(TESTS)

coverage: .venv/.test modeler system
	@mkdir -p build
	$(BIN)/python -m pytest --numprocesses=auto \
		--cov --cov-report=term --cov-report=json:build/coverage.json $(TESTS)
	$(BIN)/python tools/coverage_floors.py build/coverage.json

arithmetic: .venv/.test
	PYTHONPATH=src $(BIN)/python tests/feel/exact_arithmetic.py 1000000

# Ten minutes; leaves the table in tests/agreement/RESULTS.md.
agreement: .venv/.test
	@mkdir -p build
	PYTHONPATH=src:tests:. $(BIN)/python -m agreement.report > build/agreement.md
	mv build/agreement.md tests/agreement/RESULTS.md

# Ten minutes or more; leaves the table in tests/hostile/RESULTS.md.
hostile: .venv/.test
	@mkdir -p build
	PYTHONPATH=src:tests $(BIN)/python -m hostile.report > build/hostile.md
	mv build/hostile.md tests/hostile/RESULTS.md

# A quarter of an hour. Leaves the table in tests/verify/RESULTS.md.
verified: .venv/.test
	@mkdir -p build
	PYTHONPATH=src:tests $(BIN)/python -m verify.report > build/verified.md
	mv build/verified.md tests/verify/RESULTS.md

# Ten minutes. Leaves the table in tests/verify/VERSIONS.md.
versions: .venv/.test
	@mkdir -p build
	PYTHONPATH=src:tests $(BIN)/python -m verify.changes_report > build/versions.md
	mv build/versions.md tests/verify/VERSIONS.md

# Needs Java 17 and Maven; an hour or more. Leaves docs/differential.md and the bank of seeds.
differential: .venv/.test
	mvn -q -B package -f tools/differential/pom.xml
	PYTHONPATH=src $(BIN)/python tools/differential run

bench: .venv/.test
	PYTHONPATH=src:tests $(BIN)/python -m benchmarks short

# Needs Java 17, Maven, node and npm. Leaves benchmarks/RESULTS.md and its plots.
bench-full: .venv/.test
	mvn -q -B package -f benchmarks/jvm/pom.xml
	cd benchmarks/node && npm ci --loglevel=error
	PYTHONPATH=src:tests $(BIN)/python -m benchmarks full

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

SECONDS := 3600

fuzz: .venv/.test
	$(PIP) install "atheris>=3.0"
	@mkdir -p build
	PYTHONPATH=src $(BIN)/python tools/fuzz_feel.py build/fuzz -max_total_time=$(SECONDS) \
		-max_len=400 -timeout=10 -rss_limit_mb=2048 -artifact_prefix=build/

# In a folder of its own: the mutants are a copy of the code, and of the tests that judge it.
mutants: .venv/.test
	$(PIP) install "mutmut==3.8.1"
	rm -rf build/mutants
	mkdir -p build/mutants/tests/feel
	cp -r src tools/mutation/pyproject.toml build/mutants
	cp tools/mutation/conftest.py build/mutants/tests
	cp $(patsubst %,tests/feel/test_%.py,values operators mutants) build/mutants/tests/feel
	cd build/mutants && ../../$(BIN)/mutmut run && ../../$(BIN)/mutmut results

# The stamps say which extras .venv holds; a change of what is required makes them again.
.venv/.python:
	@PYTHON="$(PYTHON)" tools/system-packages python
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv
	@touch $@

.venv/.test: .venv/.python pyproject.toml constraints.txt
	$(PIP) install --constraint constraints.txt --editable ".[pdf,spark,test,bench]"
	@touch $@

.venv/.lint: .venv/.test
	$(PIP) install --constraint constraints.txt --editable ".[pdf,spark,test,bench,lint]"
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
	rm -rf .venv build dist $(MODELER) benchmarks/node/node_modules .coverage htmlcov \
		.hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
