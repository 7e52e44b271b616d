"""What would become of each line of a file, without a broker: the codec's verdict, and what the file says twice."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from models.decoding.one_record import Accepted, decode
from models.outcomes import EXPLANATIONS, Duplicate, Refused
from upstream.publishing.lines import Line
from upstream.publishing.outgoing import Outgoing

ReadClock = Callable[[], datetime]

_EXPLANATION_OF_DUPLICATE = {
    Duplicate.RETRY: "the same event again: it is not counted twice",
    Duplicate.REPEAT: "the same fact under a new event id: it is not counted twice",
    Duplicate.CONFLICT: "the same business key with other content: it is set aside and not counted",
}


class Repeated(NamedTuple):
    """A line whose business key stands in an earlier line."""

    duplicate: Duplicate
    first_line: int


class ReusedId(NamedTuple):
    """A line that is counted, though its event id names another fact in an earlier line."""

    first_line: int


class Checked(NamedTuple):
    """A line with its outcome."""

    number: int
    outgoing: Outgoing
    outcome: Accepted | Refused | Repeated | ReusedId

    @property
    def is_counted(self) -> bool:
        """Tell whether this line would raise a total, as far as this file alone can show."""
        return isinstance(self.outcome, Accepted | ReusedId)


class _First(NamedTuple):
    """The line where a business key stood first; of its content only the hash, as files are long."""

    line: int
    event_id: str
    content_hash: int


def check_lines(lines: Iterable[Line], read_clock: ReadClock) -> Iterator[Checked]:
    """Yield each line with its outcome, as if the broker appended it now with its subject as key.

    Memory grows by the business key and the event id of each valid line (about 500 bytes), never by its content.
    """
    memory = _Memory()
    for line in lines:
        outgoing = line.outgoing
        outcome = decode(outgoing.topic, outgoing.key, outgoing.value, (), read_clock())
        judged = outcome if isinstance(outcome, Refused) else memory.compare(line.number, outcome)
        yield Checked(line.number, outgoing, judged)


def explain(checked: Checked) -> str:
    """Return one line of text for an outcome: where, what, why. It holds no value of the event."""
    match checked.outcome:
        case Refused(reason, field):
            where = f" ({field})" if field else ""
            return f"line {checked.number}: refused, {reason}{where}: {EXPLANATIONS[reason]}"
        case Repeated(duplicate, first_line):
            explanation = _EXPLANATION_OF_DUPLICATE[duplicate]
            return f"line {checked.number}: duplicate of line {first_line}, {duplicate}: {explanation}"
        case ReusedId(first_line):
            return (
                f"line {checked.number}: counted, but its id is that of line {first_line}: give each event its own id"
            )
    return f"line {checked.number}: accepted"


class _Memory:
    """What the lines so far have said, to recognise what is said twice."""

    def __init__(self) -> None:
        self._firsts: dict[tuple[str, str], _First] = {}
        self._line_of_id: dict[str, int] = {}

    def compare(self, line: int, accepted: Accepted) -> Accepted | Repeated | ReusedId:
        """Return what a valid line is in the light of the earlier ones, and remember it."""
        this = _First(line, accepted.event_id, hash(accepted.content))
        first = self._firsts.setdefault((accepted.kind.name, accepted.key), this)
        line_of_id = self._line_of_id.setdefault(accepted.event_id, line)
        if first is not this:
            return Repeated(_compare(first, this), first.line)
        return accepted if line_of_id == line else ReusedId(line_of_id)


def _compare(first: _First, again: _First) -> Duplicate:
    """Name the kind of duplicate, as the ledger does."""
    if first.content_hash != again.content_hash:
        return Duplicate.CONFLICT
    return Duplicate.RETRY if first.event_id == again.event_id else Duplicate.REPEAT
