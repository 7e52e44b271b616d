"""What tries valid events sees one that is refused."""

from unittest.mock import Mock

import pytest

from models.catalogue import LOGINS
from models.decoding.columns import Facts
from models.decoding.many_records import Decoded
from models.outcomes import Reason, Refused
from tests.fuzz import valid


def test_a_refused_event_is_told_with_its_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault: the decoder refuses an event in a batch."""
    refused = Refused(Reason.NOT_JSON, "")
    monkeypatch.setattr(valid, "decode_all", Mock(return_value=Decoded(Facts.of(LOGINS, ()), [(3, refused)])))
    found = valid.try_round(7)
    assert found is not None
    assert (found.seed, found.outcome) == (7, refused)
    assert b"specversion" in found.value


def test_valid_events_are_tried_in_every_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """A round in which none is refused ends with nothing."""
    monkeypatch.setattr(valid, "_ROUND_EVENTS", 800)
    assert valid.try_round(7) is None
