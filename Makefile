# Wayfare's menu: `make help` lists it. CI runs the same targets.
#   make run ARGS="--no-demo"        arguments for `wayfare up`
#   make test ARGS="-k onboarding"   arguments for pytest
#   make run PYTHON=python3.12       which Python makes .venv (3.11 or newer)

PYTHON ?= python3
ARGS ?=
VENV := .venv/bin
LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

.PHONY: help run test check format soak bench lock clean installed-run installed-dev python
.DEFAULT_GOAL := help
# A pipe or a CI log must show each line when it happens.
export PYTHONUNBUFFERED := 1

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS='	' read -r name what; do printf '  make %-8s %s\n' "$$name" "$$what"; done

run: installed-run ## start everything on this machine; Ctrl-C stops it
	@exec $(VENV)/python -m cli up $(ARGS)

test: check ## every check and every test, servers included
	@$(VENV)/python -m pytest --numprocesses auto --dist worksteal $(ARGS)

check: installed-dev ## style, types and import directions; no tests
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check --quiet . || { echo 'Some files are not formatted: make format'; exit 1; }
	@$(VENV)/python -m mypy
	@$(VENV)/lint-imports --no-logo

format: installed-dev ## let ruff format the code and mend what it can
	@$(VENV)/ruff check --fix-only --quiet .
	@$(VENV)/ruff format .

soak: installed-dev ## the tests that run for hours
	@$(VENV)/python -m pytest -m soak --timeout=0 $(ARGS)

bench: installed-dev ## the figures of docs/benchmarks.md
	@for name in $(patsubst %.py,%,$(notdir $(wildcard benchmarks/[a-z]*.py))); do echo "== $$name"; $(VENV)/python -m benchmarks.$$name $(ARGS) || exit 1; done

lock: python ## lock requirements/*.txt anew after a change in pyproject.toml (ARGS=--upgrade for newer versions)
	@rm -rf build/lock && $(PYTHON) -m venv build/lock && build/lock/bin/python -m pip install --quiet --quiet uv
	@build/lock/bin/uv pip compile pyproject.toml $(LOCK) --output-file requirements/run.txt $(ARGS)
	@build/lock/bin/uv pip compile pyproject.toml $(LOCK) --group dev --constraints requirements/run.txt --output-file requirements/dev.txt $(ARGS)
	@rm -rf build/lock

clean: ## remove .venv and every cache; .wayfare/ (your data) stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

installed-run installed-dev: installed-%: python
	@$(PYTHON) requirements/install.py $*

python:
	@command -v $(PYTHON) >/dev/null || { echo 'There is no $(PYTHON) here. On Debian and Ubuntu:  apt install python3 python3-venv'; exit 1; }
