"""What `find` tells a person: sentences, one a line, without a pseudonym or a raw value."""

from collections.abc import Iterator
from uuid import UUID

from models.outcomes import EXPLANATIONS, Reason
from operations.find.fate import Counted, Found, Place, Refusal, Repetition
from operations.moments import write_second

_MEANINGS = {
    "retry": "the same event again",
    "repeat": "the same content under another event id",
    "conflict": "the same business key with other content",
}


def tell(wanted: UUID, found: Found) -> Iterator[str]:
    """Yield the lines that say what became of an id."""
    for fact in found.counted:
        yield f"counted: {_describe_fact(fact)}"
    for repetition in found.repetitions:
        yield from _tell_repetition(repetition)
    for refusal in found.refusals:
        yield _describe_refusal(refusal)
    if found.exit_code:
        yield from _tell_not_seen(wanted, found)


def _describe_fact(fact: Counted) -> str:
    counted_by = ", ".join(f"{name} {value}" for name, value in fact.counted_by.items())
    return f"{fact.kind.name} on {fact.day} ({counted_by}), event {fact.event_id}, {_describe_place(fact.place)}"


def _tell_repetition(repetition: Repetition) -> Iterator[str]:
    """Say how a record repeats which fact."""
    meaning = _MEANINGS.get(repetition.duplicate, "of a kind unknown to this version")
    yield f"duplicate: {repetition.duplicate}, {meaning}, {_describe_place(repetition.place)}"
    if repetition.of is None:
        yield "  the fact it repeats is not in the ledger: run `onboarding recount`"
    else:
        yield f"  of {_describe_fact(repetition.of)}"


def _describe_refusal(refusal: Refusal) -> str:
    """Say why a record was refused."""
    known = refusal.reason in {reason.value for reason in Reason}
    explanation = EXPLANATIONS[Reason(refusal.reason)] if known else "a reason unknown to this version"
    at_fault = f" ({refusal.field})" if refusal.field else ""
    return f"refused: {refusal.reason}{at_fault}: {explanation}; {_describe_place(refusal.place)}"


def _tell_not_seen(wanted: UUID, found: Found) -> Iterator[str]:
    """Say how far the ledger has seen, for the id may still come."""
    yield f"not seen: no record recorded so far has {wanted} as its event id or business key"
    for topic, newest_at in found.newest.items():
        until = f"{write_second(newest_at)} (Vietnam)" if newest_at else "nothing"
        yield f"  counted up to {until} on {topic}"
    yield "  published later than that? `onboarding status` shows the lag"


def _describe_place(place: Place) -> str:
    appended = f"appended {write_second(place.appended_at)} (Vietnam)"
    return f"at {place.topic}/{place.partition} offset {place.offset}, {appended}"
