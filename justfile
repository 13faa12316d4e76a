# Tasks for work on gbook. `just` lists them; `just setup` comes first. Each line also works without just.

# List the tasks
default:
    @just --list

# Install gbook, and what tests, lint and docs need, into .venv
setup:
    python3 -m venv .venv
    .venv/bin/pip install -q 'pip>=25.1'
    .venv/bin/pip install -q -c constraints.txt -e . --group dev --group docs

# Run the fast tests, or those that ARGS name
test *ARGS:
    .venv/bin/pytest {{ARGS}}

# Run every test, also slow, fuzz, crash and bench
test-all:
    .venv/bin/pytest -m "" --hypothesis-profile full

# Check format, style, spelling and types
lint:
    .venv/bin/ruff format --check
    .venv/bin/ruff check
    .venv/bin/codespell
    .venv/bin/mypy
    .venv/bin/mypy docs/generate.py

# Format the code and fix what can be fixed
fix:
    .venv/bin/ruff format
    .venv/bin/ruff check --fix

# Generate the reference pages and build the site into site/
docs:
    .venv/bin/python docs/generate.py
    NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --strict

# Record the output in tests and docs again; then read the difference
record:
    GBOOK_RECORD=1 .venv/bin/pytest tests/render tests/cli/test_widths.py tests/test_docs.py tests/test_newcomer.py
    git diff --stat

# Measure gbook beside other programs; ARGS are options of benchmarks/run.py
bench *ARGS:
    .venv/bin/python benchmarks/run.py {{ARGS}}

# Run what continuous integration runs
ci:
    .ci/run
