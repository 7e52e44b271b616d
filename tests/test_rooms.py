"""What each room may do, as far as imports cannot say it: SQL that writes stands in the ledger's room alone."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from setuptools import find_packages

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
ROOMS = [room for room in PROJECT["tool"]["importlinter"]["root_packages"] if room != "ledger"]
WRITES = re.compile(r"\b(INSERT\s+INTO|UPDATE\s+\S+(\s+AS\s+\S+)?\s+SET|DELETE\s+FROM|MERGE\s+INTO|TRUNCATE\s+TABLE)\b")
WRITING_CALLS = {"copy_records_to_table", "copy_to_table"}


def find_writes(source: str) -> Iterator[int]:
    """Yield the lines in which a module writes to Postgres."""
    for node in ast.walk(ast.parse(source)):
        if WRITES.search(text_of(node)) or (isinstance(node, ast.Attribute) and node.attr in WRITING_CALLS):
            yield getattr(node, "lineno", 0)


def text_of(node: ast.AST) -> str:
    """Return what a constant or a template says, with a name for each thing that is put in."""
    if isinstance(node, ast.JoinedStr):
        return "".join(map(text_of, node.values))
    if isinstance(node, ast.FormattedValue):
        return "name"
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


@pytest.mark.parametrize("room", ROOMS)
def test_only_the_ledger_writes(room: str) -> None:
    """Whoever asks what may change a row has one folder to read."""
    modules = list((ROOT / room).rglob("*.py"))
    assert modules
    assert {(path.relative_to(ROOT), line) for path in modules for line in find_writes(path.read_text())} == set()


@pytest.mark.parametrize(
    "planted",
    [
        'X = "UPDATE progress SET epoch = 1"',
        'X = f"INSERT INTO {table} VALUES ($1)"',
        'X = f"UPDATE {kind.table} SET {columns}"',
        'X = """\nDELETE FROM refused WHERE true"""',
        "async def f(c):\n    await c.copy_records_to_table(1)",
    ],
)
def test_sql_that_writes_is_found(planted: str) -> None:
    """In constants, in templates and in calls."""
    assert list(find_writes(planted))


def test_the_ledger_itself_would_be_found() -> None:
    """The rule looks for what is really there."""
    assert any(list(find_writes(path.read_text())) for path in (ROOT / "ledger").glob("*.py"))


def test_what_is_shipped_holds_no_generator() -> None:
    """Who runs the system has what was generated; the generators need packages that only who works on it has."""
    found = PROJECT["tool"]["setuptools"]["packages"]["find"]
    packages = find_packages(str(ROOT), include=found["include"], exclude=found["exclude"])
    assert set(ROOMS) | {"ledger", "ledger.migrations", "onboarding.cli"} <= set(packages)
    assert [name for name in packages if name.startswith(("onboarding.documents", "tests", "benchmarks"))] == []
