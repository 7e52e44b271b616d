"""A Kafka cluster whose brokers can be killed, frozen, and cut from each other or from the workers."""

import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import partial
from typing import Any, TypeVar

from aiokafka.errors import KafkaError

from tests.containers.assembly import Assembly
from tests.containers.waiting import LOOK_SECONDS, await_condition
from tests.faults.broker import Broker
from tests.faults.lookup import find_coordinator, find_laggards, find_leader
from tests.faults.network import PeerNetwork
from tests.faults.proxy import Proxies

T = TypeVar("T")
Question = Callable[[str], Coroutine[Any, Any, T]]
# 60 s: a new leader takes about 4 s, a follower's return about 10; both bound a test that has failed.
ANSWER_SECONDS_MAX = 60.0


class Cluster(Assembly):
    """A context manager: one or three nodes, each broker and controller, on ports that stay the same."""

    def __init__(self, brokers: int, proxies: Proxies) -> None:
        self.brokers: Sequence[Broker] = ()
        self.replication_factor = brokers
        self._proxies = proxies

    def assemble(self, stack: ExitStack) -> None:
        """Start the network and the brokers on it."""
        network = stack.enter_context(PeerNetwork())
        count = self.replication_factor
        self.brokers = [Broker(number, count, network, self._proxies) for number in range(1, count + 1)]
        for broker in self.brokers:
            stack.callback(broker.stop)
        _together(broker.start for broker in self.brokers)

    @property
    def publisher_bootstrap(self) -> str:
        """The straight addresses of all brokers."""
        return ",".join(broker.bootstrap for broker in self.brokers)

    @property
    def worker_bootstrap(self) -> str:
        """The addresses of all brokers for workers, through proxies that can be cut."""
        return ",".join(broker.worker_address for broker in self.brokers)

    def leader_of(self, topic: str, partition: int) -> Broker:
        """Return the partition's leader, as most brokers know it that are not isolated; wait until there is one."""
        ask = partial(find_leader, topic=topic, partition=partition)
        return self._find(ask, f"a leader of {topic}/{partition}")

    def coordinator_of(self, group: str) -> Broker:
        """Return the consumer group's coordinator, known and waited for in the same way."""
        return self._find(partial(find_coordinator, group=group), f"a coordinator of {group}")

    def recover(self) -> None:
        """Bring every broker back, and wait until each has every record."""
        _together(broker.recover for broker in self.brokers)
        await_condition(self._are_in_sync, "the brokers are in sync", ANSWER_SECONDS_MAX)

    def _find(self, question: Question[int | None], what: str) -> Broker:
        deadline = time.monotonic() + ANSWER_SECONDS_MAX
        while not (number := self._agree(question)) or number < 0:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what}: not within {ANSWER_SECONDS_MAX:g} s")
            time.sleep(LOOK_SECONDS)
        return self.brokers[number - 1]

    def _agree(self, question: Question[int | None]) -> int | None:
        """Return what most brokers say: one that has just rejoined tells for seconds what used to be."""
        said = Counter(self._ask_all(question))
        return next((answer for answer, voices in said.items() if voices > len(self.brokers) // 2), None)

    def _are_in_sync(self) -> bool:
        answers = list(self._ask_all(find_laggards))
        return len(answers) == len(self.brokers) and not any(answers)

    def _ask_all(self, question: Question[T]) -> Iterator[T]:
        for broker in self.brokers:
            if broker.is_well():
                with suppress(KafkaError, OSError, TimeoutError):
                    yield self._proxies.run(question(broker.bootstrap))


def _together(actions: Iterable[Callable[[], Any]]) -> None:
    """Do all actions at the same time; raise the error of the first that failed, once all have ended."""
    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(action) for action in actions]:
            done.result()
