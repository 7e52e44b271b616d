"""Every kind of fault, in the order of the report."""

from collections.abc import Sequence

from tests.faults.faults.brokers import (
    FreezeBroker,
    IsolateLeader,
    KillBroker,
    KillCoordinator,
    KillInputLeader,
    KillTalliesLeader,
)
from tests.faults.faults.clocks import ConsumerClockBack, ConsumerClockForward, WorkerClockBack, WorkerClockForward
from tests.faults.faults.consumers import (
    FreezeConsumer,
    FreezeConsumerInTransaction,
    KillConsumer,
    ReplaceConsumer,
    TerminateConsumer,
)
from tests.faults.faults.fault import Fault
from tests.faults.faults.ledgers import RollBackLedger, StrangeLedger
from tests.faults.faults.network import CutBroker, HalfOpenDatabase, HalfOpenKafka, ResetKafka
from tests.faults.faults.postgres import (
    CutDatabase,
    FillDatabaseDisk,
    FreezeDatabase,
    KillDatabase,
    LoseCommitAnswer,
    TakeConnections,
)
from tests.faults.faults.publishing import Abort, Commit, LeaveOpen, Storm
from tests.faults.faults.sabotage import Deadlock, RefuseToSerialize, SlowDatabase
from tests.faults.faults.stream_workers import (
    FreezeWorker,
    KillWorker,
    ReplaceWorker,
    TerminateWorker,
)
from tests.faults.faults.topics import CompactInput, DeleteTallies

ALL: Sequence[type[Fault]] = (
    KillConsumer,
    TerminateConsumer,
    FreezeConsumer,
    FreezeConsumerInTransaction,
    ReplaceConsumer,
    KillWorker,
    TerminateWorker,
    FreezeWorker,
    ReplaceWorker,
    KillBroker,
    KillInputLeader,
    KillTalliesLeader,
    KillCoordinator,
    FreezeBroker,
    IsolateLeader,
    CutBroker,
    ResetKafka,
    HalfOpenKafka,
    KillDatabase,
    FreezeDatabase,
    CutDatabase,
    TakeConnections,
    FillDatabaseDisk,
    LoseCommitAnswer,
    HalfOpenDatabase,
    SlowDatabase,
    RollBackLedger,
    StrangeLedger,
    Deadlock,
    RefuseToSerialize,
    Storm,
    Commit,
    Abort,
    LeaveOpen,
    DeleteTallies,
    CompactInput,
    ConsumerClockForward,
    ConsumerClockBack,
    WorkerClockForward,
    WorkerClockBack,
)
