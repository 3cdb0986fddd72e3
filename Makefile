# What people and CI call. `make demo` and `make test` need Python 3.11 and a JDK 17 or 21, and set up the rest.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PY := .venv/bin/python
RUN_DATE ?= 2026-11-02
DIST ?= dist

.PHONY: demo test check format setup dist clean

demo: setup
	@$(PY) -m jobs.make_sample --env sample --run-date $(RUN_DATE)
	@$(PY) -m jobs.run_nightly --env sample --run-date $(RUN_DATE) --show-members 3

test: setup check
	$(PY) -m pytest

check: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

format: setup
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

setup: .venv/installed

.venv/installed: pyproject.toml constraints.txt
	@"$(or $(PYTHON),python3)" jobs/check_machine.py
	"$(PYTHON)" -m venv .venv
	$(PY) -m pip install --disable-pip-version-check -c constraints.txt setuptools
	$(PY) -m pip install --disable-pip-version-check -c constraints.txt --no-build-isolation -e '.[dev,distill]'
	@touch $@

dist: setup
	rm -rf build $(DIST)/nightmatch.zip
	$(PY) -m pip install --disable-pip-version-check -q --no-deps --no-compile --no-build-isolation --target build/zip .
	mkdir -p $(DIST)
	. .venv/bin/activate && archive=$$(cd $(DIST) && pwd)/nightmatch.zip && cd build/zip && python -m zipfile -c $$archive jobs pipelines schemas

clean:
	rm -rf build dist var .mypy_cache .pytest_cache .ruff_cache
