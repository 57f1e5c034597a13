# newsangle: `make run` and `make test` are all that a newcomer needs; `make help` lists the rest.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
FLAGSHIP := experiments/turkish_offensive_vs_isis
NOTEBOOKS := $(wildcard notebooks/*.ipynb)
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt

.PHONY: help run install experiments notebooks test test-slow lint check format lock clean

help:  ## this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: install  ## install, fetch the corpus, run the flagship experiment, print its results and the report's path
	@$(BIN)/newsangle run $(FLAGSHIP)

install: $(VENV)/runtime  ## the locked runtime in .venv

experiments: install  ## run every experiment; what is up to date is found, not run again
	@$(BIN)/newsangle run $(sort $(patsubst %/config.toml,%,$(wildcard experiments/*/config.toml)))

notebooks: $(VENV)/notebooks  ## execute every notebook (jupyter comes with it); results stay in memory
	@for notebook in $(NOTEBOOKS); do \
	  echo "$$notebook"; \
	  $(BIN)/jupyter nbconvert --to notebook --execute --stdout --log-level=ERROR $$notebook > /dev/null || exit 1; \
	done

test: $(VENV)/test  ## install what tests need and run them (5 minutes at most)
	@$(BIN)/python -m pytest -m "not slow" -n 2

test-slow: $(VENV)/test  ## the long tests: simulations, whole experiments
	@$(BIN)/python -m pytest -m slow -n 2

lint: $(VENV)/dev  ## style, types, import directions
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest tests/test_house.py

check: lint test  ## lint and test

format: $(VENV)/dev  ## rewrite the source in the house's format
	@$(BIN)/ruff check --fix --exit-zero .
	@$(BIN)/ruff format .

lock: $(VENV)/dev  ## renew constraints.txt from pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --upgrade --no-emit-index-url \
	  --no-annotate --no-header --no-emit-package newsangle pyproject.toml --output-file constraints.txt

clean:  ## remove what make has made, runs and intermediate results excepted
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache .hypothesis

$(VENV)/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info; ok = (3, 11) <= v[:2] <= (3, 13); print("" if ok else "newsangle needs Python 3.11, 3.12 or 3.13, but %s is %d.%d; name another: make PYTHON=python3.12" % ("$(PYTHON)", v[0], v[1]), end="" if ok else "\n", file=sys.stderr); sys.exit(0 if ok else 1)'
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/runtime: pyproject.toml constraints.txt | $(VENV)/python
	@echo "installing newsangle"
	@$(PIP) install --editable .
	@touch $@

$(VENV)/%: pyproject.toml constraints.txt | $(VENV)/runtime
	@echo "installing what $* needs"
	@$(PIP) install --editable ".[$*]"
	@touch $@
