# Orderdesk. `make` says what there is.
PYTHON ?= $(shell command -v python3.13 2>/dev/null || ls "$$(pyenv prefix 3.13 2>/dev/null)/bin/python3.13" 2>/dev/null)
VENV := .venv
BIN := $(VENV)/bin
SHOPIFY_PORT ?= 4010

.PHONY: help install sandbox test lint format clean

help: ## what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(VENV)/installed ## the Python environment for tests and tools

$(VENV)/installed: requirements-dev.txt layers/orderdesk/requirements.txt
	@test -n "$(PYTHON)" || { echo "Orderdesk needs Python 3.13: install it, or say PYTHON=/path/to/python3.13"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

sandbox: install ## the sandbox Shopify alone, on SHOPIFY_PORT
	$(BIN)/python -m local.sandbox --port $(SHOPIFY_PORT)

test: install ## all tests, with coverage by line and branch
	$(BIN)/python -m pytest -q --cov --cov-report=term-missing:skip-covered

lint: install ## linter, formatter, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: install ## let the formatter have its way
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## what can be made again
	rm -rf $(VENV) .aws-sam .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
