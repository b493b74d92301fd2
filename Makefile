# `make` alone lists what there is to do. Needs python3 (3.11 to 3.13) and a package registry.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

MAKEFLAGS += --no-print-directory --no-builtin-rules
.DEFAULT_GOAL := help
.PHONY: help setup browser demo ui test crash-test bench bench-load bench-scale bench-peers eval eval-smoke fit screenshots lint types contracts lock clean

help: ## show this list
	@echo "make TARGET, where TARGET is one of:"
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1|/p' Makefile | while IFS='|' read -r name text; do printf '  %-12s %s\n' "$$name" "$$text"; done

setup: ## make .venv from the lock (the other targets do this by themselves)
	@$(PYTHON) .ci/setup.py --venv $(VENV) $(if $(FRESH),--fresh)

browser:
	@$(PYTHON) .ci/setup.py --browser

demo: setup ## answer four questions over the bundled articles
	@$(BIN)/pullquote demo

ui: setup ## open the store in a browser, at http://127.0.0.1:7860
	@$(BIN)/pullquote ui --open $(ARGS)

test: setup browser ## run the tests
	@$(BIN)/python -m pytest $(ARGS)

crash-test: setup ## kill the store 300 times, five times at each of its fail points, and in 200 random lives
	@PULLQUOTE_KILLS=300 PULLQUOTE_FAILPOINT_RUNS=5 PULLQUOTE_MACHINE_RUNS=200 $(BIN)/python -m pytest \
		tests/index/test_crashes.py tests/index/test_failpoints.py tests/index/test_store_machine.py --timeout=1800 $(ARGS)

bench: setup ## measure answers, refusals and speed; writes build/bench/line.json
	@$(BIN)/pullquote eval run seed boundaries abstention attribution --out build/bench/line.json $(ARGS)
	@$(BIN)/python -m pullquote.eval.speed

bench-load: setup ## let many readers at once ask pullquote ui; writes build/bench/load.json
	@$(BIN)/python -m pullquote.eval.load $(ARGS)

bench-scale: setup ## ask, filter and delete in stores of 1,000 and 10,000 articles; writes build/bench/scale.json
	@$(BIN)/python -m pullquote.eval.scale $(ARGS)

PEERS := build/peers/.venv
bench-peers: setup ## measure llama-index over Chroma on the same articles; writes build/bench/peers.json
	@test -d $(PEERS) || $(PYTHON) .ci/setup.py --venv $(VENV) --uv venv --quiet --python $(BIN)/python $(PEERS)
	@$(PYTHON) .ci/setup.py --venv $(VENV) --uv pip sync --quiet --require-hashes --python $(PEERS)/bin/python \
		eval/peers/requirements.txt
	@$(BIN)/python -m pullquote.eval.peers --python $(PEERS)/bin/python $(ARGS)

eval: setup ## run all evaluation tasks; writes eval/RESULTS.md, eval/RESULTS.json and build/eval/report.html
	@$(BIN)/pullquote eval run --all --out build/eval/report.json --html build/eval/report.html \
		--markdown eval/RESULTS.md --summary eval/RESULTS.json $(ARGS)

eval-smoke: setup ## run the 60 questions over the bundled articles: no data, under two minutes
	@$(BIN)/pullquote eval run smoke --out build/eval/smoke.json $(ARGS)

fit: setup ## choose weights and thresholds on the development data anew
	@$(BIN)/python -m pullquote.eval.fit $(ARGS)
	@$(BIN)/python -m pullquote.eval.fit_support
	@$(BIN)/python -m pullquote.eval.fit_gate

screenshots: setup browser ## take pictures of the page; writes build/screenshots and the README's two
	@$(BIN)/python -m tests.ui.web.screenshots

lint: setup ## check the style
	@$(BIN)/ruff check .

types: setup ## check the types
	@$(BIN)/mypy -p pullquote

contracts: setup ## check who imports whom
	@$(BIN)/lint-imports

lock: ## bring uv.lock in step with pyproject.toml (ARGS=--upgrade: the newest of all packages)
	@$(PYTHON) .ci/setup.py --venv $(VENV) --uv lock --quiet $(ARGS)

clean: ## remove all that was made here, .venv too
	@rm -rf .venv build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	@find qa index ui eval tests .src/pullquote -name __pycache__ -type d -prune -exec rm -rf {} +
