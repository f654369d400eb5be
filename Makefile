# Each target is a line or two; what it does lives in the folder it calls.
.DEFAULT_GOAL := help
SHELL := /bin/bash
activate := . toolchain/activate

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: ## Install what is missing: Python packages, Docker engine, Pulumi
	@toolchain/setup

up: setup ## Set up what is missing and converge the stack dev
	@$(activate) && pulumi up --stack dev --yes --skip-preview --suppress-outputs && python -m toolchain.answering "$$(pulumi stack output --stack dev cyclosUrl)"

preview: setup ## Show what `make up` would change
	@$(activate) && pulumi preview --stack dev

down: setup ## Remove the stack dev with its data
	@$(activate) && pulumi destroy --stack dev --yes --skip-preview --suppress-outputs

lint: tools ## Check style, types, shell scripts and Dockerfiles
	@$(activate) && toolchain/lint

test: lint ## Run every test, unit and real
	@$(activate) && python -m pytest

bench: tools ## Measure the figures of the README
	@$(activate) && python -m pytest tests/bench -m bench

chaos: tools ## Break a cluster of the production shape in the ways of docs/failure-modes.md
	@$(activate) && python -m pytest tests/chaos -m chaos

tools:
	@toolchain/setup --tests

.PHONY: help setup up preview down lint test bench chaos tools
