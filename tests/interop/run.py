"""One run: a broker, a database, a consumer and a stream worker; every sender sends; then everything is looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.containers.kafka import KafkaBroker
from tests.containers.postgres import PostgresServer
from tests.integration.laws import find_drifts
from tests.integration.system import System
from tests.interop.plan import Sending
from tests.interop.seen import Seen, look
from tests.interop.sending import Sender, Tell, await_recorded, send
from tests.interop.verdict import Verdict, find_strangers, judge


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a run.

    faults -- what is wrong beside the faults of rows
    """

    verdicts: Sequence[Verdict]
    seen: Seen
    faults: Sequence[str]

    @property
    def exit_code(self) -> int:
        """0 when every event of every row is counted exactly once, and nothing else differs."""
        return 1 if self.faults or any(verdict.faults for verdict in self.verdicts) else 0


async def run(
    senders: Sequence[Sender], broker: KafkaBroker, postgres: PostgresServer, folder: Path, tell: Tell
) -> Found:
    """Start the product on two servers, let every sender send, and judge. Logs and orders go to the folder."""
    system = System(broker.bootstrap, postgres.url(postgres.dbname), folder)
    try:
        tell("starting a consumer and a stream worker")
        system.start("consume")
        worker = system.start("total")
        failures = [await send(sender, system, tell) for sender in senders]
        failures.append(await await_recorded(system, tell))
        tell("counting the ledger again, and reading the batches of every log")
        drifts = await find_drifts(system, worker)
        seen, refused = await look(system), await _count_refused(system)
    finally:
        system.end_all()
    sendings = [sending for sender in senders for sending in sender.sendings]
    return Found(
        judge(sendings, seen), seen, [*filter(None, failures), *drifts, *_find_faults(sendings, seen, refused)]
    )


async def _count_refused(system: System) -> int:
    """Return how many records the consumer says that it has refused."""
    return int((await system.fetch("SELECT coalesce(sum(refused), 0) FROM progress"))[0][0])


def _find_faults(sendings: Sequence[Sending], seen: Seen, refused: int) -> list[str]:
    """Return what no row shows."""
    strangers = find_strangers(sendings, seen)
    return [
        *([f"progress says that {refused} records were refused"] if refused else []),
        *([f"{len(strangers)} facts that nobody has sent, such as {strangers[0]}"] if strangers else []),
    ]
