# Two commands do everything: `make demo` and `make test`. Both set up what they need in .venv.
PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv
export UV_LINK_MODE ?= copy
# No telemetry from any library.
export DO_NOT_TRACK := 1
export PREFECT_SERVER_ANALYTICS_ENABLED := false
export HF_HUB_OFFLINE := 1

.PHONY: help setup demo test check lock clean

help:
	@echo "make demo   set up, then collect, read and report an invented county"
	@echo "make test   set up, then check style and types and run every test"
	@echo "make setup  only set up; the command is then $(BIN)/sharedstory"
	@echo "make lock   pin the dependencies of pyproject.toml anew"

setup: .venv/run.ready

demo: .venv/run.ready
	$(BIN)/sharedstory demo

test: .venv/dev.ready
	@sh tests/system-packages.sh
	$(MAKE) --no-print-directory check
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --skip-covered --sort=cover

check: .venv/dev.ready
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports

.venv/uv.ready:
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] <= (3, 13) else "Python 3.11, 3.12 or 3.13 is needed; name one with: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	@touch $@

.venv/run.ready: .venv/uv.ready requirements.txt pyproject.toml nlp/english.lock
	@rm -f .venv/dev.ready
	$(UV) pip sync --quiet --python $(BIN)/python requirements.txt nlp/english.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

.venv/dev.ready: .venv/run.ready requirements-dev.txt
	$(UV) pip sync --quiet --python $(BIN)/python requirements-dev.txt nlp/english.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

lock: .venv/uv.ready
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml --output-file requirements.txt
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml --group dev --output-file requirements-dev.txt

clean:
	rm -rf .venv demo-data
