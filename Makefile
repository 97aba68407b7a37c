# make run    - install and start Paperboy (the terminal chat where no chat tokens are set)
# make test   - install and check everything: format, lint, types, imports, dead code, tests
# make test-fast - what to run while working: lint, and every test that is not long
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: setup run test test-fast test-load format lint types imports dead unit pictures crash bench-answers bench-archive bench-delivery bench-memory bench-scale bench-lookup bench-sync bench-tags clean

setup: $(STAMP)

$(STAMP): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit("Paperboy needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Say: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable '.[discord,slack,site,meaning,translation,dev]'
	@touch $@

run: setup
	@$(BIN)/paperboy run

# mypy takes one core: the tests begin meanwhile.
test: setup format lint imports dead
	@$(MAKE) --no-print-directory -j2 types unit

test-fast: setup lint
	$(BIN)/python -m pytest -q -n auto --dist worksteal -m 'not long'

# The whole suite beside four busy loops: no test may depend on the speed of the machine.
test-load: setup
	$(BIN)/python -m tests.busy_machine 4 $(BIN)/python -m pytest -q -n auto --dist worksteal

format: setup
	$(BIN)/ruff format --check .

lint: setup
	$(BIN)/ruff check .

types: setup
	$(BIN)/mypy

imports: setup
	$(BIN)/lint-imports

dead: setup
	$(BIN)/vulture

unit: setup
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -q -n auto --dist worksteal
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# Needs Node 20 or newer, and Chromium; CHROMIUM says where it is.
pictures:
	cd docs/pictures && npm install --silent --ignore-scripts --no-package-lock --no-audit --no-fund
	cd docs/pictures && node draw.mjs ..

crash: setup
	$(BIN)/python -m benchmarks.crash
	$(BIN)/python -m benchmarks.crash --platform discord
	$(BIN)/python -m benchmarks.crash --platform slack

bench-answers: setup
	$(BIN)/python -m benchmarks.answers
	$(BIN)/python -m benchmarks.answers --platform slack

bench-delivery: setup
	$(BIN)/python -m benchmarks.delivery

bench-memory: setup
	$(BIN)/python -m benchmarks.memory

bench-scale: setup
	$(BIN)/python -m benchmarks.scale

bench-lookup: setup
	$(BIN)/python -m benchmarks.lookup

bench-sync: setup
	$(BIN)/python -m benchmarks.sync

bench-tags: setup
	$(BIN)/python -m benchmarks.tags

bench-archive: setup
	$(BIN)/python -m benchmarks.archive

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage*
