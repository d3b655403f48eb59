# `make test` and `make demo` fetch what they need first: Rust, Python 3 with
# pip or venv, make and a C compiler are all that has to be there.

.POSIX:

CARGO = cargo
PYTHON = python3
# How many random rules `make soundness` tries: an hour or two on 2 cores.
SOUNDNESS_RULES = 100000
# The version of cargo-mutants.
MUTANTS_VERSION = 27.1.0

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

setup: .venv/requirements.txt z3 ## Z3 into .z3, the test runners into .venv

z3: .venv/requirements.txt
	@$(PYTHON) scripts/setup-z3

# The copy is made last, and says that the folder is complete.
.venv/requirements.txt: tests/requirements.txt
	rm -rf .venv
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip --disable-pip-version-check install --quiet \
	    --no-deps --only-binary :all: --require-hashes -r tests/requirements.txt
	cp tests/requirements.txt .venv/requirements.txt

test: lint ## everything that has to pass: format, lints, tests, documentation
	$(CARGO) test --locked --workspace
	RUSTDOCFLAGS=-Dwarnings $(CARGO) doc --locked --workspace --no-deps

lint: setup ## format and lints
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings

demo: programs ## tests for two examples, run on their right and faulty servers
	$(PYTHON) scripts/demo

steady: programs ## the same tests 20 times on right servers, in random order
	$(PYTHON) scripts/steady

mutants: programs .tools/$(MUTANTS_VERSION) ## half an hour or more: do the tests notice changes of the servers' rules?
	$(PYTHON) scripts/mutants

programs: setup
	$(CARGO) build --locked --release -p crossfield -p payments-server -p booking-server

.tools/$(MUTANTS_VERSION):
	rm -rf .tools
	$(CARGO) install cargo-mutants --locked --version $(MUTANTS_VERSION) --root .tools --profile dev
	touch $@

soundness: setup ## random rules: are the claims about what is untestable true?
	CROSSFIELD_SOUNDNESS_RULES=$(SOUNDNESS_RULES) \
	    $(CARGO) test --locked --release --test soundness -- --nocapture

bench: setup ## how long `check` takes on 100 rules over 1 MB, and sequences by their length
	$(CARGO) bench --locked --bench check --bench sequences

clean: ## what was built
	$(CARGO) clean

distclean: clean ## what was built and fetched
	rm -rf .z3 .venv .tools

.PHONY: help setup z3 test lint demo steady mutants programs soundness bench clean distclean
