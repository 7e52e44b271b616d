# The commands of this project. Each makes what it needs; nothing has to be installed before but Python 3.11.
#   make run               everything on this machine: servers, processes, the 1 : 1000 history, the proof; then it serves
#   make run ARGS=--exit   the same, and ends; exit code 0 only if every total is exact
#   make test              every check and every test, the ones with containers too
#   make check             lint, types, import contracts, generated documents, and the unit tests (a minute)
#   make unit              the tests that need neither a container nor a network (half a minute)
#   make format            formats the code and mends what the linter can; `make hook` lets git do it before each commit
#   make steady            all tests RUNS=10 times, every other time with busy cores: not one may ever fail
#   make faults            60 faults one after the other, then MINUTES=20 of faults on top of each other; SEED=1
#                          BROKERS=1 or 3, FAULTS=60, and ARGS for what `python -m tests.faults --help` says
#   make fuzz              bytes that reach new lines of the codec, batches, valid and nearly valid events: MINUTES=5 each
#   make alerts            every alert, caused by a fault, in Prometheus and Alertmanager (a quarter of an hour)
#   make interop           what SDKs and Kafka clients of Python, Java, Go and JavaScript write, in every codec, is counted
#   make overload          ten times more records than can be recorded, for 5 minutes
#   make bench             how fast this is, beside a bare loop, Kafka Streams, Flink, Quix Streams and Faust (an hour)
#   make nation            the history at 1 : 1, 153 million events, generated while they are recorded (60 GB of disk)

PYTHON ?= python3.11
# What is compiled once need not be compiled by each process again.
export PYTHONDONTWRITEBYTECODE :=
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
VENV := .venv
BIN := $(VENV)/bin

MINUTES ?= 20
SEED ?= 1
FAULTS ?= 60
BROKERS ?= 1

RUNS ?= 10
# Whole files to a worker. Four for two cores: half of the time a test waits for servers.
WORKERS ?= 4
SIDE_BY_SIDE := --numprocesses=$(WORKERS)

.PHONY: run test steady check unit format hook faults alerts interop overload fuzz bench nation lint lock docs

run: $(VENV)/ready
	@$(BIN)/onboarding run $(ARGS)

test: $(VENV)/ready
	@deploy/engine.sh during sh -c '$(IMAGES) & $(COMPILE) & compiling=$$!; \
		$(MAKE) --no-print-directory lint && { wait $$compiling; exec "$$@"; }' sh \
		$(BIN)/python -m pytest $(SIDE_BY_SIDE) $(ARGS)

# Tests wait for them where they need them; what needs the processor goes on beside it.
IMAGES := PYTHON=$(CURDIR)/$(BIN)/python deploy/images/build.sh
# Once: else each worker compiles what it imports at the same time as the others, for a minute of processor time.
COMPILE := $(BIN)/python -m pytest --collect-only --quiet $(ARGS) > $(VENV)/collected.log

check: lint unit

steady: $(VENV)/ready
	@tests/steady.sh $(RUNS)

unit: WORKERS = 2
unit: $(VENV)/ready
	@$(BIN)/python -m pytest $(SIDE_BY_SIDE) -m "not engine and not slow" $(ARGS)

faults: $(VENV)/ready
	@$(BIN)/python -m tests.faults \
		--minutes $(MINUTES) --seed $(SEED) --faults $(FAULTS) --brokers $(BROKERS) $(ARGS)

alerts: $(VENV)/ready
	@$(BIN)/python -m tests.alerts $(ARGS)

interop: $(VENV)/ready
	@$(BIN)/python -m tests.interop $(ARGS)

overload: $(VENV)/ready
	@$(BIN)/python -m tests.faults.overload 5 var/overload.json

fuzz: MINUTES = 5
fuzz: $(VENV)/ready
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/fuzz.txt
	@$(BIN)/python -m tests.fuzz $(MINUTES)
	@$(BIN)/python -m tests.fuzz.process $(MINUTES)
	@$(BIN)/python -m tests.fuzz.valid $(MINUTES)
	@$(BIN)/python -m tests.fuzz.equality $(MINUTES)

bench: $(VENV)/ready
	@$(BIN)/python -m benchmarks compare $(ARGS)

nation: $(VENV)/ready
	@$(BIN)/python -m benchmarks nation $(ARGS)

lint: $(VENV)/ready
	@echo "lint: ruff, mypy, import contracts, generated documents"
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo > $(VENV)/imports.log 2>&1 || { cat $(VENV)/imports.log; exit 1; }
	@$(BIN)/python -m onboarding.documents check

format: $(VENV)/ready
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .

hook:
	@git config core.hooksPath .githooks

docs: $(VENV)/ready
	@$(BIN)/python -m onboarding.documents write

$(VENV)/ready: requirements/dev.txt pyproject.toml
	@command -v $(PYTHON) > /dev/null || { echo "make: $(PYTHON) is needed; name another with PYTHON=/path/to/python3.11"; exit 1; }
	@echo "environment: the pinned packages into $(VENV) (about a minute, once)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --disable-pip-version-check --no-input --no-compile --require-hashes -r requirements/dev.txt 2>&1 | $(TELL_PROGRESS)
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# Not compiled: of 5,000 modules a tenth is ever imported, and Python compiles those as it comes to them.
# pip says a line or more for each package; a person who waits wants to know how many are left.
TELL_PROGRESS = awk -v of="$$(grep -c '^[a-z].*==' requirements/dev.txt)" ' \
	/^Collecting / { if (++n % 20 == 0) print "environment: fetched " n " of at most " of " packages" } \
	/^Installing collected/ { print "environment: installing them"; n = 0 } \
	/^ERROR|^Could not|error:/ { print } { fflush() }'

lock:
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--no-annotate pyproject.toml -o requirements/service.txt
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--no-annotate pyproject.toml --group dev -o requirements/dev.txt
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--no-annotate --group fuzz -o requirements/fuzz.txt
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--no-annotate --group interop -o requirements/interop.txt
