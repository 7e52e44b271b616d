"""Whether every event of every row was counted exactly once, as it was sent, from batches in the codec asked for."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tests.interop.batches import Batch
from tests.interop.plan import Row, Sending
from tests.interop.seen import Fact, Refusal, Seen


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of the events of a row.

    refused -- how many by reason and field
    batches -- how many batches hold what was counted
    faults -- what is wrong, in words; empty when all is as it should be
    """

    row: Row
    sent: int
    counted: int
    refused: Mapping[str, int]
    batches: int
    faults: tuple[str, ...]


def judge(sendings: Sequence[Sending], seen: Seen) -> list[Verdict]:
    """Return a verdict on every row, in the order in which they were sent."""
    rows: dict[Row, list[Sending]] = defaultdict(list)
    for sending in sendings:
        rows[sending.row].append(sending)
    facts: dict[str, list[Fact]] = defaultdict(list)
    for fact in seen.facts:
        facts[fact.event_id].append(fact)
    return [_judge_row(row, sent, facts, seen) for row, sent in rows.items()]


def find_strangers(sendings: Sequence[Sending], seen: Seen) -> list[str]:
    """Return the ids of the facts that nobody has sent."""
    return sorted({fact.event_id for fact in seen.facts} - {sending.event_id for sending in sendings})


def find_refusals(sending: Sending, seen: Seen) -> list[Refusal]:
    """Return the refusals of an event."""
    return [refusal for refusal in seen.refusals if refusal.holds(sending.event_id)]


def _judge_row(row: Row, sent: Sequence[Sending], facts: Mapping[str, Sequence[Fact]], seen: Seen) -> Verdict:
    found = [(sending, facts.get(sending.event_id, ())) for sending in sent]
    refusals = [refusal for sending in sent for refusal in find_refusals(sending, seen)]
    holding = {_find_batch(fact, seen.batches) for _sending, its in found for fact in its}
    return Verdict(
        row=row,
        sent=len(sent),
        counted=sum(len(its) == 1 for _sending, its in found),
        refused=Counter(f"{refusal.reason} ({refusal.field})" for refusal in refusals),
        batches=len(holding),
        faults=(*_find_faults(found, len(refusals)), *_find_batch_faults(row, holding)),
    )


def _find_faults(found: Sequence[tuple[Sending, Sequence[Fact]]], refused: int) -> Iterator[str]:
    """Yield what is wrong with the facts of a row."""
    if missing := sum(not its for _sending, its in found):
        yield f"{missing} not counted"
    if doubled := sum(len(its) > 1 for _sending, its in found):
        yield f"{doubled} counted more than once"
    if altered := sum(any(_is_altered(sending, fact) for fact in its) for sending, its in found):
        yield f"{altered} altered"
    if refused:
        yield f"{refused} refused"


def _is_altered(sending: Sending, fact: Fact) -> bool:
    """Tell whether a fact is of another topic, key or moment than what was sent."""
    event, kind = sending.event, sending.kind
    wanted = (kind.topic, event["data"][kind.business_key], datetime.fromisoformat(event["time"]))
    return (fact.topic, fact.business_key, fact.occurred_at) != wanted


def _find_batch(fact: Fact, batches: Sequence[Batch]) -> Batch | None:
    """Return the batch that holds a fact."""
    for batch in batches:
        if batch[:2] == (fact.topic, fact.partition) and batch.first <= fact.offset <= batch.last:
            return batch
    return None


def _find_batch_faults(row: Row, holding: set[Batch | None]) -> Iterator[str]:
    """Yield what is wrong with the batches of a row."""
    codecs = {batch.codec if batch else "not in the log" for batch in holding} - {row.codec}
    if codecs:
        yield f"batches are {', '.join(sorted(codecs))}"
    if holding and all(batch is None or batch.first == batch.last for batch in holding):
        yield "no batch has a second record"
