# What there is to do here. Everything runs in an environment of its own, .venv, which is made when it is missing.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
READY := $(VENV)/.ready

.PHONY: demo test lint verify bench docs clean

demo: $(READY)  ## solve edge-demo with and without sharing, in seconds
	$(RUN) -m partload.demo

test: $(READY)
	$(RUN) -m pytest -n 2

lint: $(READY)
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy

verify: $(READY)  ## agreement with brute force, by the thousand
	$(RUN) -m benchmarks.verify

bench: $(READY)
	$(RUN) -m benchmarks.ground
	$(RUN) -m benchmarks.convex
	$(RUN) -m benchmarks.slot
	$(RUN) -m benchmarks.local_search
	$(RUN) -m benchmarks.dynamic

docs: $(READY)  ## the pictures of the README and of the documentation
	$(RUN) -m partload.demo --out docs

clean:
	rm -rf build dist out *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

$(READY): pyproject.toml
	test -x $(RUN) || $(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --editable '.[dev]'
	touch $@
