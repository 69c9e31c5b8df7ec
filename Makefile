# What there is to do here. Everything runs in an environment of its own, .venv, which is made when it is missing.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
READY := $(VENV)/.ready
SITE := $(VENV)/.ready-docs
BROWSER := $(VENV)/.ready-browser
OLDEST := .venv-oldest
ROOMS := instances formulations solvers benchmarks
FRONT := $(filter-out %__pycache__,$(wildcard partload/*))

# Processes by the hundred start in tests and studies: they share what one has compiled.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test test-browser test-oldest lint verify bench study docs pictures clean

demo: $(READY)  ## solve edge-demo with and without sharing, in seconds
	$(RUN) -m partload.demo

test: $(READY)
	$(RUN) -m pytest -n 2 --dist worksteal

test-browser: docs $(BROWSER)  ## pages of the site and of partload explore, in a browser without a window
	$(RUN) -m pytest -m browser tests/docs tests/partload/explore

test-oldest: $(OLDEST)/.ready  ## the same with the oldest versions that pyproject.toml allows
	$(OLDEST)/bin/python -m pytest -n 2 --dist worksteal

lint: $(READY) .namespace
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy

verify: $(READY)  ## agreement with brute force, by the thousand
	$(RUN) -m partload.benchmarks.verify

bench: $(READY)  ## the tables of the documentation that measure time
	$(RUN) -m partload.benchmarks.instance_speed
	$(RUN) -m partload.benchmarks.bounds
	$(RUN) -m partload.benchmarks.greedy
	$(RUN) -m partload.benchmarks.dynamic
	$(RUN) -m partload.benchmarks.sequence
	$(RUN) -m partload.benchmarks.cached
	$(RUN) -m partload.benchmarks.label_setting
	$(RUN) -m partload.benchmarks.convex
	$(RUN) -m partload.benchmarks.slide_admission
	$(RUN) -m partload.benchmarks.per_layer
	$(RUN) -m partload.benchmarks.slot
	$(RUN) -m partload.benchmarks.local_search
	$(RUN) -m partload.benchmarks.scan_speed

study: $(READY)  ## what sharing and what overlap bring, ten minutes; killed and started again, it goes on where it was
	$(RUN) -m partload.benchmarks.sharing --report out/sharing
	$(RUN) -m partload.benchmarks.overlap --figures out

docs: $(SITE)  ## the site: lessons, how-to, reference, studies
	$(RUN) -m sphinx --builder html --fail-on-warning --keep-going --quiet docs out/site
	@echo "open out/site/index.html"

pictures: $(READY)  ## the pictures of the README and of the documentation
	$(RUN) -m partload.demo --out docs

clean:
	rm -rf build dist out docs/reference/generated .namespace *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +

.namespace: $(FRONT)  ## the packages of pyproject.toml as one tree, for mypy and editors
	rm -rf $@ && mkdir -p $@/partload
	ln -s $(addprefix ../../,$(ROOMS) $(FRONT)) $@/partload/

$(READY): pyproject.toml
	test -x $(RUN) || $(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --upgrade --upgrade-strategy eager --editable '.[dev]'
	touch $@

$(SITE): $(READY)
	$(RUN) -m pip install --quiet --editable '.[dev,docs]'
	touch $@

# Playwright drives the Chromium of the system, because it has no other one for every system.
$(BROWSER): $(READY)
	$(RUN) -m pip install --quiet 'playwright>=1.49'
	command -v chromium > /dev/null || { test "$$(id -u)" = 0 && apt-get update --quiet && apt-get install --yes --quiet chromium; } \
	    || { echo "make: install chromium, these tests need it" >&2; exit 2; }
	touch $@

$(OLDEST)/.ready: pyproject.toml .ci/oldest.py
	$(PYTHON) -m venv --clear $(OLDEST)
	$(PYTHON) .ci/oldest.py > $(OLDEST)/oldest.txt
	$(OLDEST)/bin/python -m pip install --quiet --only-binary :all: --constraint $(OLDEST)/oldest.txt --editable '.[dev]'
	touch $@
