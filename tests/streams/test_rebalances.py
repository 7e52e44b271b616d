"""What a stream worker does in a rebalance, which Faust tells by its signals."""

from models.catalogue import KINDS
from streams.board import Board
from streams.process import _follow_rebalances
from streams.topology import build_app
from tests.streams.pages import fill


async def test_an_active_worker_stands_by_when_its_partition_is_revoked_and_settles_afterwards() -> None:
    """It has not joined the rebalance yet, so nobody else is active; when it has, another one may be."""
    app, board = build_app("127.0.0.1:1", 1), Board(lambda: 0.0)

    async def settle(*_arguments: object, **_options: object) -> None:
        board.activate(board.turn, [])
        fill(board, 5)

    _follow_rebalances(app, board, settle)
    board.confirm(6.0)
    await app.on_rebalance_complete.send()
    assert set(board.show()) == {kind.name for kind in KINDS}
    await app.on_partitions_revoked.send(set())
    assert board.show() == {}
    await app.on_rebalance_complete.send()
    assert set(board.show()) == {kind.name for kind in KINDS}
