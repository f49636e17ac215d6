# The commands of this project. `make` alone lists them.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help

# The tests start hundreds of processes, and each would compile every module again.
unexport PYTHONDONTWRITEBYTECODE

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): requirements/dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is $$($(PYTHON) --version 2>&1), and 3.11 or newer is needed: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/pip install -qq --disable-pip-version-check --require-hashes -r requirements/dev.lock
	$(BIN)/pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

install: $(STAMP) ## Set up the virtual environment from the lock file

up: $(STAMP) ## Deploy the workspace to the embedded AWS and run it (PORT=8000; Ctrl-C ends it)
	@$(BIN)/ops local up --env prod --port $(PORT)

check: $(STAMP) ## Lint, types, import rules, spelling, the workspace
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/codespell
	$(BIN)/hadolint Dockerfile
	REGISTRY=registry IMAGE_TAG=tag MAIL_FROM=sender RETURN_URL=https://example.org $(BIN)/ops check --strict

# Hypothesis' profile `ci` draws the same examples each time: what it finds anew, it finds elsewhere.
test: check ## All checks and all tests
	$(BIN)/pytest --hypothesis-profile ci --numprocesses auto --dist loadgroup -m 'not gamedays and not interruptions and not releases and not stories'

test-any-day: $(STAMP) ## The tests that depend on time, at a dozen moments
	$(BIN)/python -m tests.any_day

fuzz: $(STAMP) ## Thousands of odd manifests and ops.yml files
	$(BIN)/pytest tests/ops/check/fuzz --hypothesis-profile=fuzz --timeout 1800

oracle: $(STAMP) ## Ask the real Copilot CLI about every recorded manifest, and count what ops check finds
	$(BIN)/python -m tests.ops.check.oracle.ask

# Another seed each night; a night's disagreements come again with its SEED.
SEED ?= $(shell date -u +%Y%m%d)
MUTANTS ?= 3000

fuzz-differential: $(STAMP) ## Ask ops check and the real Copilot CLI about thousands of mutants (SEED=1 MUTANTS=3000)
	$(BIN)/python -m tests.ops.check.differential.run --seed $(SEED) --mutants $(MUTANTS)

test-interruptions: $(STAMP) ## Ctrl-C at thirty moments of `ops local up`
	$(BIN)/pytest tests/e2e/test_interruptions.py -m interruptions

mutants: $(STAMP) ## Change the pure modules in many places, and count what no test notices
	$(BIN)/python -m tests.mutation

test-stories: $(STAMP) ## Long stories of `ops local up`: other workspaces, tags, a burst
	$(BIN)/pytest tests/e2e -m stories

test-gamedays: $(STAMP) ## Every game day of the workspace, with its verdict
	$(BIN)/pytest tests/e2e/test_gamedays.py -m gamedays

test-releases: $(STAMP) ## Good, bad and killed releases of a small shop, rehearsed
	$(BIN)/pytest tests/e2e/test_release.py -m releases

chaos: $(STAMP) ## 10,000 donations while everything is killed, again and again
	$(BIN)/python -m tests.chaos --donations 10000

bench: $(STAMP) ## Measure the API, the worker, ops and the rules, as ratios in one run
	$(BIN)/python -m benchmarks.api
	$(BIN)/python -m benchmarks.worker
	$(BIN)/python -m benchmarks.ops
	$(BIN)/python -m benchmarks.control

docs: $(STAMP) ## Make the reference from the code
	$(BIN)/python -m ops.commands.reference > docs/reference/commands.md
	$(BIN)/python -m ops.reference.rules > docs/reference/rules.md
	$(BIN)/python -m ops.reference.alarms > docs/reference/alarms.md
	$(BIN)/python -m ops.reference.fields > docs/reference/ops-yml.md
	$(BIN)/ops schema --kind application > docs/schema/ops-application.json
	$(BIN)/ops schema --kind service > docs/schema/ops-service.json
	$(BIN)/ops schema --kind failure > docs/schema/ops-failure.json

lock: $(STAMP) ## Resolve the dependencies anew into requirements/
	$(BIN)/uv pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --upgrade \
	  --all-extras --group dev -o requirements/dev.lock
	$(BIN)/uv pip compile -q pyproject.toml --universal --python-version 3.12 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	  --extra backend --constraint requirements/dev.lock -o requirements/backend.lock

clean: ## Remove what the commands above made
	rm -rf $(VENV) .ops .pytest_cache .mypy_cache .ruff_cache .hypothesis

.PHONY: help install up check test test-any-day test-gamedays test-interruptions test-releases test-stories fuzz fuzz-differential oracle mutants chaos bench docs lock clean
