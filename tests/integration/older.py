"""A consumer of an older version, whose contract does not know one portal yet: its logins are refused."""

import uvloop

from consumers.process import run_consumer
from ledger import batch
from models.catalogue import KIND_BY_TOPIC, LOGINS
from models.decoding.many_records import Decoded, Record, decode_all
from models.outcomes import Reason, Refused
from onboarding.cli.consume import consumer_settings
from onboarding.settings import read_settings

PORTAL = "customs"


def _decode_as_before(topic: str, records: list[Record]) -> Decoded:
    """Read records; refuse those of the portal that is not known yet."""
    decoded = Decoded([], [], [])
    for place, record in enumerate(records):
        one = decode_all(topic, [record])
        if one.facts and KIND_BY_TOPIC[topic] is LOGINS and PORTAL in one.counted[0]:
            one = Decoded([], [], [(0, Refused(Reason.PORTAL_UNKNOWN, "data.portal"))])
        decoded.facts.extend(one.facts)
        decoded.counted.extend(one.counted)
        decoded.refused.extend((place, refused) for _, refused in one.refused)
    return decoded


if __name__ == "__main__":
    vars(batch)["decode_all"] = _decode_as_before
    uvloop.run(run_consumer(consumer_settings(read_settings())))
