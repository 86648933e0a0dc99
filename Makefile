# The project's commands. They need make and Python 3.11 or newer with venv; everything else is installed
# into this folder (.venv, node_modules, .local) the first time a command runs, and again when its lock file changes.

PYTHON ?= python3
PORT ?= 4566
ARGS ?=
ENV ?=
OIDC ?=

PY := .venv/bin/python
UV := .venv/bin/uv
CODE := $(wildcard session_store stacks demo local lambda tests examples bench docgen app.py)

export SESSION_STORE_PORT ?= $(PORT)
export JSII_RUNTIME_PACKAGE_CACHE_ROOT ?= $(CURDIR)/.local/cache/jsii
# Compiled tests are kept: compiling them again takes several seconds of every run.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup run test proof bench fuzz mutants docs site release templates lint format lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what the other commands need (they all do this first)
	@command -v "$(PYTHON)" > /dev/null || { echo "error: there is no $(PYTHON) here: install Python 3.11 or newer, or name it: make PYTHON=python3.12" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "error: Python 3.11 or newer is needed and $(PYTHON) is %d.%d: name a newer one, as in make PYTHON=python3.12" % sys.version_info[:2])'
	@"$(PYTHON)" -m local.setup

run: setup ## Start the whole system on this machine, with sample data (PORT=4566, OIDC=cognito); Ctrl-C stops it
	@exec $(PY) -m local.run $(if $(OIDC),--oidc "$(OIDC)")

test: setup ## Run the tests: every promise is in them (ARGS="-k name" picks some)
	@exec $(PY) -m pytest -n 2 --durations 15 -m "not proof" $(ARGS)

proof: setup ## Run the tests that take longer: on more engines, in more orders, with more requests
	@exec $(PY) -m pytest -n 2 --durations 15 -m proof $(ARGS)

bench: setup ## Measure calls, CPU time, bundle size and synthesis
	@exec $(PY) -m bench $(ARGS)

fuzz: setup ## Feed the parsers with a coverage-guided fuzzer, SECONDS=60 each; what it finds stays in tests/fuzz/corpus
	@$(UV) run --quiet --no-project --isolated --python $(PY) --with atheris==3.0.0 --with boto3 --with 'PyJWT[crypto]' python -m tests.fuzz $(or $(SECONDS),60)

mutants: setup ## Change the code in small ways and see the tests notice (ARGS="--sample 50": at random, all of it)
	@exec $(PY) -m tests.mutants $(ARGS)

docs: setup ## Write the generated documents anew
	@$(PY) -m docgen.documents

site: setup ## Build the documentation site in .local/site/html (ARGS="--builder material": with MkDocs)
	@exec $(PY) -m docgen.site $(ARGS)

release: setup ## Build the sdist and the wheel in dist/ and check their metadata; uploads nothing
	@exec $(PY) -m local.release

templates: setup ## Write an environment as plain CloudFormation templates with zipped code (ENV=prod)
	@test -n "$(ENV)" || { echo "error: name an environment of cdk.json: make templates ENV=prod" >&2; exit 1; }
	@$(PY) -m local.templates "$(ENV)"

lint: setup ## Check style, types and wording
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy $(CODE)
	$(PY) -m docgen.prose

format: setup ## Put the code into the project's style
	$(PY) -m ruff check --fix
	$(PY) -m ruff format

lock: setup ## Write the lock files anew from requirements.in and package.json
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header requirements.in -o requirements.txt
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --constraint requirements.txt requirements-bench.in -o requirements-bench.txt
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-package pycparser --constraint requirements.txt requirements-wheels.in -o session_store/cdk/wheels.txt
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header requirements-rules.in -o requirements-rules.txt
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header requirements-clients.in -o requirements-clients.txt
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header requirements-verifiers.in -o requirements-verifiers.txt
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header requirements-site.in -o requirements-site.txt
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header requirements-release.in -o requirements-release.txt
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header requirements-aws-cli.in -o requirements-aws-cli.txt
	$(UV) pip compile --quiet --universal --no-deps --python-version 3.11 --generate-hashes --no-header requirements-monitoring.in -o requirements-monitoring.txt
	.venv/bin/npm install --package-lock-only
	.venv/bin/npm install --package-lock-only --prefix tests/verifiers

clean: ## Remove everything that these commands have made
	rm -rf .venv node_modules .local .cache cdk.out dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
