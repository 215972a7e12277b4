# Two commands: `make book` and `make test`. Both install what they need, from the lock, into .venv.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# Folders may have any name, whatever the locale.
export PYTHONUTF8 := 1

.PHONY: book test serve templates lock clean

book: $(INSTALLED)
	$(BIN)/evalkit book

test: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/pytest

serve: $(INSTALLED)
	$(BIN)/evalkit serve

# Runs the templates with their default parameters and keeps the outputs that nbval compares against.
templates: $(INSTALLED)
	$(BIN)/python -m evalkit.runs.committed

# Needs uv. One lock for Python 3.11 to 3.13 on Linux, macOS and Windows, with the build backend, without addresses.
lock:
	uv pip compile pyproject.toml --extra test --group build --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --output-file requirements.lock

clean:
	rm -rf $(VENV) _build results book/generated

# --no-build-isolation: the build backend comes from the lock too.
$(INSTALLED): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "evalkit needs Python 3.11 or newer; this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	touch $(INSTALLED)
