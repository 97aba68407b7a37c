# make run    - install and start Paperboy (the terminal chat where no chat tokens are set)
# make test   - install and check everything: format, lint, types, imports, dead code, tests
# make test-fast - what to run while working: lint, and every test that is neither long nor slow
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
EXTRAS := discord,slack,site,pictures,meaning,translation,postgresql
UV ?= uv

# Every worker of the tests loads every module: they are compiled once, whatever the machine wants.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup setup-with-uv setup-with-pip lock release run test test-fast test-others test-load format lint types imports dead unit coverage pictures crash bench-answers bench-archive bench-delivery bench-edits bench-memory bench-site bench-scale bench-lookup bench-sync bench-tags bench-talk bench-workers bench-translation bench-people clean

setup: $(STAMP)

$(STAMP): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit("Paperboy needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Say: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else None'
	@if $(UV) --version >/dev/null 2>&1 && $(MAKE) --no-print-directory setup-with-uv; then :; else $(MAKE) --no-print-directory setup-with-pip; fi
	@touch $@

# Both check the hashes of what they download. pip wants a hash of everything, and a folder has none:
# it installs what is locked, and then the program by itself.
setup-with-uv:
	$(UV) venv --quiet --allow-existing --seed --python $(PYTHON) $(VENV)
	$(UV) pip install --quiet --python $(BIN)/python --constraint requirements.lock --editable '.[$(EXTRAS),dev]'

setup-with-pip:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .

# What was locked before stays while it fits; UPGRADE=--upgrade takes the newest versions.
lock:
	$(UV) pip compile --quiet --universal --python-version 3.11 --all-extras --no-annotate --no-header --no-emit-index-url --generate-hashes $(UPGRADE) --output-file requirements.lock pyproject.toml
	sed -n 's/^\([A-Za-z0-9].*[^ \\]\) *\\*$$/\1/p' requirements.lock > constraints.txt

# A wheel, a source distribution, and what the program is made of (CycloneDX), as it was installed from
# the wheel into an environment of its own.
release: setup
	rm -rf dist build
	$(BIN)/python -m build --outdir dist .
	$(PYTHON) -m venv build/release
	build/release/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt "$$(echo dist/*.whl)[$(EXTRAS)]"
	build/release/bin/paperboy --version
	build/release/bin/python -m pip uninstall --quiet --disable-pip-version-check --yes pip setuptools
	$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --mc-type application --output-reproducible --output-file "dist/paperboy-$$(build/release/bin/paperboy --version | cut -d ' ' -f 2).cdx.json" build/release
	rm -rf build
	@ls dist

run: setup
	@$(BIN)/paperboy run

# mypy takes one core: the tests begin meanwhile. UNIT=coverage measures what they reach, as CI does;
# that takes a third longer.
UNIT ?= unit
test: setup format lint imports dead
	@$(MAKE) --no-print-directory -j2 types $(UNIT)

test-fast: setup lint
	$(BIN)/python -m pytest -q -n auto --dist worksteal -m 'not long and not slow'

# What may differ on another Python: not the format, nor what the documents say. The long tests, which
# kill programs and repeat much, take place on one Python alone.
test-others: setup
	$(BIN)/python -m pytest -q -n auto --dist worksteal -m 'not long' --deselect tests/test_readme.py

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
	$(BIN)/python -m pytest -q -n auto --dist worksteal

coverage: setup
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -q -n auto --dist worksteal
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# Needs Node 20 or newer, and Chromium; CHROMIUM says where it is.
pictures:
	cd docs/pictures && npm install --silent --ignore-scripts --no-package-lock --no-audit --no-fund
	cd docs/pictures && node draw.mjs ..

crash: setup
ifeq ($(DATABASE),postgresql)
	$(BIN)/python -m benchmarks.crash --database postgresql
else
	$(BIN)/python -m benchmarks.crash
	$(BIN)/python -m benchmarks.crash --platform discord
	$(BIN)/python -m benchmarks.crash --platform slack
endif

bench-workers: setup
	$(BIN)/python -m benchmarks.workers

bench-answers: setup
	$(BIN)/python -m benchmarks.answers
	$(BIN)/python -m benchmarks.answers --platform slack

bench-delivery: setup
	$(BIN)/python -m benchmarks.delivery

bench-edits: setup
	$(BIN)/python -m benchmarks.edits

bench-site: setup
	$(BIN)/python -m benchmarks.site

bench-memory: setup
	$(BIN)/python -m benchmarks.memory

bench-scale: setup
	$(BIN)/python -m benchmarks.scale

bench-people: setup
	$(BIN)/python -m benchmarks.people

bench-lookup: setup
	$(BIN)/python -m benchmarks.lookup

bench-sync: setup
	$(BIN)/python -m benchmarks.sync

bench-tags: setup
	$(BIN)/python -m benchmarks.tags

bench-talk: setup
	$(BIN)/python -m benchmarks.talk

bench-translation: setup
	$(BIN)/python -m benchmarks.translation

bench-archive: setup
	$(BIN)/python -m benchmarks.archive

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage*
