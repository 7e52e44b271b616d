"""What a stream worker may show, and when it must be silent."""

from math import inf
from uuid import UUID

import pytest

from models.catalogue import KINDS, LOGINS
from streams.board import Board
from tests.doubles.clock import Clock
from tests.streams.pages import fill, hear, make_page, refer


def _make_board(clock: Clock) -> Board:
    """Return a board that is active under a lease of six seconds."""
    board = Board(clock)
    board.activate(board.turn, [])
    board.confirm(6.0)
    return board


def test_complete_pages_are_summed() -> None:
    """The total is the sum over source partitions."""
    board = _make_board(Clock(0.0))
    fill(board, 5)
    assert {name: total.facts for name, total in board.show().items()} == {kind.name: 10 for kind in KINDS}


def test_a_standby_shows_nothing() -> None:
    """Its pages are there too, and lag."""
    board = Board(Clock(0.0))
    fill(board, 5)
    board.confirm(6.0)
    assert board.show() == {}


def test_nothing_is_shown_when_the_lease_has_ended() -> None:
    """After it another worker may be the active one; a confirmation brings the totals back."""
    clock = Clock(0.0)
    board = _make_board(clock)
    fill(board, 5)
    clock.now = 6.0
    assert board.show() == {}
    board.confirm(12.0)
    assert board.show()[LOGINS.name].facts == 10


def test_a_total_is_absent_until_a_page_of_every_source_partition_is_there() -> None:
    """Never partial; the other kinds are shown, and the worker is not yet ready."""
    board = _make_board(Clock(0.0))
    fill(board, 5)
    alone = Board(Clock(0.0))
    alone.activate(alone.turn, [])
    alone.confirm(6.0)
    hear(alone, make_page(LOGINS, 0, 5))
    assert alone.show() == {}
    assert alone.incomplete
    assert not board.incomplete


def test_an_older_page_changes_nothing() -> None:
    """Repeated, reordered, or of a zombie: the page of the greatest version stays."""
    board = _make_board(Clock(0.0))
    fill(board, 5)
    assert not hear(board, make_page(LOGINS, 0, 4))
    assert not hear(board, make_page(LOGINS, 0, 5))
    assert board.show()[LOGINS.name].facts == 10
    assert hear(board, make_page(LOGINS, 0, 6))
    assert board.show()[LOGINS.name].facts == 11


def test_a_total_once_shown_stays_while_new_source_partitions_have_no_page_yet() -> None:
    """A topic that grows from two to four partitions must not make its total disappear or dip."""
    board = _make_board(Clock(0.0))
    fill(board, 5)
    assert board.show()[LOGINS.name].facts == 10
    hear(board, make_page(LOGINS, 0, 6, partitions=4))
    assert board.show()[LOGINS.name].facts == 10
    for partition in (1, 2, 3):
        hear(board, make_page(LOGINS, partition, 6, partitions=4))
    assert board.show()[LOGINS.name].facts == 24


def test_a_worker_that_becomes_active_again_knows_only_what_stands_announced() -> None:
    """What it knew before may be older than what another worker has shown meanwhile."""
    board = _make_board(Clock(0.0))
    fill(board, 5)
    board.show()
    board.stand_by()
    assert board.show() == {}
    announced = [make_page(LOGINS, partition, 7) for partition in range(2)]
    board.activate(board.turn, [(announced[0], 0)])
    assert board.show() == {}
    hear(board, announced[1])
    assert {name: total.facts for name, total in board.show().items()} == {LOGINS.name: 14}


def test_a_turn_that_is_over_makes_nobody_active() -> None:
    """Catching up takes time: a rebalance meanwhile may have made another worker the active one."""
    board = Board(Clock(0.0))
    fill(board, 5)
    board.confirm(6.0)
    turn = board.turn
    board.stand_by()
    board.activate(turn, [])
    assert board.show() == {}


OURS, STRANGER = UUID(int=1), UUID(int=2)


def _make_owned_board(clock: Clock, owner: list[UUID | None]) -> Board:
    """Return an active board that shows the last owner of a list."""
    board = Board(clock, lambda: owner[-1])
    board.activate(board.turn, [])
    board.confirm(1_000.0)
    return board


def _take_both(board: Board, facts: int, ledger: UUID | None, **fields: int) -> None:
    for partition in range(2):
        hear(board, make_page(LOGINS, partition, facts, ledger, **fields))


def test_a_strangers_pages_are_passed_over_and_counted() -> None:
    """However new they are: A, then B, then A again shows A."""
    board = _make_owned_board(Clock(0.0), [OURS])
    _take_both(board, 5, OURS)
    _take_both(board, 9, STRANGER, epoch=7)
    _take_both(board, 6, OURS)
    assert board.show()[LOGINS.name].facts == 12
    assert board.passed_over == {"stranger": 2}


