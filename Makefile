# Two commands: `make demo` shows the whole way, `make test` proves it. Both install what they need into .venv first.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN = $(VENV)/bin
READY = $(VENV)/.ready
DEMO = .demo

.PHONY: help install demo test torture check format docs schema clean

help:
	@echo "make demo    harvest, curate and train on a small museum served from this machine; opens no connection beyond it"
	@echo "make test    run all tests"
	@echo "make torture kill a harvest of a museum on this machine 200 times, on SQLite and on MariaDB; takes ten minutes"
	@echo "make check   format, lint, types"
	@echo "make format  bring the code into format"
	@echo "make docs    write docs/commands.md anew from the programs' help"
	@echo "make schema  write sql/schema.sql anew"
	@echo "make clean   remove what these made"

install: $(READY)

$(READY): setup.cfg pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "raisonne needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[train,dev]'
	@touch $(READY)

demo: $(READY)
	@VENV_BIN="$(abspath $(BIN))" DEMO="$(DEMO)" sh tests/demo.sh

test: $(READY)
	$(BIN)/python -m pytest

torture: $(READY)
	$(BIN)/python -m bench.torture

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(READY)
	$(BIN)/python -m docs.commands

schema: $(READY)
	$(BIN)/python -c 'from harvest.catalogue.schema import schema; print(schema(), end="")' > sql/schema.sql.part
	@mv sql/schema.sql.part sql/schema.sql

clean:
	rm -rf $(VENV) $(DEMO) build dist *.egg-info .mypy_cache .ruff_cache .hypothesis
