# Two commands do everything on a fresh machine: `make rehearse` and `make test`.
SHELL := /usr/bin/env bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
CARGO ?= cargo
ROWS ?= 200000

.PHONY: help
help: ## what there is to make
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: rehearse
rehearse: postgres ## the whole rollout on a throwaway server, with data and traffic (ROWS=200000)
	$(CARGO) run --quiet --package rehearse -- --rows $(ROWS)

.PHONY: test
test: postgres ## the whole test suite, on PostgreSQL servers of its own
	# Binaries and tests in one go, so that both share one build of every dependency.
	$(CARGO) build --workspace --bins --tests
	RUST_TEST_THREADS=$${RUST_TEST_THREADS:-4} $(CARGO) test --workspace

.PHONY: build
build: toolchain ## the four binaries, in target/debug
	$(CARGO) build --workspace --bins

.PHONY: lint
lint: toolchain ## formatting and clippy, warnings being errors
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings

.PHONY: docs
docs: toolchain ## the API documentation, warnings being errors
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps

.PHONY: deny
deny: toolchain ## licences, bans and sources of the dependencies, where cargo-deny is installed
	@if $(CARGO) deny --version >/dev/null 2>&1; then \
	  $(CARGO) deny check licenses bans sources; \
	else echo "cargo-deny is not installed: licences, bans and sources were not checked"; fi

.PHONY: postgres
postgres: toolchain
	@rehearse/install-postgres >/dev/null

.PHONY: toolchain
toolchain:
	@command -v $(CARGO) >/dev/null || { \
	  echo "cargo is not installed: get Rust 1.94 or newer from https://rustup.rs, then run make again"; exit 1; }
