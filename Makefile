# Needs only Python >= 3.11, make and git. Every target makes .venv from the locked files by itself.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help install demo story test check bench faults shots docs lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "mechtui needs Python 3.11 or newer; name one with: make PYTHON=python3.12 <target>"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements/run.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

install: $(VENV)/.run ## Fill .venv with mechtui and what it needs
demo: $(VENV)/.run ## Backend, customers, a rival and the dashboard in one go
	@$(BIN)/mechtui demo
story: $(VENV)/.run ## The main job once, step by step, as text
	@$(BIN)/mechtui demo --story
test: $(VENV)/.dev ## All tests
	$(BIN)/python -m pytest -n auto --dist loadgroup
check: $(VENV)/.dev ## Style, types, import rules, generated pages
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.tools.pages --check
faults: $(VENV)/.dev ## The fault tests with large numbers, one after the other (hours)
	MECHTUI_FAULTS=large $(BIN)/python -m pytest -q tests/simulation tests/faults tests/several tests/postgres tests/rules tests/hostile tests/contract tests/terminals/test_slow_line.py
bench: $(VENV)/.dev ## How fast it is, beside its limits
	$(BIN)/python -m benchmarks
shots: $(VENV)/.dev ## Pictures of every screen, into build/shots
	$(BIN)/python -m tests.tools.shots build/shots
docs: $(VENV)/.dev ## Make the generated pages anew
	$(BIN)/python -m tests.tools.pages
lock: ## Lock the versions anew (needs uv)
	uv pip compile pyproject.toml --group build --generate-hashes --universal --python-version 3.11 --no-header -q -o requirements/run.txt
	uv pip compile pyproject.toml --group dev --generate-hashes --universal --python-version 3.11 --no-header -q -o requirements/dev.txt
clean: ## Remove what the targets made
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
