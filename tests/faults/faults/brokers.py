"""Harm to one broker: killed and started again, frozen, or cut off from its peers."""

import asyncio
from typing import ClassVar

from models.topics import CONSUMER_GROUP, INPUTS, TALLIES
from tests.faults.broker import Broker
from tests.faults.faults.fault import Fault
from tests.faults.stage import Stage


class BrokerFault(Fault):
    """Harm to a broker; any, unless a fault says which."""

    harm: ClassVar[str] = "a broker"

    async def choose(self, stage: Stage) -> Broker:
        """Choose the victim."""
        victim: Broker = await asyncio.to_thread(self.find, stage)
        self.old_owner = f"broker {victim.number}"
        return victim

    def find(self, stage: Stage) -> Broker:
        """Return the broker to be harmed; may block."""
        return self.random.choice(stage.cluster.brokers)


class KillBroker(BrokerFault):
    """SIGKILL, and a restart on the same data."""

    name = "SIGKILL and restart of a broker"
    hold_seconds = (1.0, 5.0)

    async def strike(self, stage: Stage) -> None:
        """Kill it."""
        self._victim = await self.choose(stage)
        await asyncio.to_thread(self._victim.sigkill)

    async def mend(self, stage: Stage) -> None:
        """Start it again."""
        del stage
        await asyncio.to_thread(self._victim.restart)


class KillInputLeader(KillBroker):
    """The same, done to the leader of an input partition."""

    name = "SIGKILL and restart of the leader of an input partition"
    needs_brokers = 3

    def find(self, stage: Stage) -> Broker:
        """Return the leader of some partition."""
        topic = self.random.choice(INPUTS)
        return stage.cluster.leader_of(topic.name, self.random.randrange(topic.partitions))


class KillTalliesLeader(KillBroker):
    """The same, done to the leader of the tallies topic."""

    name = "SIGKILL and restart of the leader of the tallies topic"
    needs_brokers = 3

    def find(self, stage: Stage) -> Broker:
        """Return the leader of the one partition."""
        return stage.cluster.leader_of(TALLIES.name, 0)


class KillCoordinator(KillBroker):
    """The same, done to the coordinator of the consumers' group."""

    name = "SIGKILL and restart of the group coordinator"
    needs_brokers = 3

    def find(self, stage: Stage) -> Broker:
        """Return the coordinator."""
        return stage.cluster.coordinator_of(CONSUMER_GROUP)


class FreezeBroker(BrokerFault):
    """Every process of the broker stopped: its connections stay open and silent."""

    name = "freeze of a broker"
    hold_seconds = (3.0, 12.0)

    async def strike(self, stage: Stage) -> None:
        """Freeze it."""
        self._victim = await self.choose(stage)
        await asyncio.to_thread(self._victim.freeze)

    async def mend(self, stage: Stage) -> None:
        """Let it go on."""
        del stage
        await asyncio.to_thread(self._victim.thaw)


class IsolateLeader(BrokerFault):
    """A leader cut off from its peers that clients still reach."""

    name = "leader of an input partition cut off from its peers"
    hold_seconds = (3.0, 12.0)
    needs_brokers = 3

    def find(self, stage: Stage) -> Broker:
        """Return the leader of some partition."""
        topic = self.random.choice(INPUTS)
        return stage.cluster.leader_of(topic.name, self.random.randrange(topic.partitions))

    async def strike(self, stage: Stage) -> None:
        """Cut it off."""
        self._victim = await self.choose(stage)
        await asyncio.to_thread(self._victim.isolate)

    async def mend(self, stage: Stage) -> None:
        """Connect it again."""
        del stage
        await asyncio.to_thread(self._victim.rejoin)
