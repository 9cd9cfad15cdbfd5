# The two commands: `make demo` and `make test`. `make check` is exactly what CI runs.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 2
export OMP_NUM_THREADS ?= 1

.PHONY: install demo test lint check clean

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.txt --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.txt \
	  ruff mypy pytest pytest-xdist pytest-timeout
	touch $@

# The main job with what comes along: no key, no GPU, no TeX, no root. Ends with the path of a reviewed PDF.
demo: $(VENV)/.installed
	mkdir -p demo
	$(BIN)/hakase run digits --num-ideas 2 --workspace demo

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check: lint test

clean:
	rm -rf $(VENV) demo build dist .pytest_cache .mypy_cache .ruff_cache
