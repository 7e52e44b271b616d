"""Who is measured: each a way to bring the events of full topics to where they count."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.peers.launchers import Launcher, Maven, OtherPython, OwnPython
from models.topics import CONSUMER_GROUP


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A way to empty the topics.

    launcher -- how its programs are started
    worker -- the program with arguments that is started as often as processes are wanted; none where one program is
        told how many threads it is to have (BENCH_PROCESSES)
    companions -- those that are started once
    group -- the consumer group that each process or thread joins: "" is the trial's own, None is none at all
    count -- the SQL that tells how many records are done; "" where Kafka tells it
    trace -- the topic, without the name of the trial's group before it, that gets a record for each record done; ""
        where the group's committed offsets tell how many are
    page -- the setting with the port of the page that shows all totals in the end; "" where there is none
    lacks -- what of the product's work it does not do
    """

    name: str
    launcher: Launcher
    worker: Sequence[str] = ()
    companions: Sequence[Sequence[str]] = ()
    group: str | None = ""
    count: str = ""
    trace: str = ""
    page: str = ""
    lacks: str = ""


BARE_LOOP: Final = Candidate(
    name="the bare loop",
    launcher=OwnPython("aiokafka"),
    worker=("benchmarks.peers.bare_loop",),
    count="SELECT coalesce(sum(next_offset), 0)::bigint FROM bare_offset",
    lacks="knows no duplicates, refuses nothing, counts nothing, shows nothing",
)
PRODUCT: Final = Candidate(
    name="the product",
    launcher=OwnPython("onboarding"),
    worker=("onboarding", "consume"),
    companions=(("onboarding", "total"),),
    group=CONSUMER_GROUP,
    count="SELECT coalesce(sum(consumed), 0)::bigint FROM progress",
    page="ONBOARDING_TOTALS_PORT",
)
KAFKA_STREAMS: Final = Candidate(
    name="Kafka Streams",
    launcher=Maven("kafka-streams", "kafka_streams"),
    companions=(("CountFacts",),),
    lacks="no ledger, no province, level or portal, a count for each partition and no total, checks no field, a fact "
    "sent again under another id counts twice, the first bad record ends it, shows nothing",
)
FLINK: Final = Candidate(
    name="Flink",
    launcher=Maven("flink-streaming-java", "flink"),
    companions=(("CountFacts",),),
    group=None,
    lacks="no ledger, no province, level or portal, checks no field, a fact sent again under another id counts twice, "
    "the first bad record ends it, shows nothing; its checkpoints lie on the local disk",
)
QUIX_STREAMS: Final = Candidate(
    name="Quix Streams",
    launcher=OtherPython("quixstreams", "quix_streams.txt"),
    worker=("benchmarks.peers.quix_streams",),
    lacks="no ledger, no counts and no day: it marks every event as seen by its id; checks no field, a fact sent again "
    "under another id is another, the first bad record ends it, shows nothing",
)
FAUST_TABLE: Final = Candidate(
    name="a Faust agent with a table",
    launcher=OwnPython("faust-streaming"),
    worker=("benchmarks.peers.faust_table", "-L", "uvloop", "worker", "--without-web"),
    # When the second worker joins, Faust at times commits offsets of records that it then passes over.
    trace="-totals-changelog",
    lacks="no ledger, no day, knows no duplicates, a count of each kind for each partition and no total, the first bad "
    "record ends it, shows nothing; events can be lost when a worker joins",
)
COPY_ALONE: Final = Candidate(
    name="COPY alone",
    launcher=OwnPython("asyncpg"),
    worker=("benchmarks.peers.copy_alone",),
    group=None,
    count="SELECT coalesce(sum(next_offset), 0)::bigint FROM bare_offset",
    lacks="a limit: the rows of the bare loop, decoded before the clock starts, into the same tables",
)
GETMANY: Final = Candidate(
    name="getmany alone",
    launcher=OwnPython("aiokafka"),
    worker=("benchmarks.peers.getmany",),
    lacks="a limit: the records are fetched, and nothing is done with them",
)
PEERS: Final = (KAFKA_STREAMS, FLINK, QUIX_STREAMS, FAUST_TABLE)
LIMITS: Final = (COPY_ALONE, GETMANY)
ALL: Final = (BARE_LOOP, PRODUCT, *PEERS, *LIMITS)
