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
EVERYWHERE = (*ROOMS, "ledger", "benchmarks")
# A file for each: what a person types, what a person decides, what changes the schema, what is generated.
ONE_EACH = ("onboarding/cli", "ledger/decisions", "ledger/migrations", "onboarding/documents", "benchmarks")
LINES_MIN = 40
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


def find_needless(root: Path) -> Iterator[str]:
    """Yield short files that might as well stand in the one file of their room that needs them."""
    texts = {path.relative_to(root): path.read_text() for room in EVERYWHERE for path in (root / room).rglob("*.py")}
    imported = {path: imports_of(text) for path, text in texts.items()}
    for path, text in texts.items():
        users = [user for user, names in imported.items() if ".".join(path.with_suffix("").parts) in names]
        in_its_room = [user for user in users if user.parts[0] == path.parts[0]]
        is_short = len(text.splitlines()) < LINES_MIN and not path.as_posix().startswith(ONE_EACH)
        if is_short and len(users) == len(in_its_room) == 1 and "__main__" not in text:
            yield f"{path.as_posix()} is needed by {users[0].as_posix()} alone"


def imports_of(source: str) -> set[str]:
    """Return what a module imports, by whole names."""
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)]
    return {
        name for node in nodes for name in (node.module or "", *(f"{node.module}.{each.name}" for each in node.names))
    }


def test_a_short_file_has_a_reason() -> None:
    """Others need it too, or from another room; it is started by its name; or there is one for each of a sort."""
    assert list(find_needless(ROOT)) == []


def test_a_short_file_without_one_is_found(tmp_path: Path) -> None:
    """Unless a second file needs it, or one of another room."""
    for path, text in (("models/a.py", "X = 1"), ("models/b.py", "from models.a import X"), ("ledger/c.py", "")):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    assert list(find_needless(tmp_path)) == ["models/a.py is needed by models/b.py alone"]
    (tmp_path / "ledger/c.py").write_text("from models import a")
    assert list(find_needless(tmp_path)) == []
