"""The topology is the catalogue's: nothing is discovered by itself, so nothing can be missing in silence."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import faust
import pytest

from models.catalogue import KINDS, LOGINS
from models.tally import Page
from streams.board import Board
from streams.pulse import Pulse
from streams.topology import _make_body, add_agents, build_app, read_page
from tests.streams.pages import make_page


@pytest.fixture
def app() -> faust.App:
    """Give an application that is not started."""
    return build_app("127.0.0.1:1", 1)


def _ignore(_bug: Exception) -> None:
    """Take a crash report."""


async def test_every_kind_has_an_agent_of_its_own(app: faust.App) -> None:
    """One total, one agent: as many as the catalogue has kinds. No table: the tallies topic holds every page."""
    add_agents(app, Board(lambda: 0.0), Pulse([]), _ignore)
    assert set(app.agents) == {f"total_{kind.name}" for kind in KINDS}
    assert not app.tables


async def test_the_application_serves_no_tables_and_trusts_no_transactions(app: faust.App) -> None:
    """Faust's web server would hand out table data; its exactly-once loses and doubles."""
    assert not app.conf.web_enabled
    assert not app.in_transaction


STRANGE: dict[str, list[Any]] = {
    "partition": [-1, 2**31],
    "partitions": [0, -1, 10**12],
    "epoch": [-1, 2**63],
    "revision": [2**63, "1" * 5_000],
    "totals": [{"all": {"": 10**400}}, {"all": {"": 1e400}}, {"all": 1}],
    "days": [{"2024-06-05": 2**63}, {"10000-01-01": 1}],
    "newest_at": ["10000-01-01T00:00:00Z", 10**30],
    "opening": [{"as_of": "2023-12-31", "facts": {"all": {"": -1}}}],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in STRANGE.items() for value in values])
def test_a_page_that_says_what_nobody_can_count_is_passed_over(field: str, value: Any) -> None:
    """To show such a number would fail at every scrape."""
    page = make_page(LOGINS, 0, 1).model_dump(mode="json") | {field: value}
    assert read_page(json.dumps(page).encode()) is None


async def test_a_record_without_a_value_is_passed_over() -> None:
    """The topic is compacted: anybody may publish that nothing is left of a key."""
    board = RecordingBoard(lambda: 0.0)
    pages = [None, b"", make_page(LOGINS, 0, 2).model_dump_json().encode()]
    await _make_body(LOGINS, board, Pulse([LOGINS.name]), _ignore)(_Stream(pages))  # type: ignore[arg-type]
    assert len(board.taken) == 1


@pytest.mark.parametrize("value", [b"", b"{", b"[]", b'{"topic": "onboarding.unknown.v1"}', b"\xff"])
def test_what_is_no_page_is_passed_over(value: bytes) -> None:
    """Nothing on the tallies topic may stop an agent."""
    assert read_page(value) is None


def test_a_page_of_a_topic_that_is_not_in_the_catalogue_is_passed_over() -> None:
    """An older or newer version of this software may know kinds that this one does not."""
    page = make_page(LOGINS, 0, 1).model_copy(update={"topic": "onboarding.unheard-of.v1"})
    assert read_page(page.model_dump_json().encode()) is None


async def test_an_agent_keeps_the_newest_page_of_its_own_kind_only() -> None:
    """An older page changes nothing, and one of another kind is another agent's."""
    board, pulse = RecordingBoard(lambda: 0.0), Pulse([LOGINS.name])
    pages = [make_page(LOGINS, 0, 2), make_page(LOGINS, 0, 1), make_page(KINDS[0], 0, 9)]
    await _make_body(LOGINS, board, pulse, _ignore)(_Stream([page.model_dump_json().encode() for page in pages]))  # type: ignore[arg-type]
    assert board.taken == [(pages[0], True), (pages[1], False)]


async def test_a_bug_in_an_agent_is_reported_and_raised() -> None:
    """Faust alone would pass over the page and go on; the process must end instead."""
    reported: list[Exception] = []
    body = _make_body(LOGINS, BrokenBoard(lambda: 0.0), Pulse([]), reported.append)
    with pytest.raises(RuntimeError, match="planted"):
        await body(_Stream([make_page(LOGINS, 0, 1).model_dump_json().encode()]))  # type: ignore[arg-type]
    assert [bug.args for bug in reported] == [("planted", LOGINS.topic, 0)]


@dataclass
class RecordingBoard(Board):
    """A board that notes which pages it took, and whether each was the newest."""

    taken: list[tuple[Page, bool]] = field(default_factory=list, init=False)

    def take(self, page: Page, offset: int) -> bool:
        """Take a page."""
        self.taken.append((page, super().take(page, offset)))
        return self.taken[-1][1]


class BrokenBoard(Board):
    """A board that takes no page."""

    def take(self, page: Page, offset: int) -> bool:
        """Fail."""
        raise RuntimeError("planted", page.topic, offset)


class _Stream:
    """Stands in for Faust's stream."""

    def __init__(self, values: Sequence[bytes | None]) -> None:
        self._values = values

    async def events(self) -> AsyncIterator[SimpleNamespace]:
        """Yield each value with its offset."""
        for offset, value in enumerate(self._values):
            yield SimpleNamespace(value=value, message=SimpleNamespace(offset=offset))
