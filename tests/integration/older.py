"""A consumer of an older version, whose contract does not know one portal yet: its logins are refused."""

import uvloop

from consumers.process import run_consumer
from ledger import batch
from models.catalogue import KIND_BY_TOPIC, LOGINS
from models.decoding.columns import Facts
from models.decoding.many_records import Decoded, RecordColumns, decode_all
from models.outcomes import Reason, Refused
from onboarding.cli.consume import consumer_settings
from onboarding.settings import read_settings

PORTAL = "customs"


def _in_order(records: RecordColumns | Facts) -> list[tuple[int, int]]:
    """Return partition and offset of each."""
    return list(zip(records.partitions.tolist(), records.offsets.tolist(), strict=True))


def _decode_as_before(topic: str, delivered: RecordColumns) -> Decoded:
    """Read records; refuse those of the portal that is not known yet."""
    decoded = decode_all(topic, delivered)
    if KIND_BY_TOPIC[topic] is not LOGINS:
        return decoded
    known = [place for place, row in enumerate(decoded.facts) if PORTAL not in row]
    kept = decoded.facts.take(known)
    lost = set(_in_order(decoded.facts)) - set(_in_order(kept))
    unknown = Refused(Reason.PORTAL_UNKNOWN, "data.portal")
    refused = [(number, unknown) for number, place in enumerate(_in_order(delivered)) if place in lost]
    return Decoded(kept, sorted([*decoded.refused, *refused]))


if __name__ == "__main__":
    vars(batch)["decode_all"] = _decode_as_before
    uvloop.run(run_consumer(consumer_settings(read_settings())))
