"""Whether the ledger, the Kafka cluster and the environment belong together, for `doctor`."""

from collections.abc import Iterator
from typing import NamedTuple

from brokers.claims import Observed
from ledger.identity import Identity
from operations.doctor.findings import Finding, Level


class Place(NamedTuple):
    """Where a command looks: the environment that it is told, and what is claimed on the Kafka cluster there."""

    environment: str
    observed: Observed


def judge_ledger(identity: Identity, place: Place) -> Iterator[Finding]:
    """Yield what a consumer would be told at its start."""
    if not identity.is_bound:
        yield Finding("ledger", Level.OK, f"{identity.ledger}, new: its first consumer binds it to where it begins")
        return
    if identity.environment != place.environment:
        yield Finding(
            "ledger",
            Level.FAULT,
            f"{identity.ledger} is of environment {identity.environment}, and ONBOARDING_ENVIRONMENT says "
            f"{place.environment}",
            "set it, or `onboarding ledger fork` if this is a copy",
        )
    if identity.kafka_cluster != place.observed.cluster:
        yield Finding(
            "ledger",
            Level.FAULT,
            f"{identity.ledger} records Kafka cluster {identity.kafka_cluster}, not {place.observed.cluster}",
            "let KAFKA_BOOTSTRAP_SERVERS lead to it, or `onboarding ledger adopt` if this one replaces it",
        )
    yield _judge_claim(identity, place.observed)


def _judge_claim(identity: Identity, observed: Observed) -> Finding:
    """Say whose totals Kafka shows."""
    if observed.holder is None:
        return Finding("claim", Level.WARNING, "nobody has claimed this Kafka cluster", "start `onboarding consume`")
    if observed.holder.ledger != identity.ledger:
        text = f"the totals on Kafka cluster {observed.cluster} are those of {observed.holder.describe()}"
        return Finding("claim", Level.FAULT, text, "`onboarding ledger adopt` if they are to be this one's")
    return Finding("claim", Level.OK, f"the totals on Kafka cluster {observed.cluster} are those of this ledger")
