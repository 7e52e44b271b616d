"""What undoes a fact is a fact of its own: totals never fall by it, net figures follow, in whatever order both come."""

from models.catalogue import (
    ACCOUNTS,
    ACTIVATIONS_RETRACTED,
    EXPIRIES,
    IDENTITY_RECORDS,
    LOCKS,
    RECORDS_RETRACTED,
    UNLOCKS,
    Kind,
)
from models.net_figures import ACCOUNTS_ACTIVE, ACCOUNTS_NET, RECORDS_NET
from operations.recount.unmatched import count_unmatched
from tests.integration.commands import onboarding
from tests.integration.events import make_event, to_record
from tests.integration.laws import find_drifts
from tests.integration.system import Process, System, total_of, wait_for_total, wait_until
from upstream.publishing.outgoing import Outgoing

FIRST, SECOND = "018fc2a4-7b1e-7c3d-9a52-3f6e8d0b1c2f", "018fc2a4-7b1e-7c3d-9a52-3f6e8d0b1c30"


def about(kind: Kind, key: str, **data: object) -> Outgoing:
    """Return a record of a kind about a fact that is named by its business key."""
    return to_record(kind, make_event(kind, data={kind.business_key: key, **data}))


def nets(worker: Process) -> list[float | None]:
    """Return the net figures that are shown."""
    return [worker.value(net.metric) for net in (RECORDS_NET, ACCOUNTS_NET, ACCOUNTS_ACTIVE)]


async def test_a_retraction_lowers_the_net_figure_and_never_the_total(system: System) -> None:
    """Before its fact or after it, sent once or three times; what it undoes nobody knows is told."""
    system.start("consume")
    worker = system.start("total")
    after, before = about(RECORDS_RETRACTED, FIRST), about(RECORDS_RETRACTED, SECOND)
    await system.publish([about(IDENTITY_RECORDS, FIRST), before])
    await system.await_consumed(2)
    assert await count_unmatched(system.database_url) == {
        RECORDS_RETRACTED.name: 1,
        ACTIVATIONS_RETRACTED.name: 0,
        UNLOCKS.name: 0,
        EXPIRIES.name: 0,
    }
    assert f"{RECORDS_RETRACTED.name}: 1 about something" in onboarding(system, "recount", worker=worker).stdout
    await system.publish([after, after, before, about(IDENTITY_RECORDS, SECOND)])
    await system.await_consumed(6)
    await wait_for_total(worker, IDENTITY_RECORDS, 2)
    await wait_for_total(worker, RECORDS_RETRACTED, 2)
    assert nets(worker)[0] == 0
    assert (await count_unmatched(system.database_url))[RECORDS_RETRACTED.name] == 0
    assert await find_drifts(system, worker) == []
    shown = onboarding(system, "totals", worker=worker).stdout
    assert "identity records net: 0. Electronic identification records received, less those withdrawn." in shown


async def test_active_accounts_follow_locks_expiries_and_reversals(system: System) -> None:
    """One account is locked and unlocked, one expires while it is locked, one is reversed."""
    system.start("consume")
    worker = system.start("total")
    accounts = [f"018fc2a4-7b1e-7c3d-9a52-{number:012x}" for number in range(5)]
    await system.publish([about(ACCOUNTS, account) for account in accounts])
    await system.publish([about(LOCKS, FIRST), about(LOCKS, SECOND), about(UNLOCKS, FIRST)])
    await wait_for_total(worker, ACCOUNTS, 5)
    wait_until(lambda: nets(worker)[1:] == [5, 4], "the lock in force is taken off")
    await system.publish(
        [
            about(EXPIRIES, accounts[0], state_before="locked"),
            about(EXPIRIES, accounts[1]),
            about(ACTIVATIONS_RETRACTED, accounts[2]),
        ]
    )
    wait_until(lambda: nets(worker)[1:] == [4, 2], "the accounts that are left are shown")
    assert total_of(worker, ACCOUNTS) == 5
