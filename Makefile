# Two commands for everybody: make demo, make test. Everything runs in .venv and needs python3, pip and make only.
VENV := .venv
BIN := $(VENV)/bin
EXTRAS ?= dev

.PHONY: help demo test install wheel lint soak bench screenshots train-demographics train-detector train-embedding clean

help:  ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: install  ## render two entrances, count them, write the daily CSV, show truth beside count
	$(BIN)/footfall demo

test: install  ## run all tests
	$(BIN)/python -m pytest -m "not soak" -n auto --dist loadfile --no-loadscope-reorder

install: $(VENV)/.installed  ## prepare .venv with everything the other targets need

# Debian's python3 comes without ensurepip; there virtualenv, fetched into a folder of its own, makes the environment.
$(VENV)/.installed: pyproject.toml
	test -x $(BIN)/python || python3 -m venv $(VENV) 2>/dev/null || { \
	  rm -rf $(VENV) && python3 -m pip install --quiet --target .bootstrap virtualenv && \
	  PYTHONPATH=.bootstrap python3 -m virtualenv --quiet $(VENV) && rm -rf .bootstrap; }
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[$(EXTRAS)]'
	touch $@

wheel:  ## dist/mall_footfall-*.whl, to install on a box that has no copy of this folder
	python3 -m pip wheel --quiet --no-deps --wheel-dir dist .

lint: install  ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

soak: install  ## the long versions of the reliability tests (hours)
	$(BIN)/python -m pytest -m soak

bench: install  ## every measured figure of docs/benchmarks.md
	$(BIN)/python -m pip install --quiet --editable '.[benchmark]'
	$(BIN)/python -m pip install --quiet --no-deps 'trackers>=2.6' 'trackeval>=1.3' 'quapy>=0.2.3'
	$(BIN)/python -m benchmarks

screenshots: install  ## the pictures of docs/screenshots, from a simulated month
	$(BIN)/python -m tools.screenshots

TEACHER := training/demographics/configs/teacher-free.toml
train-demographics: install  ## train the demographics network on what may be used commercially (hours, resumable)
	$(BIN)/python -m pip install --quiet --editable '.[train]'
	$(BIN)/python -m training demographics train --config $(TEACHER) --run .cache/runs/teacher-free
	$(BIN)/python -m training demographics ask --config $(TEACHER) --run .cache/runs/teacher-free
	$(BIN)/python -m training demographics train --teacher .cache/runs/teacher-free

train-detector: install  ## train the face detector likewise
	$(BIN)/python -m pip install --quiet --editable '.[train]'
	$(BIN)/python -m training detector train

train-embedding: install  ## train the network that tells whether two faces are of one person likewise
	$(BIN)/python -m pip install --quiet --editable '.[train]'
	$(BIN)/python -m training embedding train

clean:  ## remove the environment and everything that was computed
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache demo-output
