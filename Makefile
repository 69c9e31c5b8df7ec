# What there is to do here. Everything runs in an environment of its own, .venv, which is made when it is missing.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
READY := $(VENV)/.ready
OLDEST := .venv-oldest

.PHONY: demo test test-oldest lint verify bench study docs clean

demo: $(READY)  ## solve edge-demo with and without sharing, in seconds
	$(RUN) -m partload.demo

test: $(READY)
	$(RUN) -m pytest -n 2

test-oldest: $(OLDEST)/.ready  ## the same with the oldest versions that pyproject.toml allows
	$(OLDEST)/bin/python -m pytest -n 2

lint: $(READY)
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy

verify: $(READY)  ## agreement with brute force, by the thousand
	$(RUN) -m benchmarks.verify

bench: $(READY)  ## the tables of the documentation that measure time
	$(RUN) -m benchmarks.ground
	$(RUN) -m benchmarks.bounds
	$(RUN) -m benchmarks.greedy
	$(RUN) -m benchmarks.dynamic
	$(RUN) -m benchmarks.convex
	$(RUN) -m benchmarks.slide_admission
	$(RUN) -m benchmarks.per_layer
	$(RUN) -m benchmarks.slot
	$(RUN) -m benchmarks.local_search

study: $(READY)  ## what sharing and what overlap bring, ten minutes; killed and started again, it goes on where it was
	$(RUN) -m benchmarks.sharing --report out/sharing
	$(RUN) -m benchmarks.overlap --figures out

docs: $(READY)  ## the pictures of the README and of the documentation
	$(RUN) -m partload.demo --out docs

clean:
	rm -rf build dist out *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +

$(READY): pyproject.toml
	test -x $(RUN) || $(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --upgrade --upgrade-strategy eager --editable '.[dev]'
	touch $@

$(OLDEST)/.ready: pyproject.toml .ci/oldest.py
	$(PYTHON) -m venv --clear $(OLDEST)
	$(PYTHON) .ci/oldest.py > $(OLDEST)/oldest.txt
	$(OLDEST)/bin/python -m pip install --quiet --only-binary :all: --constraint $(OLDEST)/oldest.txt --editable '.[dev]'
	touch $@
