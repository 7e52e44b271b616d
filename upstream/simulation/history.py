"""The national history of the published figures at any scale, from one seed: a stream of records in order of time."""

from collections.abc import Iterator
from heapq import merge

from upstream.publishing.outgoing import Outgoing
from upstream.simulation.citizens import Citizens
from upstream.simulation.schedule import Schedule
from upstream.simulation.writers import AccountWriter, LoginWriter, RecordWriter


def history(scale: int, seed: int) -> Iterator[Outgoing]:
    """Yield the national history at 1 : scale in order of time; the same seed gives the same bytes.

    Every value is a valid event of the contract. Only counts by day are held, whatever the scale.
    Raises ValueError when the scale is out of range (upstream/simulation/figures.py).
    """
    schedule = Schedule(scale)
    citizens = Citizens(seed)
    records = RecordWriter(citizens, seed)
    accounts = AccountWriter(citizens, schedule, seed)
    logins = LoginWriter(citizens, schedule, seed)
    for day in schedule.days():
        for _, _, outgoing in merge(records.write(day), accounts.write(day), logins.write(day)):
            yield outgoing
