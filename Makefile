# The commands of APGE Monitor. `make` alone prints them.
PORT ?= 8000
BUS ?= postgres
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := shared services/indicators services/hr-diversity services/recommendations services/reporting cli

.DEFAULT_GOAL := help
.PHONY: help run demo test check bench kafka golden docs clean

help: ## print these targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

run: $(VENV)/.embedded ## bring everything up on one port (PORT=8000, BUS=postgres or kafka)
	@PORT=$(PORT) BUS=$(BUS) $(BIN)/apge up

demo: $(VENV)/.embedded ## the same, with seven years of a staff that does not exist
	@PORT=$(PORT) BUS=$(BUS) $(BIN)/apge up --demo

test: $(VENV)/.everything ## run the tests: real PostgreSQL, Kafka's mock cluster, a real broker and Chromium where they are
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not faults"
	@$(BIN)/python -m pytest -m faults

check: $(VENV)/.everything ## format, lint, types, import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/.everything ## measure every figure beside its limit; writes benchmarks/RESULTS.md
	@$(BIN)/python -m benchmarks

kafka: ## start a real Apache Kafka, one node, from its Maven jars
	@deploy/kafka/run

golden: $(VENV)/.everything ## write the committed OpenAPI, AsyncAPI and event schemas anew
	@$(BIN)/python -m docs.generate

docs: golden ## the same: the event pages of docs/ are generated with the contracts

clean: ## forget the environment, keep the data
	@rm -rf $(VENV)

$(VENV)/.embedded: locks/embedded.txt cli/pyproject.toml
	@$(PYTHON) deploy/install $(VENV) embedded $(PACKAGES)
	@touch $@

$(VENV)/.everything: locks/everything.txt cli/pyproject.toml
	@$(PYTHON) deploy/install $(VENV) everything $(PACKAGES)
	@touch $@ $(VENV)/.embedded
