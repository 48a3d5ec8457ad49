# Orderdesk. `make` lists the targets.
# The first python3.13 that works: a version manager may leave a broken one on the path.
PYTHON ?= $(shell for p in python3.13 "$$(pyenv prefix 3.13 2>/dev/null)/bin/python3.13"; do "$$p" -c '' 2>/dev/null && echo "$$p" && break; done)
VENV := .venv
BIN := $(VENV)/bin
SHOPIFY_PORT ?= 4010
AWS_PORT ?= 4566
DESK_PORT ?= 4020
DEMO_FILE ?= .demo.json

.PHONY: help install demo sandbox desk desk-test pictures test coverage e2e bench prove sam-local openapi documents messages open-operations erase lint lint-template format clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(VENV)/installed ## install the Python environment for tests and tools

# uv takes a tenth of pip's time, and comes from the same package index.
UV := .venv-uv/bin/uv

.venv-uv/installed: requirements/uv.txt
	@test -n "$(PYTHON)" || { echo "Orderdesk needs Python 3.13: install it, or set PYTHON=/path/to/python3.13"; exit 1; }
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

define install_environment
	$(UV) venv --quiet --clear --python $(PYTHON) $(@D)
	$(UV) pip install --quiet --python $(@D)/bin/python --requirement $<
	@touch $@
endef

$(VENV)/installed: requirements/dev.txt | .venv-uv/installed
	$(install_environment)

.venv-%/installed: requirements/%.txt | .venv-uv/installed
	$(install_environment)

$(VENV)/installed: layers/orderdesk/requirements.txt layers/orderdesk/build-requirements.txt
.venv-desk/installed .venv-e2e/installed .venv-bench/installed: requirements/dev.txt layers/orderdesk/requirements.txt layers/orderdesk/build-requirements.txt

demo: install .venv-sam/installed .venv-aws/installed ## deploy everything on this machine and open the agent desk; Ctrl-C stops it
	@$(BIN)/python -m local.demo --shopify-port $(SHOPIFY_PORT) --aws-port $(AWS_PORT) --desk-port $(DESK_PORT) --file $(DEMO_FILE)

sandbox: install ## run only the sandbox Shopify, on SHOPIFY_PORT
	$(BIN)/python -m local.sandbox --port $(SHOPIFY_PORT)

test: install ## run all tests
	$(BIN)/python -m pytest -q -n auto

coverage: install ## run all tests with line and branch coverage, at least 95 %
	$(BIN)/python -m pytest -q -n auto --cov --cov-report=term-missing:skip-covered

e2e: .venv-e2e/installed .venv-sam/installed .venv-aws/installed ## install by docs/install.md into a local AWS that enforces IAM, work as an agent, fuzz, delete
	.venv-e2e/bin/python -m pytest -q -s -m e2e tests/e2e tests/demo

desk: export ORDERDESK_KEY := $(or $(KEY),$(ORDERDESK_KEY))
desk: export ORDERDESK_TOKEN := $(or $(TOKEN),$(ORDERDESK_TOKEN))
desk: install ## run the agent desk for a deployed store: URL=… and KEY=… (or TOKEN=…), also from the environment
	@$(BIN)/python -m local.desk --url "$(URL)" --stage "$(STAGE)" --region "$(REGION)" --port $(DESK_PORT) --open

desk-test: install .venv-sam/installed .venv-aws/installed .venv-desk/installed ## test the agent desk in a real browser, with its own demo
	.venv-desk/bin/python -m pytest -q -m browser tests/desk

openapi: install ## generate docs/openapi.json from the code
	$(BIN)/python -m local.openapi

documents: openapi ## generate openapi.json, the parts of the documents between markers, and the types of Shopify's nodes
	$(BIN)/python -m local.documents
	$(BIN)/python -m local.nodes
	PYTHONPATH=.:functions:layers/orderdesk $(BIN)/python -m benchmarks.scale.document

messages: install ## run all tests and generate docs/messages.md, every sentence that an agent can read
	$(BIN)/python -m pytest -q -n auto --write-messages

pictures: install .venv-sam/installed .venv-aws/installed .venv-desk/installed ## take docs/pictures again, from its own demo
	.venv-desk/bin/python -m tests.desk.pictures docs/pictures

prove: install .venv-sam/installed .venv-aws/installed ## test money with races, kills and hangs on the deployed stack, and with 2,000 random stories
	MONEY_EXAMPLES=2000 $(BIN)/python -m pytest -q tests/faults/test_money_properties.py
	$(BIN)/python -m pytest -q -s -m e2e tests/proofs

bench: export PYTHONPATH := .:functions:layers/orderdesk
bench: .venv-bench/installed .venv-sam/installed .venv-aws/installed ## run the benchmarks and write docs/benchmarks.md; PART=start runs one part
	.venv-bench/bin/python -m benchmarks $(PART)

sam-local: install .venv-sam/installed .venv-aws/installed ## run each function in a container, and the API (`sam local`); needs Docker, takes SAM_ARGS=…
	@$(BIN)/python -m local.demo.sam_local

STACK ?= orderdesk

open-operations: install ## list a deployed stack's operations that have not ended; run it before `sam delete`: STACK=… REGION=…
	@$(BIN)/python -m admin --stack "$(STACK)" --region "$(REGION)" open

erase: install ## erase what a deployed stack stores about a customer (counts only, until YES=--yes): STACK=… REGION=… STORE=… CUSTOMER=… ORDERS="… …"
	@$(BIN)/python -m admin --stack "$(STACK)" --region "$(REGION)" erase --store "$(STORE)" --customer "$(CUSTOMER)" $(foreach order,$(ORDERS),--order "$(order)") $(YES)

lint: install lint-template ## check lint, format, types and the template
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lint-template: export SAM_CLI_TELEMETRY := 0
lint-template: .venv-sam/installed ## run cfn-lint and `sam validate --lint` over template.yaml
	.venv-sam/bin/cfn-lint --include-checks I -- template.yaml
	.venv-sam/bin/sam validate --lint --region us-east-1

format: install ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## remove everything that can be built again
	rm -rf $(VENV) .venv-sam .venv-aws .venv-desk .venv-e2e .venv-bench .venv-uv .aws-sam .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
