"""A small record that becomes large, or costs much to look at: memory stays bounded and the others go on."""

from pathlib import Path

from aiokafka import TopicPartition

from models.catalogue import ACCOUNTS, LOGINS
from models.outcomes import Reason
from tests.integration.events import make_record
from tests.integration.gaps import accept_gap, await_stopped
from tests.integration.raw_records import send_batch, send_with_bad_header_name
from tests.integration.system import Process, System
from upstream.publishing.outgoing import Outgoing

# 200 MB of one byte: 0.2 MB with gzip, 0.8 MB with LZ4, 20 kB with Zstandard.
BOMB_BYTES = 200_000_000
# A consumer has some 130 MB; a bomb that was unpacked would be in it twice.
MEGABYTES_MAX = 350


def peak_megabytes(process: Process) -> float:
    """Return how much memory a process has ever had."""
    lines = Path(f"/proc/{process.popen.pid}/status").read_text().splitlines()
    (peak,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
    return int(peak) / 1024


async def test_compression_bombs_stop_their_partition_until_they_are_accepted(system: System) -> None:
    """They are never unpacked whole, whatever was read before; the others go on, and what is behind after a word."""
    consumer, source = system.start("consume"), TopicPartition(LOGINS.topic, 0)
    strange = Outgoing(LOGINS.topic, b"5d" * 32, b"{")
    for number, codec in enumerate((4, 1, 3), 1):  # zstandard, gzip, LZ4
        await send_with_bad_header_name(system.bootstrap, [strange], spoilt=0)
        await send_batch(system.bootstrap, Outgoing(LOGINS.topic, b"5d" * 32, bytes(BOMB_BYTES)), codec)
        await await_stopped(consumer, source, 1)
        await system.publish([make_record(ACCOUNTS) for _ in range(20)])
        await send_with_bad_header_name(system.bootstrap, [strange], spoilt=0)
        answer = await accept_gap(system, source, "--why", "somebody tried a bomb")
        assert f"goes on at offset {3 * number - 1}" in answer.output
        assert f"offsets {3 * number - 2} to {3 * number - 2} are left out" in answer.output
        await await_stopped(consumer, source, 0)
        await system.await_consumed(22 * number)
    flaws = await system.fetch("SELECT kind, flaw, length(batch) < 1_000_000 FROM gap")
    assert [tuple(row) for row in flaws] == [("unreadable", "too_large", True)] * 3
    assert peak_megabytes(consumer) < MEGABYTES_MAX


async def test_a_batch_that_just_fits_is_unpacked(system: System) -> None:
    """And what is in it is refused for its own reason, and not kept: nobody looks at 15 MB."""
    system.start("consume")
    for codec in (1, 2, 3, 4):
        await send_batch(system.bootstrap, Outgoing(LOGINS.topic, b"5d" * 32, bytes(15_000_000)), codec)
    await system.await_consumed(4)
    rows = await system.fetch("SELECT reason, masked, kept_bytes FROM refused")
    assert [tuple(row) for row in rows] == [(Reason.TOO_LARGE, True, 0)] * 4


async def test_a_million_headers_are_too_many(system: System) -> None:
    """Each is empty, so that their sizes add up to nothing."""
    consumer = system.start("consume")
    record = make_record(LOGINS)
    await send_batch(system.bootstrap, record, 4, headers=1_000_000)
    await system.publish([make_record(LOGINS)])
    await system.await_consumed(2)
    (row,) = await system.fetch("SELECT reason, masked, cardinality(header_names) FROM refused")
    assert tuple(row) == (Reason.TOO_LARGE, True, 0)
    assert peak_megabytes(consumer) < MEGABYTES_MAX
