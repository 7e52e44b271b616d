"""A consumer that a record of one source partition kills, as a library in C may be: without a word, and for good."""

import os
import signal

import uvloop

from consumers import process
from consumers.process import run_consumer
from ledger import batch
from models.decoding.many_records import Decoded, RecordColumns, decode_all
from onboarding.cli.consume import consumer_settings
from onboarding.settings import read_settings

# The subject of the records that kill.
SUBJECT = "dead" * 16


def _decode_or_die(topic: str, delivered: RecordColumns) -> Decoded:
    """Read records; die at one that kills."""
    if SUBJECT.encode() in delivered.keys:
        os.kill(os.getpid(), signal.SIGKILL)
    return decode_all(topic, delivered)


if __name__ == "__main__":
    # A group waits for a dead member: here for a second, so that the next life begins soon.
    vars(process).update(SESSION_SECONDS=1.5, HEARTBEAT_SECONDS=0.3)
    vars(batch)["decode_all"] = _decode_or_die
    uvloop.run(run_consumer(consumer_settings(read_settings())))
