"""What a stream worker may show, and when it must be silent."""

from models.catalogue import KINDS, LOGINS
from streams.board import Board
from tests.streams.pages import fill, make_page


class Clock:
    """Seconds that a test moves on."""

    now = 0.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.now


def _make_board(clock: Clock) -> Board:
    """Return a board that is active under a lease of six seconds."""
    board = Board(clock)
    board.activate(board.turn, [])
    board.confirm(6.0)
    return board


def test_complete_pages_are_summed() -> None:
    """The total is the sum over source partitions."""
    board = _make_board(Clock())
    fill(board, 5)
    assert {name: total.facts for name, total in board.show().items()} == {kind.name: 10 for kind in KINDS}


def test_a_standby_shows_nothing() -> None:
    """Its pages are there too, and lag."""
    board = Board(Clock())
    fill(board, 5)
    board.confirm(6.0)
    assert board.show() == {}


def test_nothing_is_shown_when_the_lease_has_ended() -> None:
    """After it another worker may be the active one; a confirmation brings the totals back."""
    clock = Clock()
    board = _make_board(clock)
    fill(board, 5)
    clock.now = 6.0
    assert board.show() == {}
    board.confirm(12.0)
    assert board.show()[LOGINS.name].facts == 10


def test_a_total_is_absent_until_a_page_of_every_source_partition_is_there() -> None:
    """Never partial; the other kinds are shown, and the worker is not yet ready."""
    board = _make_board(Clock())
    fill(board, 5)
    alone = Board(Clock())
    alone.activate(alone.turn, [])
    alone.confirm(6.0)
    alone.take(make_page(LOGINS, 0, 5))
    assert alone.show() == {}
    assert alone.incomplete
    assert not board.incomplete


def test_an_older_page_changes_nothing() -> None:
    """Repeated, reordered, or of a zombie: the page of the greatest version stays."""
    board = _make_board(Clock())
    fill(board, 5)
    assert not board.take(make_page(LOGINS, 0, 4))
    assert not board.take(make_page(LOGINS, 0, 5))
    assert board.show()[LOGINS.name].facts == 10
    assert board.take(make_page(LOGINS, 0, 6))
    assert board.show()[LOGINS.name].facts == 11


def test_a_total_once_shown_stays_while_new_source_partitions_have_no_page_yet() -> None:
    """A topic that grows from two to four partitions must not make its total disappear or dip."""
    board = _make_board(Clock())
    fill(board, 5)
    assert board.show()[LOGINS.name].facts == 10
    board.take(make_page(LOGINS, 0, 6, partitions=4))
    assert board.show()[LOGINS.name].facts == 10
    for partition in (1, 2, 3):
        board.take(make_page(LOGINS, partition, 6, partitions=4))
    assert board.show()[LOGINS.name].facts == 24


def test_a_worker_that_becomes_active_again_knows_only_what_stands_announced() -> None:
    """What it knew before may be older than what another worker has shown meanwhile."""
    board = _make_board(Clock())
    fill(board, 5)
    board.show()
    board.stand_by()
    assert board.show() == {}
    announced = [make_page(LOGINS, partition, 7) for partition in range(2)]
    board.activate(board.turn, announced[:1])
    assert board.show() == {}
    board.take(announced[1])
    assert {name: total.facts for name, total in board.show().items()} == {LOGINS.name: 14}


def test_a_turn_that_is_over_makes_nobody_active() -> None:
    """Catching up takes time: a rebalance meanwhile may have made another worker the active one."""
    board = Board(Clock())
    fill(board, 5)
    board.confirm(6.0)
    turn = board.turn
    board.stand_by()
    board.activate(turn, [])
    assert board.show() == {}
