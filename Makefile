# Everything that a newcomer needs: `make run`, `make test`. The rest is listed by `make help`.
.DEFAULT_GOAL := help
SHELL := /bin/sh

# The machine's own Python where it is one that we support; else uv fetches one.
PYTHON := $(shell for p in python3 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && command -v "$$p" && break; done)
UV := $(shell command -v uv 2>/dev/null || echo .bootstrap/bin/uv)
ifneq ($(PYTHON),)
export UV_PYTHON := $(PYTHON)
export UV_PYTHON_DOWNLOADS := never
endif
# Bytecode is made once, at installation: the tests start many processes, and some machines forbid to keep it later.
export UV_COMPILE_BYTECODE := 1
export DO_NOT_TRACK := 1
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
BIN := .venv/bin

.PHONY: help run test accept bench docs ui format clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: .venv/.installed ## simulate a utility, build the warehouse, show where the marts are
	$(BIN)/meterhouse demo --scale demo

test: .venv/.installed ## everything that CI runs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --disable-progress-bar --processes 2 dbt_project/models dbt_project/tests
	$(BIN)/pytest

accept: .venv/.installed ## the slow gates: scores against the simulator's truth, into docs/acceptance.json, and bounds of memory
	$(BIN)/pytest -n 0 -m acceptance tests/acceptance tests/hostile

bench: .venv/.installed ## measure every wall-clock figure of the README, into benchmarks/results/
	$(BIN)/python -m benchmarks.readers
	$(BIN)/python -m benchmarks.pipeline
	$(BIN)/python -m benchmarks.history
	$(BIN)/python -m benchmarks.rates

docs: .venv/.installed ## render the dbt sources and the data dictionary from the table registry
	$(BIN)/python -m pipelines.generate

ui: .venv/.installed ## the Dagster UI of the home on http://localhost:3000
	$(BIN)/meterhouse doctor
	DAGSTER_HOME="$${METERHOUSE_HOME:-$(CURDIR)/data}/.dagster" $(BIN)/dagster dev -w workspace.yaml

format: .venv/.installed ## format Python and SQL
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/sqlfluff fix --disable-progress-bar dbt_project/models dbt_project/tests

clean: ## remove the environment and everything generated in ./data
	rm -rf .venv .bootstrap dbt_project/target dbt_project/logs
	find data -mindepth 1 -maxdepth 1 ! -name reference ! -name README.md -exec rm -rf {} +

.bootstrap/bin/uv:
	@command -v python3 >/dev/null || { echo "Meterhouse needs Python 3.11 to 3.13 (python3 is not on the PATH)" >&2; exit 1; }
	python3 -m venv .bootstrap
	.bootstrap/bin/pip install --quiet --disable-pip-version-check uv

.venv/.installed: pyproject.toml uv.lock $(filter .bootstrap/bin/uv,$(UV))
	$(UV) sync --frozen
	$(BIN)/python -m compileall -q models pipelines sims
	@touch $@
