PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint type bench check check-long clean

help: ## show these lines
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## virtual environment, packages and the system packages they need
$(READY): pyproject.toml constraints.txt scripts/bootstrap.sh
	PYTHON=$(PYTHON) scripts/bootstrap.sh
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: setup ## mount two embedded accounts and look around (ARGS=--once ends by itself)
	$(BIN)/mirrorfs demo $(ARGS)

test: setup ## all tests, on real mounts
	$(BIN)/python -m pytest $(ARGS)

lint: setup ## style, formatting and the arrows between packages
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports

type: setup ## static types, strict
	$(BIN)/mypy

bench: setup ## figures side by side with rclone and the native file system
	$(BIN)/python -m scripts.bench $(ARGS)

check: lint type test ## everything that must hold at every commit

check-long: setup ## mirrorsync by chance and for long, and killed at every step
	$(BIN)/python -m pytest --hypothesis-profile=long --timeout=3600 -rP --hypothesis-show-statistics \
		tests/sync/test_planner_loop.py tests/sync/test_machine.py \
		tests/sync/test_crash.py tests/sync/test_killed.py $(ARGS)

clean: ## remove what setup and the tools made
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
