PYTHON ?= python3
VENV := .venv/bin
PY := $(VENV)/python

# Settings that load and reach no server: for tools that only read them.
NOWHERE := ENVIRONMENT=development DATABASE_URL=postgresql://nobody@localhost/nothing REDIS_URL=redis://localhost:1/0 \
	SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(64))') \
	SIGNING_KEY=$$($(PY) -c 'import base64, secrets; print(base64.b64encode(secrets.token_bytes(32)).decode())')
PRODUCTION := $(NOWHERE) ENVIRONMENT=production ALLOWED_HOSTS=example.org SITE_URL=https://example.org \
	TRUSTED_PROXIES=1

.DEFAULT_GOAL := help
.PHONY: help run stop manage test-fast test bench pictures lint format reference requirements clean

help: ## Show what there is to do
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

run: ## Start everything on this machine (PORT=8000); Ctrl-C stops it
	@$(PYTHON) bootstrap.py run
	@$(PY) -m devservices

stop: ## Stop what `make run` started in another terminal
	@$(PY) -m devservices stop

manage: ## Run a management command on this checkout's database (ARGS='shell')
	@$(PYTHON) bootstrap.py run
	@$(PY) -m devservices exec -- $(PY) manage.py $(ARGS)

test-fast: ## Run the unit tests: no database, no browser, no workers (ARGS='-k name')
	@$(PYTHON) bootstrap.py test
	@$(PY) -m pytest --numprocesses 2 --dist worksteal -m unit $(ARGS)

test: ## Set up what the tests need, then run all checks and tests (ARGS='-k name')
	@$(PYTHON) bootstrap.py test
	@$(PYTHON) bootstrap.py browser
	@$(MAKE) --no-print-directory lint
	@$(PY) -m pytest --numprocesses 3 --dist worksteal $(ARGS)

lint: ## Check style, types, directions of imports, migrations and production settings
	@$(PYTHON) bootstrap.py test
	@$(VENV)/ruff check --quiet .
	@$(VENV)/ruff format --check --quiet .
	@git ls-files --cached --others --exclude-standard 'templates/*.html' | xargs -r $(VENV)/djade --check --target-version 5.2
	@$(NOWHERE) $(PY) -m mypy --no-error-summary .
	@mkdir -p var; $(PY) -c "from importlinter.cli import lint_imports_command; lint_imports_command()" > var/imports.log || { cat var/imports.log; exit 1; }
	@$(NOWHERE) $(PY) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run --verbosity 0
	@$(PRODUCTION) $(PY) manage.py check --deploy --fail-level WARNING > /dev/null

format: ## Write Python and templates in the house format
	@$(PYTHON) bootstrap.py test
	@$(VENV)/ruff check --quiet --fix .
	@$(VENV)/ruff format --quiet .
	@git ls-files --cached --others --exclude-standard 'templates/*.html' | xargs -r $(VENV)/djade --target-version 5.2

bench: ## Measure against the limits of this machine (ONLY=key)
	@$(PYTHON) bootstrap.py test
	@$(PY) -m benchmarks $(ONLY)

pictures: ## Take the pictures of README.md, while `make run` serves its demo world
	@$(PYTHON) bootstrap.py test
	@$(PY) docs/pictures/take.py

reference: ## Write docs/settings.md from the table of settings
	@$(PYTHON) bootstrap.py run
	@$(PY) -m config.settings_reference

PIN := $(VENV)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make requirements"

requirements: ## Pin the newest versions of the dependencies in pyproject.toml (UPGRADE= keeps pins that still fit)
	@$(PYTHON) bootstrap.py test
	@$(PIN) $(UPGRADE) pyproject.toml --output-file requirements/run.txt
	@$(PIN) $(UPGRADE) pyproject.toml --constraint requirements/run.txt --group devservices \
		--output-file requirements/dev.txt
	@$(PIN) $(UPGRADE) pyproject.toml --constraint requirements/dev.txt --override requirements/override.txt \
		--group devservices --group test --output-file requirements/test.txt

UPGRADE ?= --upgrade

clean: ## Remove caches; with CONFIRM=1 also the environment and all data in var/
	@find . -name __pycache__ -not -path './.venv/*' -not -path './var/*' -prune -exec rm -rf {} +
	@rm -rf .ruff_cache .mypy_cache .pytest_cache .hypothesis .import_linter_cache
ifeq ($(CONFIRM),1)
	@test ! -x $(PY) || $(PY) -m devservices stop
	@rm -rf var .venv
else
	@echo "Kept .venv and var/ (the database); remove them too with: make clean CONFIRM=1"
endif
