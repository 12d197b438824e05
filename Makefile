# Fengli: the two commands are `make run` and `make test`. `make` alone explains every target.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PY := .venv/bin/python
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
UV_READY := $(if $(filter .uv/bin/uv,$(UV)),.uv/stamp)
NODE_MAJOR := $(shell node --version 2>/dev/null | sed -E 's/^v([0-9]+).*/\1/')
NPM := $(shell if [ "$(NODE_MAJOR)" -ge 20 ] 2>/dev/null && command -v npm >/dev/null; then echo npm; else echo .node/bin/npm; fi)
CODE := app.py serve.py config.py extensions.py errors.py law.py demo gunicorn.conf.py record accounts exchange scheduler cases hearings lawyers volunteers tools tests bench migrations/env.py
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/.node/bin:$(PATH):/usr/sbin
export PYTHONPATH := $(CURDIR)
export PYTHONDONTWRITEBYTECODE :=

help: ## Explain the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | awk -F'\t' '{printf "  make %-15s %s\n", $$1, $$2}'

# --- what the two commands stand on ---------------------------------------------------------------------------------

.uv/stamp:
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (apt install python3 python3-venv)"; exit 1; }
	@python3 -m venv .uv
	@.uv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

.venv/stamp: | $(UV_READY)
	@$(UV) venv --quiet --allow-existing --python $$(command -v python3) .venv
	@touch $@

.venv/run.stamp: requirements/run.txt | .venv/stamp
	@test -e .venv/dev.stamp || $(UV) pip install --quiet --compile-bytecode --python $(PY) --require-hashes -r requirements/run.txt
	@touch $@

.venv/dev.stamp: requirements/dev.txt | .venv/stamp
	@$(UV) pip sync --quiet --compile-bytecode --python $(PY) --require-hashes requirements/dev.txt
	@touch $@ .venv/run.stamp

.node/stamp: requirements/node.txt | $(UV_READY)
	@$(UV) venv --quiet --allow-existing --python $$(command -v python3) .node
	@$(UV) pip install --quiet --python .node/bin/python --require-hashes -r requirements/node.txt
	@touch $@

node_modules/.stamp: package-lock.json $(if $(filter .node/bin/npm,$(NPM)),.node/stamp)
	@$(NPM) ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

static/vendor/.stamp: node_modules/.stamp tools/frontend.py tools/icons.txt
	@python3 tools/frontend.py >/dev/null
	@touch $@

CATALOGUES := $(wildcard translations/*/LC_MESSAGES/*.po)
translations/.stamp: $(CATALOGUES) .venv/run.stamp
	@for catalogue in $(CATALOGUES); do pybabel --quiet compile --input-file $$catalogue --output-file $${catalogue%.po}.mo; done
	@touch $@

ready: .venv/run.stamp static/vendor/.stamp translations/.stamp
ready-dev: .venv/dev.stamp static/vendor/.stamp translations/.stamp

# --- the two commands -----------------------------------------------------------------------------------------------

run: ready ## Install what is needed, prepare the database, serve http://127.0.0.1:8000 and run the jobs
	@$(PY) serve.py || [ $$? -eq 130 ]

test: ready-dev ## Everything a change must pass: lint, types, contracts, unit, integration on both engines, browser
	@$(MAKE) --no-print-directory -j3 lint unit

test-slow: ready-dev chromium ## What kills servers or walks long
	@pytest -m slow -n 2 --dist loadfile --no-loadscope-reorder tests

# --- parts of them --------------------------------------------------------------------------------------------------

lint: types style contracts sentences ## Style, types, import contracts, translations complete

style: ready-dev
	@ruff check $(CODE)
	@ruff format --check --quiet $(CODE)

types: ready-dev
	@mypy

contracts: ready-dev
	@lint-imports --no-cache

sentences: ready-dev
	@$(PY) tools/catalogue.py --check

unit: ready-dev chromium ## The tests
	@pytest -m "not slow" -n 2 --dist loadfile --no-loadscope-reorder tests

chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || { echo "The browser tests need Chromium. This mends it:  sudo apt-get install -y chromium fonts-noto-cjk"; exit 1; }

flask: ready ## Run a command of the program: make flask CMD="count 2026-09-30 --days 7 --roll"
	@flask $(CMD)

where: .venv/dev.stamp ## Everything of one verb: make where VERB=move
	@$(PY) tools/where.py "$(VERB)"

words: ready-dev ## Take new sentences into the translation catalogues
	@$(PY) tools/catalogue.py

bench-bookings: ready-dev ## Bookings per second through the actions and raw, alone and with 16 clients, on both engines
	@$(PY) bench/bookings.py

bench-volunteers: ready-dev ## Bookings and confirmations per second, the board with 500 people, a plan for 67 and for 500
	@$(PY) bench/volunteers.py

lock: $(UV_READY) ## Resolve the requirements anew
	@for kind in uv node; do $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock" requirements/$$kind.in -o requirements/$$kind.txt; done
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock" pyproject.toml -o requirements/run.txt
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock" --group dev pyproject.toml -o requirements/dev.txt

clean: ## Remove what was installed and built; the office's data in var/ stay
	@rm -rf .venv .uv .node node_modules static/vendor translations/.stamp .mypy_cache .ruff_cache .pytest_cache

.PHONY: help ready ready-dev run test test-slow lint style types contracts sentences unit chromium flask where words bench-bookings bench-volunteers lock clean
