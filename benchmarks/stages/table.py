"""Which function's time belongs to which stage: data for `stages/profile.py`, to be changed with the functions.

A test looks every place up in the source. What a profile shows and no row fits is told as "other", by name.
"""

from dataclasses import dataclass
from typing import Final

FETCH: Final = "fetch"
DECODE: Final = "decode"
VALIDATE: Final = "validate"
JUDGE: Final = "judge and count"
FIND: Final = "find what is known"
INSERT: Final = "insert"
COMMIT: Final = "claim, tallies, commit"
ANNOUNCE: Final = "announce"
PAGES: Final = "keep pages"
FAUST: Final = "Faust"
METRICS: Final = "metrics and health"
LOOP: Final = "event loop"
OTHER: Final = "other"
# In the order in which a record meets them.
STAGES: Final = (
    *(FETCH, DECODE, VALIDATE, JUDGE, FIND, INSERT, COMMIT, ANNOUNCE),
    *(FAUST, PAGES, METRICS, LOOP, OTHER),
)
# No stage: its time is that of whoever calls it.
CALLER: Final = ""
# No stage: the processor is not used.
WAITING: Final = "waiting"


@dataclass(frozen=True)
class Row:
    """A place in the code, and the stage that it belongs to.

    path -- how the path of the file goes on after the project's folder or after site-packages; a folder ends in "/"
    function -- its qualified name begins so; "" is every function
    line -- what the running line holds; "" is every line
    """

    stage: str
    path: str
    function: str = ""
    line: str = ""


# The innermost frame that fits one of these decides; of the rows that fit it, the first.
PLACES: Final = (
    Row(VALIDATE, "models/decoding/one_record.py", "_read"),
    Row(VALIDATE, "models/decoding/many_records.py", "_check"),
    Row(DECODE, "models/decoding/one_record.py"),
    Row(JUDGE, "models/tally.py", "count"),
    Row(CALLER, "models/"),
    Row(JUDGE, "ledger/batch.py", "Judged"),
    Row(DECODE, "ledger/batch.py"),
    Row(DECODE, "ledger/continuity.py", "mark_of"),
    Row(FETCH, "ledger/continuity.py"),
    Row(FETCH, "consumers/feed.py"),
    Row(FETCH, "consumers/stops.py"),
    Row(FETCH, "brokers/next_batch.py"),
    Row(FIND, "ledger/facts.py", "_find_known"),
    Row(JUDGE, "ledger/facts.py", "_judge"),
    Row(JUDGE, "ledger/facts.py", "_compare"),
    Row(INSERT, "ledger/facts.py"),
    Row(INSERT, "ledger/copying.py"),
    Row(COMMIT, "ledger/recording.py"),
    Row(COMMIT, "ledger/progress.py"),
    Row(COMMIT, "ledger/refusals.py"),
    Row(COMMIT, "ledger/connection.py"),
    Row(ANNOUNCE, "consumers/recorder.py", "Recorder._announce"),
    Row(LOOP, "consumers/recorder.py"),
    Row(LOOP, "consumers/care.py"),
    Row(ANNOUNCE, "ledger/pages.py"),
    Row(ANNOUNCE, "consumers/announcer.py"),
    Row(METRICS, "consumers/telemetry.py"),
    Row(METRICS, "consumers/retention.py"),
    Row(PAGES, "streams/topology.py"),
    Row(PAGES, "streams/board.py"),
    Row(FAUST, "streams/transport.py"),
    Row(METRICS, "streams/membership.py"),
    Row(METRICS, "streams/pulse.py"),
    Row(WAITING, "runtime/watchdog.py", "_watch"),
    Row(METRICS, "monitoring/"),
    Row(FETCH, "brokers/decompression.py"),
    Row(FETCH, "brokers/whole_batches.py"),
    Row(FETCH, "brokers/batches.py"),
    Row(METRICS, "brokers/"),
    Row(METRICS, "prometheus_client/"),
    Row(METRICS, "aiohttp/"),
    Row(ANNOUNCE, "aiokafka/producer/"),
    Row(FETCH, "aiokafka/consumer/"),
    Row(FAUST, "faust/"),
    Row(FAUST, "mode/"),
)
# Where no frame fits one of those: what producer and consumer share, and fetching is nearly all of it.
SHARED: Final = (Row(FETCH, "aiokafka/"), Row(FETCH, "asyncio/streams.py"))
# Where nothing else fits, and the innermost frame is one of these. What a finished batch held is freed by the loop.
INNERMOST: Final = (
    Row(WAITING, "selectors.py"),
    Row(LOOP, "asyncio/"),
    Row(LOOP, "uvloop/"),
    Row(LOOP, "async_timeout/"),
)
# Who is outside of these has started the loop, and does none of its work.
LOOPS: Final = (Row(LOOP, "asyncio/base_events.py", "BaseEventLoop._run_once"), Row(LOOP, "asyncio/runners.py"))
