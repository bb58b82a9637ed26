# Two commands do everything on a fresh machine: `make rehearse` and `make test`.
SHELL := /usr/bin/env bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
CARGO ?= cargo
ROWS ?= 200000
# The oldest and the newest PostgreSQL, on which what depends on the version is tested every time.
ENDS = 14 18
# What depends on it: the rollout, the way back, the gate.
VERSIONED = phases:: plan:: converge::cuts converge::drift locking:: surprises:: gate:: guard_sql::
# A linter's rules change with its version.
SQUAWK_VERSION = 2.70.0
SQUAWK = target/squawk-$(SQUAWK_VERSION)/bin/squawk

.PHONY: help
help: ## what there is to make
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: rehearse
rehearse: postgres ## the whole rollout on a throwaway server, with data and traffic (ROWS=200000)
	$(CARGO) run --quiet --package rehearse -- --rows $(ROWS)

.PHONY: test
test: postgres pgbouncer ## the whole test suite, on PostgreSQL servers of its own
	# Binaries and tests in one go, so that both share one build of every dependency.
	$(CARGO) build --workspace --bins --tests
	RUST_TEST_THREADS=$${RUST_TEST_THREADS:-4} $(CARGO) test --workspace

.PHONY: test-ends
test-ends: toolchain ## the rollout, the way back and the gate on PostgreSQL 14 and 18
	$(CARGO) build --workspace --bins --tests
	for major in $(ENDS); do \
	  bin=$$(rehearse/install-postgres $$major); echo "PostgreSQL $$major: $$bin"; \
	  ISOLATION_PG_BIN=$$bin RUST_TEST_THREADS=$${RUST_TEST_THREADS:-4} $(CARGO) test --workspace --test rollout -- $(VERSIONED); \
	done

.PHONY: test-matrix
test-matrix: toolchain pgbouncer ## the whole test suite on PostgreSQL 14 to 18
	$(CARGO) build --workspace --bins --tests
	for major in 14 15 16 17 18; do \
	  bin=$$(rehearse/install-postgres $$major); echo "PostgreSQL $$major: $$bin"; \
	  ISOLATION_PG_BIN=$$bin RUST_TEST_THREADS=$${RUST_TEST_THREADS:-4} $(CARGO) test --workspace; \
	done

.PHONY: bench
bench: postgres ## every bench, on servers of its own; writes its figures into docs/benchmarks.md
	$(CARGO) bench --package rehearse --bench '*'

.PHONY: build
build: toolchain ## the four binaries, in target/debug
	$(CARGO) build --workspace --bins

.PHONY: lint
lint: toolchain $(SQUAWK) ## formatting, clippy (warnings being errors), and squawk over the plans' SQL
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	$(SQUAWK) --pg-version 14 docs/plan/tenantatlas-14.sql
	$(SQUAWK) --pg-version 18 docs/plan/tenantatlas-18.sql

$(SQUAWK):
	@command -v python3 >/dev/null || { \
	  echo "squawk, the linter of migrations, comes from PyPI: install python3 with pip, then run make again"; exit 1; }
	python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore \
	  --target target/squawk-$(SQUAWK_VERSION) squawk-cli==$(SQUAWK_VERSION)

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

.PHONY: pgbouncer
pgbouncer:
	@tests/install-pgbouncer >/dev/null

.PHONY: toolchain
toolchain:
	@command -v $(CARGO) >/dev/null || { \
	  echo "cargo is not installed: get Rust 1.94 or newer from https://rustup.rs, then run make again"; exit 1; }
