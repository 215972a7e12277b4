# Two commands: `make book` and `make test`. Both install what they need, from the lock, into .venv.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
NEWEST := .venv-newest
MUTANTS := .venv-mutants
# Two processes of tests more than there are cores, six at most: some tests wait for processes of their own.
# A file stays with one process, in order, as the cells of a notebook have to; files come in the order of pyproject.toml.
# A failure is told when it happens, so that a run that is stopped still says what failed.
WORKERS := $(shell $(PYTHON) -c 'import os; print(min(os.cpu_count(), 4) + 2)')
SIDE_BY_SIDE := -n $(WORKERS) --dist loadfile --no-loadscope-reorder --instafail --durations 20
PYTEST := $(BIN)/pytest $(SIDE_BY_SIDE)
# Folders may have any name, whatever the locale.
export PYTHONUTF8 := 1

.PHONY: book install test test-all lint test-unit test-pipeline test-book newest mutants serve templates lock clean

book: $(INSTALLED)
	$(BIN)/evalkit book

# For the commands alone, without making the book.
install: $(INSTALLED)

# Without the long forms of tests that have a short one; `make test-all` runs everything.
test: lint
	$(PYTEST) -m "not slow"

test-all: lint
	$(PYTEST)

# `make test` in parts, for jobs that run side by side: .github/workflows/book.yml.
lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/deptry src
	$(BIN)/ty check --python $(VENV)

test-unit: $(INSTALLED)
	$(PYTEST) -m "not slow" tests/unit tests/validation

test-pipeline: $(INSTALLED)
	$(PYTEST) -m "not slow" tests/pipeline book/notebooks

# Everything that reads the whole book, so that it is made once.
test-book: $(INSTALLED)
	$(PYTEST) -m "not slow" tests/golden tests/book

# Whether the newest release of every dependency still passes, whatever bounds pyproject.toml sets; in a venv of its own.
newest:
	$(PYTHON) -m venv --clear $(NEWEST)
	$(PYTHON) tools/newest_releases.py requirements > $(NEWEST)/requirements.txt
	$(NEWEST)/bin/python -m pip install --quiet --requirement $(NEWEST)/requirements.txt
	$(NEWEST)/bin/python -m pip install --quiet --no-build-isolation --no-deps --editable .
	$(NEWEST)/bin/python tools/newest_releases.py changes
	$(NEWEST)/bin/pytest $(SIDE_BY_SIDE) -m "not slow"

# Whether tests notice what is changed in the rules between records, some two thousand times; in a venv of its own.
# The bound is tight: tools/mutants.py leaves out one of mutmut's operators, which it has no setting for.
mutants:
	$(PYTHON) -m venv --clear $(MUTANTS)
	$(MUTANTS)/bin/python -m pip install --quiet --require-hashes --no-deps --requirement requirements.lock
	$(MUTANTS)/bin/python -m pip install --quiet --no-build-isolation --no-deps --editable .
	$(MUTANTS)/bin/python -m pip install --quiet 'mutmut>=3.8.1,<3.9'
	$(MUTANTS)/bin/python -m tools.mutants

serve: $(INSTALLED)
	$(BIN)/evalkit serve

# Runs the templates with their default parameters and keeps the outputs that nbval compares against.
templates: $(INSTALLED)
	$(BIN)/python -m evalkit.runs.refresh_notebooks

# Needs uv. One lock for Python 3.11 to 3.13 on Linux, macOS and Windows, with the build backend, without addresses.
lock:
	uv pip compile pyproject.toml --extra test --group build --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --output-file requirements.lock

clean:
	rm -rf $(VENV) $(NEWEST) $(MUTANTS) mutants _build results book/generated .pytest_cache

# --no-build-isolation: the build backend comes from the lock too; --no-deps: so does all else, and pip need not work it out.
$(INSTALLED): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "evalkit needs Python 3.11 or newer; this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	touch $(INSTALLED)
