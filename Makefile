# Everything starts here: `make run` to see it, `make test` to trust it.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# One toolchain for server and browser code; see scripts/env.sh.
WITH_ENV := . scripts/env.sh;
RUST_PACKAGES := --workspace --exclude frontend

.PHONY: help run test unit e2e drills security fuzz bench check audit fmt release bundle build budgets screenshots clean prepare prepare-tests prepare-check prepare-budgets

help: ## List the targets
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: build ## Build, and serve the dashboard with demo traffic on http://127.0.0.1:9000
	@$(WITH_ENV) exec target/debug/orchestrator serve --demo

test: build prepare-tests ## Run every test: unit, integration, failure drills, browser
	@$(WITH_ENV) REQUIRE_SERVICES=1 scripts/with-services.sh bash -euo pipefail -c '\
	    cargo test $(RUST_PACKAGES) && npm --prefix end2end test'
	@$(WITH_ENV) target/debug/drills run --short

unit: ## Run the Rust tests only
	@$(WITH_ENV) scripts/with-services.sh cargo test $(RUST_PACKAGES)

e2e: build prepare-tests ## Run the browser tests only
	@REQUIRE_SERVICES=1 scripts/with-services.sh npm --prefix end2end test

drills: build prepare-tests ## Do damage, all of it, and prove nothing was lost; writes docs/RELIABILITY.md
	@$(WITH_ENV) target/debug/drills run --out docs/RELIABILITY.md

security: build prepare-tests ## Attack the running server, and prove what it takes and what that costs
	@$(WITH_ENV) cargo test --package server --test security

fuzz: build ## Fuzz the API from its own OpenAPI document, for a minute
	@scripts/fuzz.sh 60

check: prepare prepare-check audit ## Formatting, lints, documentation, dependencies, alerts, deployment
	@scripts/check-deploy.sh
	@scripts/check-alerts.sh
	@scripts/check-docs.sh
	@$(WITH_ENV) cargo fmt --all --check
	@$(WITH_ENV) cargo clippy $(RUST_PACKAGES) --all-targets --quiet -- -D warnings
	@$(WITH_ENV) RUSTDOCFLAGS="-D warnings" cargo doc $(RUST_PACKAGES) --no-deps --quiet

audit: ## Licences, sources and known vulnerabilities of dependencies (by cargo-deny, if installed)
	@scripts/audit.sh

fmt: ## Format the code
	@cargo fmt --all

build: prepare # The server and the browser bundle, quickly
	@# xtask is run directly: alone, cargo would build it again with other features.
	@$(WITH_ENV) cargo build $(RUST_PACKAGES) && target/debug/xtask bundle

release: prepare ## Build the optimised server and browser bundle
	@$(WITH_ENV) cargo build --release --package server && cargo xtask bundle --release
	@echo "Built target/release/orchestrator, with its browser files in target/release/site"

bench: release ## Measure the server beside the machine's own ceilings; writes docs/BENCHMARKS.md (an hour)
	@$(WITH_ENV) cargo run --quiet --release --package bench -- run --docs docs

budgets: release prepare-budgets ## Measure the dashboard's budgets; writes docs/BUDGETS.md (half an hour)
	@REQUIRE_SERVICES=1 scripts/with-services.sh npm --prefix end2end run budgets

screenshots: build prepare-tests ## Take the pictures in docs/images
	@npm --prefix end2end run screenshots

prepare: # What building needs
	@scripts/prepare.sh build

prepare-tests: # What testing needs on top
	@scripts/prepare.sh test

prepare-check: # What checking needs on top
	@scripts/prepare.sh check

prepare-budgets: # What measuring needs on top
	@scripts/prepare.sh budgets

clean: ## Remove everything built
	@rm -rf target frontend/node_modules end2end/node_modules end2end/budgets/node_modules
