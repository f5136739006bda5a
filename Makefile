# Foothold. Needs python3 (3.11 or newer), make and a way to a package index; everything else is fetched into this folder.

.DEFAULT_GOAL := help
.PHONY: help run test check-money lint fmt shell bench clean screenshots
PYTHON ?= python3
WORKERS ?= auto
ARGS ?=
READY = @command -v $(PYTHON) >/dev/null || { echo "python3 is missing: apt-get install -y python3" >&2; exit 1; }; $(PYTHON) marketplace/services/bootstrap.py
# Part of the suite is not held to the coverage of the whole.
COVERAGE = $(if $(strip $(ARGS)),,--cov --cov-report=term:skip-covered --cov-fail-under=85)

help: ## Show this list
	@sed -n 's/^\([a-z-]*\): .*## /  make \1|/p' Makefile | awk -F'|' '{ printf "%-19s %s\n", $$1, $$2 }'

run: ## Start the whole site with demo data: http://localhost:8000, or PORT=8123 make run
	$(READY) run
	@.venv/bin/python manage.py serve --with-parent

test: ## Run the tests; a part of them: make test ARGS="tests/projects -k offer"
	$(READY) test
	@.venv/bin/python -m tests.browser
	@.venv/bin/python -m pytest -n $(WORKERS) --maxprocesses 8 --dist loadgroup $(COVERAGE) $(ARGS)

check-money: ## Prove that no cent is lost, doubled or stuck: 33 cases, 1,000 sequences, 200 kills (10 minutes or more)
	$(READY) test
	@.venv/bin/python -m tests.money.check

lint: ## Check code, templates, lock file and compose file
	$(READY) lint
	@.venv/bin/python -m ruff check .
	@.venv/bin/python -m ruff format --check --quiet . || { echo "make fmt formats the files"; exit 1; }
	@.venv/bin/python -m djlint --lint --quiet templates
	@.venv/bin/python -m check_jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

fmt: ## Format the code
	$(READY) lint
	@.venv/bin/python -m ruff check --quiet --fix-only .
	@.venv/bin/python -m ruff format .

shell: ## Open a Python shell on the running site, or on its data when it does not run
	$(READY) run
	@.venv/bin/python -m marketplace.services.beside shell

bench: ## Measure what the product costs, as ratios; quick: make bench SIZE=50000
	$(READY) test
	@.venv/bin/python -m tests.benchmarks $(if $(SIZE),--size $(SIZE)) $(if $(ONLY),--only "$(ONLY)")

screenshots: ## Take the pictures in docs/screenshots from the running demo
	$(READY) test
	@.venv/bin/python manage.py screenshots

clean: ## Remove everything that run and test made, the demo data included
	@$(PYTHON) marketplace/services/cleanup.py
