"""Harm to the way between workers and servers: cut in silence, or every connection reset."""

import asyncio
from abc import abstractmethod
from collections.abc import Mapping

import psutil

from tests.faults.broker import Broker
from tests.faults.faults.fault import Fault, describe
from tests.faults.stage import Stage

_NETWORK = "the way to Kafka"
Connections = Mapping[str, frozenset[int]]


class CutBroker(Fault):
    """No byte passes between the workers and one broker; connections stay open."""

    name = "network cut between the workers and a broker"
    harm = _NETWORK
    hold_seconds = (3.0, 12.0)

    async def strike(self, stage: Stage) -> None:
        """Cut it."""
        self._broker = self.random.choice(stage.cluster.brokers)
        self.old_owner = f"broker {self._broker.number}"
        await asyncio.to_thread(self._broker.cut_workers)

    async def mend(self, stage: Stage) -> None:
        """Mend it: what was open is reset."""
        del stage
        await asyncio.to_thread(self._broker.mend_workers)


class ConnectionFault(Fault):
    """Harm to every connection between the workers and Kafka, which they make anew."""

    harm = _NETWORK

    async def strike(self, stage: Stage) -> None:
        """Take down which there are, and do the harm on every way."""
        self._before = read_connections(stage)
        for broker in stage.cluster.brokers:
            await asyncio.to_thread(self.break_way, broker)

    @abstractmethod
    def break_way(self, broker: Broker) -> None:
        """Do the harm on the way to one broker; may block."""

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say how many connections were made anew."""
        del since
        after = read_connections(stage)
        gone = sum(len(ports - after.get(name, frozenset())) for name, ports in self._before.items())
        return f"{gone} of {sum(map(len, self._before.values()))} connections made anew" if gone else ""


class ResetKafka(ConnectionFault):
    """Every connection between the workers and Kafka reset at once."""

    name = "every connection to Kafka reset"

    def break_way(self, broker: Broker) -> None:
        """Cut and mend it, which resets what was open."""
        broker.cut_workers()
        broker.mend_workers()


class HalfOpenKafka(ConnectionFault):
    """The workers' connections carry nothing any more and are never reset: the other end is gone without a word."""

    name = "connections to Kafka half open"
    hold_seconds = (11.0, 13.0)  # longer than the 10 s that a request may take

    def break_way(self, broker: Broker) -> None:
        """Leave it so; nothing mends what is open but whoever has it."""
        broker.leave_workers_half_open()


class HalfOpenDatabase(Fault):
    """The same on the way to Postgres."""

    name = "connections to Postgres half open"
    harm = "Postgres"
    hold_seconds = (11.0, 13.0)  # longer than the 10 s that a statement may take

    async def strike(self, stage: Stage) -> None:
        """Leave them so."""
        self._logged = stage.measure_logs()
        await asyncio.to_thread(stage.database.proxy.leave_half_open)

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say which errors consumers met."""
        del since
        return describe(stage.errors_since(self._logged))


def read_connections(stage: Stage) -> Connections:
    """Return the own ports of every process's connections to Kafka."""
    brokers = {int(address.rpartition(":")[2]) for address in stage.cluster.worker_bootstrap.split(",")}
    return {child.name: _read_ports(child.popen.pid, brokers) for child in stage.crew.children}


def _read_ports(pid: int, brokers: set[int]) -> frozenset[int]:
    try:
        found = psutil.Process(pid).net_connections("tcp")
    except psutil.Error:
        return frozenset()
    return frozenset(each.laddr.port for each in found if each.raddr and each.raddr.port in brokers)
