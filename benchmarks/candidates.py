"""Who is measured: each a way to bring the events of full topics to where they count."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Candidate:
    """A way to empty the topics.

    worker -- the Python module with arguments that is started as often as processes are wanted
    companions -- those that are started once
    count -- the SQL that tells how many records are done; "" where the group's offsets in Kafka tell it
    lacks -- what of the product's work it does not do
    """

    name: str
    worker: Sequence[str]
    companions: Sequence[Sequence[str]] = ()
    count: str = ""
    lacks: str = ""


PRODUCT: Final = Candidate(
    name="the product",
    worker=("onboarding", "consume"),
    companions=(("onboarding", "total"),),
    count="SELECT coalesce(sum(consumed), 0)::bigint FROM progress",
)
BARE_LOOP: Final = Candidate(
    name="the bare loop",
    worker=("benchmarks.peers.bare_loop",),
    count="SELECT coalesce(sum(next_offset), 0)::bigint FROM bare_offset",
    lacks="knows no duplicates, refuses nothing, counts nothing by day or province, shows nothing",
)
GETMANY: Final = Candidate(
    name="getmany alone",
    worker=("benchmarks.peers.getmany",),
    lacks="everything but the fetching: a limit",
)
FAUST_TABLE: Final = Candidate(
    name="a Faust agent with a table",
    worker=("benchmarks.peers.faust_table", "worker", "--without-web"),
    lacks="no ledger, at-least-once, three counts and nothing finer",
)
ALL: Final = (BARE_LOOP, PRODUCT)
