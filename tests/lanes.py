"""Which tests need what, in which order they run, and how a failed one is run again: a plug-in of pytest.

`engine` is nobody's to write down: a test that asks for the Docker engine, by whatever fixture, has it. What measures
time or memory is marked `alone`: it comes last, and while it runs no other worker of pytest-xdist runs a test.
"""

import fcntl
import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from xdist.scheduler import LoadFileScheduling

MARKERS: Final = {
    "engine": "needs a Docker engine; given by itself to every test that uses one",
    "slow": "takes long: servers or processes of its own, a download, many examples, a minute with the engine",
    "alone": "measures time or memory, so it runs last and beside no other test",
}
# Folders whose files ask one stack of servers.
_FOLDERS: Final = ("tests/compose/",)
# 20 lines: who has more failures than that begins with the first.
_AGAIN_MAX: Final = 20


def pytest_configure(config: pytest.Config) -> None:
    """Tell pytest what the markers mean."""
    for name, meaning in MARKERS.items():
        config.addinivalue_line("markers", f"{name}: {meaning}.")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the engine, and put files in order: what takes long first, so that no worker ends with it."""
    marks: dict[Path, set[str]] = {}
    for item in items:
        if "docker_engine" in getattr(item, "fixturenames", ()):
            item.add_marker("engine")
        marks.setdefault(item.path, set()).update(mark.name for mark in item.iter_markers())
    items.sort(key=lambda item: _place(marks[item.path]))


def _place(marks: set[str]) -> tuple[bool, ...]:
    """Return what a file is put in order by: what takes long, first without the engine, which may have to be made."""
    return "alone" in marks, "slow" not in marks, ("engine" in marks) == ("slow" in marks)


class _WholeFiles(LoadFileScheduling):  # type: ignore[misc] # it has no types
    """Gives whole files to a worker, and whole folders where one stack of servers serves all files."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return next((folder for folder in _FOLDERS if file.startswith(folder)), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _WholeFiles:
    """Let pytest-xdist deal tests out in this way, in the order that they were put in above."""
    config.option.loadscopereorder = False
    return _WholeFiles(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Run a test beside others, or alone: under a lock on a file that every worker has, shared or to oneself."""
    assert item.config.inipath, "no pyproject.toml"
    with item.config.inipath.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX if item.get_closest_marker("alone") else fcntl.LOCK_SH)
        return (yield)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what to type to see a failure again."""
    stats = terminalreporter.stats
    failed = dict.fromkeys(report.nodeid for kind in ("failed", "error") for report in stats.get(kind, ()))
    if failed:
        terminalreporter.section("to see it again")
        python = os.path.relpath(sys.executable)
        for nodeid in list(failed)[:_AGAIN_MAX]:
            terminalreporter.write_line(f"{python} -m pytest {shlex.quote(nodeid)}")
