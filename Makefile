# Two commands: `make demo` shows the whole way, `make test` proves it. Both install what they need into .venv first.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN = $(VENV)/bin
READY = $(VENV)/.ready
DEMO = .demo
WORKERS ?= 2
# All tests of a module on one worker: they share a museum that was harvested once, a server, a trained network.
# Modules are begun in the order of tests/conftest.py, the long ones first.
PYTEST = -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder --durations 25
# Old libraries use what newer ones beneath them deprecate: matplotlib 3.9 does so with pyparsing.
OLD = -W ignore::DeprecationWarning
WITHOUT_TRAIN = --ignore tests/train --ignore tests/test_whole_way.py --ignore tests/test_secrets.py

.PHONY: help install demo test test-all test-lowest test-without-train test-label-studio test-pytorch torture structure check format docs schema clean

help:
	@echo "make demo        harvest, curate and train on a small museum served from this machine; opens no connection beyond it"
	@echo "make test        run the tests, about a quarter of an hour; WORKERS=2 is how many at once"
	@echo "make test-all    run also those that take long: the whole way on real paintings, many kills, every format of export"
	@echo "make test-lowest run the tests with the lowest versions that setup.cfg allows, in an environment of their own"
	@echo "make test-without-train PYTHON=python3.13"
	@echo "                 run the tests of harvest and curate with this Python, without TensorFlow"
	@echo "make test-label-studio"
	@echo "                 let Label Studio's own SDK judge the tasks exported for it, in an environment of its own"
	@echo "make test-pytorch"
	@echo "                 run the documentation's loader for PyTorch, in an environment of its own: a download of gigabytes"
	@echo "make torture     kill a harvest 200 times, and harvest a museum that does everything wrong; both on SQLite and MariaDB"
	@echo "make structure   print the figures of the code: imports a module, lengths of functions, cycles"
	@echo "make check       format, lint, types"
	@echo "make format      bring the code into format"
	@echo "make docs        write docs/commands.md anew from the programs' help"
	@echo "make schema      write sql/schema.sql anew"
	@echo "make clean       remove what these made"

install: $(READY)

$(READY): setup.cfg pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "raisonne needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[train,weights,export,dev]'
	@touch $(READY)

demo: $(READY)
	@VENV_BIN="$(abspath $(BIN))" DEMO="$(DEMO)" sh tests/demo.sh

test: $(READY)
	$(BIN)/python $(PYTEST) -m "not slow"

test-all: $(READY)
	$(BIN)/python $(PYTEST)

test-lowest: $(READY)
	$(PYTHON) -m venv --clear $(VENV)-lowest
	$(BIN)/python -m tests.lowest > $(VENV)-lowest/constraints.txt
	$(VENV)-lowest/bin/python -m pip install --quiet --upgrade pip
	$(VENV)-lowest/bin/python -m pip install --quiet --editable '.[train,weights,export,dev]' --constraint $(VENV)-lowest/constraints.txt
	$(VENV)-lowest/bin/python $(PYTEST) -m "not slow" $(OLD)

test-without-train:
	$(PYTHON) -m venv --clear $(VENV)-$(notdir $(PYTHON))
	$(VENV)-$(notdir $(PYTHON))/bin/python -m pip install --quiet --upgrade pip
	$(VENV)-$(notdir $(PYTHON))/bin/python -m pip install --quiet --editable '.[dev]'
	$(VENV)-$(notdir $(PYTHON))/bin/python $(PYTEST) -m "not slow" $(WITHOUT_TRAIN)

# Its SDK would bring older versions of numpy and OpenCV into the environment of the other tests: it has one of its own.
test-label-studio: $(READY)
	$(PYTHON) -m venv --clear $(VENV)-label-studio
	$(VENV)-label-studio/bin/python -m pip install --quiet 'label-studio-sdk>=2.1'
	LABEL_STUDIO_PYTHON=$(VENV)-label-studio/bin/python $(BIN)/python $(PYTEST) tests/curate/review/test_export_suggestions.py

# PyTorch brings several gigabytes, which no other test needs; where it is absent, this test is skipped.
test-pytorch:
	$(PYTHON) -m venv --clear $(VENV)-pytorch
	$(VENV)-pytorch/bin/python -m pip install --quiet --editable '.[dev]' torch torchvision
	$(VENV)-pytorch/bin/python $(PYTEST) tests/test_loaders.py -k PyTorch

torture: $(READY)
	$(BIN)/python -m bench.torture
	$(BIN)/python -m bench.hostile

structure: $(READY)
	@$(BIN)/python -m tests.structure

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
	rm -rf $(VENV) $(VENV)-* $(DEMO) build dist *.egg-info .mypy_cache .ruff_cache .hypothesis
