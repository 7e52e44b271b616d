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
from tests.faults.faults.network import CutBroker, ResetKafka
from tests.faults.faults.postgres import (
    CutDatabase,
    FillDatabaseDisk,
    FreezeDatabase,
    KillDatabase,
    LoseCommitAnswer,
    TakeConnections,
)
from tests.faults.faults.publishing import Abort, Commit, LeaveOpen, Storm
from tests.faults.faults.sabotage import Deadlock, RefuseToSerialize
from tests.faults.faults.stream_workers import (
    FreezeWorker,
    KillWorker,
    ReplaceWorker,
    TerminateWorker,
)
from tests.faults.faults.topics import DeleteTallies

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
    KillDatabase,
    FreezeDatabase,
    CutDatabase,
    TakeConnections,
    FillDatabaseDisk,
    LoseCommitAnswer,
    Deadlock,
    RefuseToSerialize,
    Storm,
    Commit,
    Abort,
    LeaveOpen,
    DeleteTallies,
    ConsumerClockForward,
    ConsumerClockBack,
    WorkerClockForward,
    WorkerClockBack,
)
