"""What `doctor` says of a ledger, an environment and a Kafka cluster that belong together, and that do not."""

from uuid import UUID

import pytest

from brokers.claims import Observed
from ledger.identity import Identity
from models.claim import Claim
from operations.doctor.findings import Level
from operations.doctor.ledger_checks import Place, judge_ledger

OURS = Identity(UUID(int=1), 1, "production", "K1")
CLAIM = Claim(ledger=UUID(int=1), environment="production", generation=1, incarnation=5, epoch=5)
OTHERS = CLAIM.model_copy(update={"ledger": UUID(int=2)})


@pytest.mark.parametrize(
    ("identity", "place", "levels", "text"),
    [
        (OURS, Place("production", Observed("K1", CLAIM, lives=True)), [Level.OK], "are those of this ledger"),
        (OURS._replace(environment=""), Place("production", Observed("K1", None, lives=False)), [Level.OK], "new"),
        (OURS, Place("staging", Observed("K1", CLAIM, lives=True)), [Level.FAULT, Level.OK], "says staging"),
        (OURS, Place("production", Observed("K2", CLAIM, lives=True)), [Level.FAULT, Level.OK], "K1, not K2"),
        (OURS, Place("production", Observed("K1", None, lives=False)), [Level.WARNING], "nobody has claimed"),
        (OURS, Place("production", Observed("K1", OTHERS, lives=True)), [Level.FAULT], f"ledger {UUID(int=2)}"),
    ],
)
def test_what_does_not_belong_together_is_named(
    identity: Identity, place: Place, levels: list[Level], text: str
) -> None:
    """As a consumer would be told at its start, with what to do."""
    found = list(judge_ledger(identity, place))
    assert [finding.level for finding in found] == levels
    assert any(text in finding.text for finding in found)
    assert all(finding.remedy for finding in found if finding.level is not Level.OK)
