"""What Kafka holds of one source partition, against what it was sent and has acknowledged."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from tests.faults.expectation import Expectation
from tests.faults.operation_log import OperationLog


@dataclass(frozen=True)
class Holdings:
    """One source partition: the records that Kafka shows, by digest, and the attempts at sending them."""

    expected: Expectation
    log: OperationLog

    @cached_property
    def lost(self) -> int:
        """How many acknowledged records Kafka does not hold."""
        return (self._acknowledged - self.expected.digests).total()

    @cached_property
    def foreign(self) -> int:
        """How many records Kafka holds that were not sent, not so often, or in a transaction that was not committed."""
        sent = self.log.lanes[self.expected.lane]
        still_open = (item.digest for item in self.log.open.values() if item.lane == self.expected.lane)
        return (self.expected.digests - self._acknowledged - Counter(sent.unknown) - Counter(still_open)).total()

    @cached_property
    def _acknowledged(self) -> Counter[int]:
        return Counter(self.log.lanes[self.expected.lane].acknowledged)

    def list_discrepancies(self) -> Iterator[str]:
        """Yield what is wrong as lines that begin with the partition."""
        if self.lost:
            yield f"{self.expected.lane}: Kafka lost {self.lost} records that it had acknowledged"
        if self.foreign:
            yield f"{self.expected.lane}: Kafka shows {self.foreign} records that were not sent or not committed"
