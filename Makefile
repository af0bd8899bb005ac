# `make` alone lists the targets. PYTHON=/path/to/python3.12 chooses the interpreter; OBSERVATOIRE_DATA names
# another programme folder than data/; ARGS goes to `observatoire run` and to the benchmark, PYTEST_ARGS to pytest, which
# works in WORKERS processes.
.DEFAULT_GOAL := help
PYTHON ?=
export PYTHON
ARGS ?=
PYTEST_ARGS ?=
# One more than there are processors: a test often waits, for a browser, a daemon or the disk.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
# a process takes whole files, in the order of tests/conftest.py
PYTEST := .venv/bin/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder
SQL := dbt_project/models dbt_project/tests
SQL_INPUTS := .sqlfluff .sqlfluffignore requirements-dbt.lock requirements-dbt-dev.lock $(shell find $(SQL) dbt_project/macros scripts/sqlfluff -name '*.sql' -o -name '*.py')

.PHONY: help run dev dbt test test-slow test-long bench lint lint-python format lock clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F '|' '{ printf "%-18s %s\n", $$1, $$2 }'

run: ## consolidate what was delivered, publish, build the reports
	@scripts/bootstrap.sh run
	@.venv/bin/observatoire run $(ARGS)

dev: ## the Dagster UI, with schedules and sensors
	@scripts/bootstrap.sh run
	@folder="$${OBSERVATOIRE_DATA:-data}" && mkdir -p "$$folder/.dagster" \
		&& export OBSERVATOIRE_DATA="$$(cd "$$folder" && pwd)" && export DAGSTER_HOME="$$OBSERVATOIRE_DATA/.dagster" \
		&& ln -sf "$(CURDIR)/dagster.yaml" "$$DAGSTER_HOME/dagster.yaml" \
		&& exec .venv/bin/dagster dev -w workspace.yaml

dbt: ## one dbt command on the programme's warehouse: make dbt ARGS="build --select int_estimation+"
	@scripts/bootstrap.sh run
	@.venv/bin/python scripts/dbt.py $(ARGS)

test: lint ## lint, then the tests
	@scripts/bootstrap.sh test
	@$(PYTEST) -m "not slow and not long" $(PYTEST_ARGS)

# pytest answers 5 when nothing is collected: that is no failure of the product, and it is said.
test-slow: ## the tests that take long or need bigger parts
	@scripts/bootstrap.sh test
	@$(PYTEST) -m "slow and not long" $(PYTEST_ARGS) || { status=$$?; \
		[ $$status -eq 5 ] || exit $$status; echo "No test ran: none is marked slow."; }

test-long: ## not in CI, before a release: nights over and over, random histories, more cases, Spark, Superset, R again
	@scripts/bootstrap.sh test
	@$(PYTEST) -m long $(PYTEST_ARGS)

bench: ## measure against floors and other means; writes docs/bench.md (ARGS: see bench/run.py)
	@scripts/bootstrap.sh run
	@.venv/bin/python -m bench.run $(ARGS)

lint: ## ruff, mypy, sqlfluff, hadolint, and the data files' syntax
	@scripts/bootstrap.sh lint
	@$(MAKE) --no-print-directory --jobs 2 --output-sync lint-python .sqlfluff_cache/clean

lint-python:
	.venv/bin/ruff check --quiet --output-format concise
	.venv/bin/ruff format --quiet --check
	.venv/bin/mypy
	.venv/bin/hadolint deploy/Containerfile
	.venv/bin/python scripts/check_syntax.py

# SQLFluff takes minutes over the whole, on all processors (--processes 0): not again while nothing that it reads has changed.
.sqlfluff_cache/clean: $(SQL_INPUTS)
	.venv-dbt/bin/sqlfluff lint --disable-progress-bar --processes 0 $(SQL)
	@mkdir -p $(@D) && touch $@

format: ## rewrite Python and SQL in the house's form
	@scripts/bootstrap.sh lint
	.venv/bin/ruff check --fix
	.venv/bin/ruff format
	.venv-dbt/bin/sqlfluff fix --disable-progress-bar $(SQL)

lock: ## resolve pyproject.toml anew into the lock files
	@scripts/bootstrap.sh lock

clean: ## remove environments and caches; what was delivered or published stays
	rm -rf .venv .venv-dbt .venv-spark .venv.lock .uv .uv.partial .readers .superset tests/clients/node/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis .sqlfluff_cache
	rm -rf dbt_project/target dbt_project/logs dbt_project/dbt_packages
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
