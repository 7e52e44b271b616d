"""The topology is the catalogue's: nothing is discovered by itself, so nothing can be missing in silence."""

from collections.abc import AsyncIterator
from pathlib import Path

import faust
import pytest

from models.catalogue import KINDS, LOGINS
from models.topics import TALLIES
from streams.board import Board
from streams.pulse import Pulse
from streams.topology import _make_body, add_agents, build_app, read_page
from tests.streams.pages import make_page


@pytest.fixture
def app(tmp_path: Path) -> faust.App:
    """Give an application that is not started."""
    return build_app("127.0.0.1:1", str(tmp_path), 1)


def _ignore(_bug: Exception) -> None:
    """Take a crash report."""


async def test_every_kind_has_an_agent_and_a_table_of_its_own(app: faust.App) -> None:
    """One total, one agent: as many as the catalogue has kinds."""
    tables = add_agents(app, Board(lambda: 0.0), Pulse([]), _ignore)
    assert set(tables) == {kind.name for kind in KINDS}
    assert set(app.agents) == {f"total_{kind.name}" for kind in KINDS}
    assert {table.changelog_topic.partitions for table in tables.values()} == {TALLIES.partitions}


async def test_the_application_serves_no_tables_and_trusts_no_transactions(app: faust.App) -> None:
    """Faust's web server would hand out table data; its exactly-once loses and doubles."""
    assert not app.conf.web_enabled
    assert not app.in_transaction


@pytest.mark.parametrize("value", [b"", b"{", b"[]", b'{"topic": "onboarding.unknown.v1"}', b"\xff"])
def test_what_is_no_page_is_passed_over(value: bytes) -> None:
    """Nothing on the tallies topic may stop an agent."""
    assert read_page(value) is None


def test_a_page_of_a_topic_that_is_not_in_the_catalogue_is_passed_over() -> None:
    """An older or newer version of this software may know kinds that this one does not."""
    page = make_page(LOGINS, 0, 1).model_copy(update={"topic": "onboarding.unheard-of.v1"})
    assert read_page(page.model_dump_json().encode()) is None


async def test_an_agent_keeps_the_newest_page_of_its_own_kind_only() -> None:
    """The table is written when a page is newer, and never for another kind."""
    table: dict[str, object] = {}
    pulse = Pulse([LOGINS.name])
    body = _make_body(LOGINS, table, Board(lambda: 0.0), pulse, _ignore)  # type: ignore[arg-type]
    pages = [make_page(LOGINS, 0, 2), make_page(LOGINS, 0, 1), make_page(KINDS[0], 0, 9)]
    await body(_stream([page.model_dump_json().encode() for page in pages]))  # type: ignore[arg-type]
    assert table == {"0": pages[0].model_dump(mode="json")}


async def test_a_bug_in_an_agent_is_reported_and_raised() -> None:
    """Faust alone would pass over the page and go on; the process must end instead."""
    reported: list[Exception] = []
    table = _BrokenTable()
    body = _make_body(LOGINS, table, Board(lambda: 0.0), Pulse([]), reported.append)  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="planted"):
        await body(_stream([make_page(LOGINS, 0, 1).model_dump_json().encode()]))  # type: ignore[arg-type]
    assert [str(bug) for bug in reported] == ["planted"]


class _BrokenTable:
    """A table that cannot be written."""

    def __setitem__(self, key: str, value: object) -> None:
        """Fail."""
        raise RuntimeError("planted")


async def _stream(values: list[bytes]) -> AsyncIterator[bytes]:
    """Stand in for Faust's stream."""
    for value in values:
        yield value
