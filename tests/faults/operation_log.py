"""The operation log: every attempt to send a record, and what became of it, on disk and (as sums) in memory."""

import json
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from tests.faults.contract import LANES, Lane
from tests.faults.record import Record

_SEPARATORS: Final = (",", ":")


class Operation(NamedTuple):
    """One attempt to send a record.

    digest -- names the record: two attempts at the same record share it.
    fact -- whether its acknowledgement makes a new fact known.
    reason -- why the record must be refused; "" for a valid event.
    """

    number: int
    lane: Lane
    digest: int
    fact: bool
    reason: str


@dataclass
class Sent:
    """The digests of what was sent to one lane: 8 bytes a record, so that hours fit in memory."""

    acknowledged: "array[int]" = field(default_factory=lambda: array("q"))
    unknown: "array[int]" = field(default_factory=lambda: array("q"))


class OperationLog:
    """What Kafka was sent and what it acknowledged.

    facts -- acknowledged facts by lane; never goes down, for whoever compares it with what is shown.
    reasons -- the digest of every malformed record, with the reason it must be refused for.
    clock -- seconds since 1970, written beside each line.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self.lanes: Mapping[Lane, Sent] = {lane: Sent() for lane in LANES}
        self.facts: Counter[Lane] = Counter(dict.fromkeys(LANES, 0))
        self.reasons: dict[int, str] = {}
        self.open: dict[int, Operation] = {}
        self.attempts = 0
        self.acknowledged = 0
        self._clock = clock
        self._file = path.open("a", encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    def send(self, record: Record) -> Operation:
        """Note an attempt before it is made."""
        operation = Operation(self.attempts + 1, record.lane, record.digest, record.fact, record.reason)
        self._write(send=operation.number, lane=[*operation.lane], record=operation[2:])
        self._open(operation)
        return operation

    def acknowledge(self, operation: Operation, offset: int) -> None:
        """Note that Kafka has acknowledged a record."""
        self._write(acknowledge=operation.number, offset=offset)
        self._acknowledge(operation)

    def fail(self, operation: Operation, error: BaseException) -> None:
        """Note that nobody knows whether Kafka has the record."""
        self._write(fail=operation.number, error=type(error).__name__)
        self._fail(operation)

    def discard(self, operation: Operation, why: str) -> None:
        """Note that Kafka does not have the record, or has it in a transaction that is not committed."""
        self._write(discard=operation.number, why=why)
        del self.open[operation.number]

    def flush(self) -> None:
        """Write to disk what is known so far."""
        self._file.flush()

    def _write(self, **what: object) -> None:
        self._file.write(json.dumps({**what, "at": round(self._clock(), 3)}, separators=_SEPARATORS) + "\n")

    def _open(self, operation: Operation) -> None:
        self.attempts = operation.number
        self.open[operation.number] = operation
        if operation.reason:
            self.reasons[operation.digest] = operation.reason

    def _acknowledge(self, operation: Operation) -> None:
        del self.open[operation.number]
        self.acknowledged += 1
        self.lanes[operation.lane].acknowledged.append(operation.digest)
        self.facts[operation.lane] += operation.fact

    def _fail(self, operation: Operation) -> None:
        del self.open[operation.number]
        self.lanes[operation.lane].unknown.append(operation.digest)

    def repeat(self, line: Mapping[str, Any]) -> None:
        """Take over one line of a log on disk."""
        match line:
            case {"send": number, "lane": [topic, partition], "record": [digest, fact, reason]}:
                self._open(Operation(number, Lane(topic, partition), digest, fact, reason))
            case {"acknowledge": number}:
                self._acknowledge(self.open[number])
            case {"fail": number}:
                self._fail(self.open[number])
            case {"discard": number}:
                del self.open[number]


def read_log(path: Path) -> OperationLog:
    """Return the log that a run left on disk, to go on with or to check once more."""
    log = OperationLog(path)
    for line in _read_lines(path):
        log.repeat(line)
    return log


def _read_lines(path: Path) -> Iterator[Mapping[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)
