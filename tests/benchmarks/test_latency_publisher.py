"""The publisher against a double of aiokafka's producer and a clock that is put forward by hand: an open loop."""

from array import array
from itertools import pairwise

from benchmarks.latency.publisher import Addressed, send_on_schedule
from models.catalogue import IDENTITY_RECORDS
from upstream.publishing.outgoing import Outgoing


class World:
    """A clock, and a producer that takes time: both are doubles."""

    def __init__(self, send_seconds: float) -> None:
        self.now = 0.0
        self.taken: list[bytes] = []
        self._send_seconds = send_seconds
        self.stalls: dict[int, float] = {}

    def clock(self) -> float:
        """Return the time."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    async def send(self, topic: str, key: bytes, value: bytes, partition: int) -> None:
        """Take a record, and time."""
        assert (topic, key, partition) == (IDENTITY_RECORDS.topic, b"key", 7)
        self.now += self._send_seconds + self.stalls.get(len(self.taken), 0.0)
        self.taken.append(value)


def make_record(value: bytes) -> Addressed:
    """Return a record that belongs to partition 7."""
    return Addressed(Outgoing(IDENTITY_RECORDS.topic, b"key", value), 7)


async def publish(world: World, due_at: "array[float]") -> "array[float]":
    """Publish as many events as there are moments; return when each was handed over."""
    records = [make_record(b"%d" % number) for number in range(len(due_at))]
    handed_at = await send_on_schedule(world, records, due_at, world.clock, world.sleep)
    assert world.taken == [record.event.value for record in records]
    return handed_at


async def test_no_event_is_sent_before_it_is_due_and_none_long_after() -> None:
    """A quick producer takes each within the millisecond in which it is due."""
    due_at = array("d", [0.3, 0.3001, 0.3002, 0.5, 0.5, 2.0])
    handed_at = await publish(World(send_seconds=0.0), due_at)
    assert all(0 <= handed - due <= 0.001 for due, handed in zip(due_at, handed_at, strict=True))


async def test_a_stall_moves_no_event_that_is_due_later() -> None:
    """What falls due meanwhile is sent at once afterwards, and then the schedule is as it was."""
    due_at = array("d", [number / 100 for number in range(200)])
    world = World(send_seconds=0.0)
    world.stalls[50] = 1.0
    handed_at = await publish(world, due_at)
    late = [handed - due for due, handed in zip(due_at, handed_at, strict=True)]
    assert max(late[:50]) <= 0.001
    assert late[50] >= 1.0
    assert [round(seconds, 2) for seconds in late[51:54]] == [0.99, 0.98, 0.97]
    assert max(late[151:]) <= 0.001


async def test_a_publisher_that_is_too_slow_is_late_more_and_more_and_still_gives_way() -> None:
    """Its lateness is what the result tells; in between, the producer's own tasks have their turn to send."""
    world = World(send_seconds=0.002)
    turns: list[int] = []

    async def sleep(seconds: float) -> None:
        turns.append(len(world.taken))
        await world.sleep(seconds)

    due_at = array("d", [number / 1000 for number in range(1000)])
    handed_at = await send_on_schedule(world, [make_record(b"")] * len(due_at), due_at, world.clock, sleep)
    assert handed_at[-1] - due_at[-1] > 0.9
    assert max(later - earlier for earlier, later in pairwise(turns)) <= 200
