# Everything a developer types. Needs python3 (3.11 to 3.13), make and a package registry; uv comes
# from the registry into the environment that these targets share.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.setup-done
WORKERS ?= 2

# Airflow's modules take seconds to compile: starts must not pay for it again and again.
unexport PYTHONDONTWRITEBYTECODE
# An environment that happens to be active must not be taken for ours.
unexport VIRTUAL_ENV
export UV_PROJECT_ENVIRONMENT := $(VENV)
export UV_PYTHON_DOWNLOADS := never

PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

.DEFAULT_GOAL := help
.PHONY: help setup lint test test-fast demo up down docs format clean

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(STAMP) ## make the environment .venv, or bring it up to date

$(STAMP): pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v < (3, 14) else "Tandem needs Python 3.11 to 3.13; this is %d.%d: make PYTHON=python3.12 ..." % v)'
	@test -x $(BIN)/python || $(PYTHON) -m venv --clear $(VENV)
	@echo "== environment $(VENV): installing what uv.lock names (a few minutes the first time)"
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip --upgrade >/dev/null
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.9"
	@$(BIN)/uv sync --frozen --compile-bytecode --python $(BIN)/python
	@touch $@

lint: setup ## formatting, style, types, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy docs dags .ci/with_postgres.py
	$(BIN)/lint-imports

test: lint ## everything: lint, all tests, the built wheel in a clean environment
	$(PYTEST)

test-fast: setup ## the tests that need no server and no patience
	$(PYTEST) -m "not slow and not tryton and not airflow and not postgres and not browser" \
		--deselect tests/scenarios/test_09_crash_at_every_step.py

demo: setup ## two real systems, messy parties in six languages, one report; ends by itself
	$(BIN)/tandem demo

up: setup ## start the demo's systems and leave them running
	$(BIN)/tandem demo up

down: setup ## stop what `make up` has started
	$(BIN)/tandem demo down

docs: setup ## write docs/reference and mappings/schema.json anew from the code
	$(BIN)/python docs/generate.py

format: setup ## let ruff rewrite what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## remove caches and build results; the environment and .tandem stay
	rm -rf build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -path ./$(VENV) -prune -o -path ./.tandem -prune -o -name __pycache__ -type d -print | xargs rm -rf
