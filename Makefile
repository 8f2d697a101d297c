# Everything runs in a private virtual environment, .venv; nothing else is touched, except that
# `make test` installs Debian's chromium where it may (root on Debian) and there is no browser.

PYTHON ?= python3
BIN := .venv/bin
DEMO_OPTIONS ?=
FORECAST_OPTIONS ?=
EVIDENCE_OPTIONS ?=
CONTEST_OPTIONS ?=
FAULTS_OPTIONS ?=
REPLAY_OPTIONS ?=

.PHONY: demo test soak gpu check bench study laws infer agreement forecast replay contest evidence \
	audit faults parity designer redraw pictures notebooks docs browser clean

demo: .venv/demo  ## study the tip's schedules on real images and write glissando-demo/report.html
	$(BIN)/glissando demo $(DEMO_OPTIONS)

test: check browser designer/node_modules  ## lint, types, and every test
	$(BIN)/python -m pytest

soak: .venv/dev  ## the property tests with many new examples, and a hundred killed trainings
	HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest --ignore=tests/adapters/test_keras.py \
		--ignore=tests/cli --ignore=tests/demo --ignore=tests/docs

gpu: .venv/dev  ## what takes a GPU: replayed graphs, skipped updates, compiled and fused steps
	$(BIN)/python -m pytest -n 0 tests/gpu

check: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: .venv/dev  ## print the speed table
	$(BIN)/python bench/speed.py

study: .venv/dev  ## print what a study costs beside its training, and how long a large report takes
	$(BIN)/python -m bench.study

laws: .venv/dev  ## print how far forecasts are from published runs
	$(BIN)/python -m bench.laws

infer: .venv/dev  ## print how many random schedules are found again from their logs
	$(BIN)/python bench/infer.py

agreement: .venv/dev  ## print how far the frameworks' weights come apart under one schedule
	$(BIN)/python bench/agreement.py

forecast: .venv/dev  ## print how good forecasts of the stored runs are (--again makes the runs again)
	$(BIN)/python -m bench.forecast $(FORECAST_OPTIONS)

evidence: .venv/dev  ## compare schedules on four tasks, for the docs (--again trains all again)
	$(BIN)/python -m bench.evidence $(EVIDENCE_OPTIONS)

replay: .venv/dev  ## print what studies choose among runs that were made before, and what that costs
	$(BIN)/python -m bench.replay $(REPLAY_OPTIONS)

contest: .venv/dev  ## print who finds the best schedule of a new task, for how much
	$(BIN)/python -m bench.contest $(CONTEST_OPTIONS)

audit: .venv/dev  ## print how often an audit tells the cause of faults in simulated runs
	$(BIN)/python -m bench.audit

faults: .venv/dev  ## print how often an audit tells the cause of faults in real runs; half an hour
	$(BIN)/python -m bench.real_runs $(FAULTS_OPTIONS)

parity: .venv/dev  ## compare every peer's schedules with its dialect, and write docs/parity.md
	$(BIN)/python tests/parity/table.py

designer: .venv/dev designer/node_modules  ## write the designer's module from its sources; needs Node
	$(BIN)/python -m designer.generate designer/src/generated
	cd designer && npm run --silent build

pictures: .venv/dev browser  ## draw the documentation's pictures of the designer and of resumes
	$(BIN)/python docs/draw.py

notebooks: .venv/dev  ## execute the notebooks in examples again
	$(BIN)/python examples/run.py

redraw: .venv/dev browser  ## print how long the designer takes to redraw ten long schedules
	$(BIN)/python bench/designer.py

docs: .venv/dev  ## build the documentation in docs/_build
	$(BIN)/sphinx-build -W -q docs docs/_build

designer/node_modules: designer/package-lock.json  # what the test that bundles it again needs
	@if command -v npm >/dev/null; then cd designer && npm ci --silent --no-audit --no-fund; \
	else echo "No npm: the designer's module is not bundled again to be compared"; fi

browser:
	@if command -v chromium google-chrome chrome >/dev/null || [ -n "$$BROWSER_PATH" ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Debian's chromium: the tests open the pages in it"; \
		apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y chromium >/dev/null; \
	else echo "No Chrome or Chromium: install one (apt install chromium) to test the pages"; fi

.venv/bin/python:
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade pip

.venv/demo: .venv/bin/python pyproject.toml
	$(BIN)/pip install --quiet --editable '.[demo]'
	touch $@

# torch by itself first: pip then takes a CPU build where one is at hand
.venv/dev: .venv/bin/python pyproject.toml
	$(BIN)/pip install --quiet torch==2.13.0
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@ .venv/demo

clean:
	rm -rf .venv build dist docs/_build docs/generated