def test_pages_of_the_version_before_count_until_one_says_whose_it_is() -> None:
    """They are read during one upgrade."""
    board = _make_owned_board(Clock(0.0), [OURS])
    _take_both(board, 5, None)
    assert board.show()[LOGINS.name].facts == 10
    hear(board, make_page(LOGINS, 0, 6, OURS))
    hear(board, make_page(LOGINS, 0, 7, None))
    assert board.show()[LOGINS.name].facts == 11


def test_when_another_ledger_takes_over_the_last_complete_total_stays_and_is_marked() -> None:
    """Until every page of the new one has come; never a sum of both."""
    owner: list[UUID | None] = [OURS]
    board = _make_owned_board(Clock(0.0), owner)
    _take_both(board, 5, OURS)
    assert (board.show()[LOGINS.name].facts, board.ages()[LOGINS.name]) == (10, 0.0)
    owner.append(STRANGER)
    hear(board, make_page(LOGINS, 0, 1, STRANGER))
    assert (board.show()[LOGINS.name].facts, board.ages()[LOGINS.name]) == (10, inf)
    hear(board, make_page(LOGINS, 1, 1, STRANGER))
    assert (board.show()[LOGINS.name].facts, board.ages()[LOGINS.name]) == (2, 0.0)


def test_a_total_is_as_old_as_its_oldest_part() -> None:
    """A page that is announced again is new again, though it says the same; one older than it is not."""
    clock = Clock(0.0)
    board = _make_owned_board(clock, [OURS])
    _take_both(board, 5, OURS)
    clock.now = 10.0
    hear(board, make_page(LOGINS, 0, 5, OURS))
    assert board.ages()[LOGINS.name] == 10.0
    hear(board, make_page(LOGINS, 1, 4, OURS))
    assert (board.ages()[LOGINS.name], board.passed_over) == (10.0, {"older": 1})
    hear(board, make_page(LOGINS, 1, 5, OURS))
    assert board.ages()[LOGINS.name] == 0.0


def test_what_stands_announced_is_shown_and_known_to_be_current_only_after_a_look_without_it() -> None:
    """It may have stood there for days; a worker that stood by has looked before."""
    clock = Clock(0.0)
    board = Board(clock, lambda: OURS)
    for clock.now, end in ((100.0, 7), (101.0, 8), (103.5, 9)):
        board.ends.note(clock.now, end)
    board.confirm(200.0)
    for offset, age in ((6, inf), (7, 3.5), (8, 2.5), (9, 0.0)):
        pages = [refer(make_page(LOGINS, 0, 5, OURS), offset), refer(make_page(LOGINS, 1, 5, OURS), 9)]
        board.activate(board.turn, [(page, 10) for page in pages])
        assert (board.show()[LOGINS.name].facts, board.ages()[LOGINS.name]) == (10, age)


def test_a_page_that_waited_in_a_backlog_is_as_old_as_it_is() -> None:
    """However late it is taken in: a worker that lags shows what was, and says so."""
    clock = Clock(0.0)
    board = _make_owned_board(clock, [OURS])
    for look in range(20):
        board.ends.note(float(look), 2 * look)
    for clock.now, offset in ((19.0, 4), (19.1, 6), (19.2, 38)):
        for partition in range(2):
            board.take(refer(make_page(LOGINS, partition, 5, OURS), offset), offset + 1 + partition)
        assert board.ages()[LOGINS.name] == clock.now - offset // 2


@pytest.mark.parametrize(
    ("after", "seconds", "offset", "age"),
    [
        (4, 0.0, 5, 8.0),
        (4, -3.5, 90, 11.5),
        (4, 2.5, 90, 5.5),
        (8, 0.0, 8, inf),
        (30, 0.0, 9, inf),
        (None, 0.0, 9, inf),
    ],
    ids=["at once", "late in the client", "long after it", "by itself", "of a deleted topic", "of an older version"],
)
def test_a_page_is_as_old_as_it_says_by_what_kafka_took_before(
    after: int | None, seconds: float, offset: int, age: float
) -> None:
    """Its place says nothing: it may have waited in a client or in a frozen broker, while the ledger went on."""
    clock = Clock(0.0)
    board = _make_owned_board(clock, [OURS])
    for look in range(11):
        board.ends.note(float(look), 2 * look)
    clock.now = 10.0
    page = make_page(LOGINS, 0, 5, OURS)
    board.take(page if after is None else refer(page, after, seconds), offset)
    board.take(refer(make_page(LOGINS, 1, 5, OURS), 20), 90)
    assert board.ages()[LOGINS.name] == age


def test_a_forged_page_is_shown_and_marked_once_the_ledger_goes_on() -> None:
    """Whoever writes in the ledger's name writes a page that its owner does not announce again."""
    clock = Clock(0.0)
    board = _make_owned_board(clock, [OURS])
    _take_both(board, 5, OURS)
    hear(board, make_page(LOGINS, 0, 1_000, OURS))
    for clock.now in (5.0, 10.0, 16.0):
        _take_both(board, 6, OURS)
    assert board.ages()[LOGINS.name] == 16.0
    assert board.passed_over == {"older": 3}
