"""Room on disk: what is recorded is deleted from Kafka, so that the history never lies there as a whole."""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from aiokafka.admin import RecordsToDelete

from benchmarks.nation.recorded import Recorded
from brokers.clients import open_admin
from brokers.topic_creation import create_topics
from models.topics import INPUTS, TOPICS, Topic

# 64 MB a segment: Kafka deletes whole segments, never the one that it is writing.
_SEGMENT_BYTES: Final = 64 * 1024 * 1024
# 60 GB at 1 : 1, which the ledger and its index take most of; a fixed part for logs and WAL.
_GIGABYTES_WHOLE: Final = 54.0
_GIGABYTES_LEAST: Final = 6.0
_GIGABYTE: Final = 1e9


class NoRoomError(Exception):
    """The disk is too full to begin."""


@dataclass(frozen=True)
class Disk:
    """The disk on which a folder lies, and how full it was at first."""

    folder: Path
    used_before: int

    @property
    def gigabytes(self) -> float:
        """How much more is in use than at first."""
        return (shutil.disk_usage(self.folder).used - self.used_before) / _GIGABYTE


def look_at_disk(folder: Path, scale: int) -> Disk:
    """Return the disk of a folder. Raises NoRoomError when the history at 1 : scale does not fit on it."""
    usage = shutil.disk_usage(folder)
    wanted = _GIGABYTES_WHOLE / scale + _GIGABYTES_LEAST
    if usage.free < wanted * _GIGABYTE:
        free = usage.free / _GIGABYTE
        raise NoRoomError(
            f"{folder} has {free:.0f} GB free and the history at 1 : {scale} takes {wanted:.0f}: make room,"
            " or replay it at a greater --scale"
        )
    return Disk(folder, usage.used)


async def create_small_topics(bootstrap: str) -> None:
    """Create the topics, the inputs in segments so small that what is recorded can be deleted soon."""
    await create_topics(bootstrap, [*map(_shrink, INPUTS), *(topic for topic in TOPICS if topic not in INPUTS)], 1)


def _shrink(topic: Topic) -> Topic:
    """Return a topic in small segments."""
    return replace(topic, config={**topic.config, "segment.bytes": str(_SEGMENT_BYTES)})


async def delete_recorded(bootstrap: str, recorded: Recorded) -> None:
    """Delete what is recorded, up to the last record of each source partition, by which its log is known again."""
    if marks := await recorded.marks():
        async with open_admin(bootstrap) as admin:
            await admin.delete_records({source: RecordsToDelete(mark) for source, mark in marks.items()})
