"""The target takes every published vector, and sees a codec that errs."""

import json
from base64 import b64decode
from operator import itemgetter
from pathlib import Path
from unittest.mock import Mock

import pytest

from models.outcomes import Refused
from tests.fuzz import target

VECTORS = json.loads(Path("docs/test-vectors.json").read_text(encoding="utf-8"))["codec"]["records"]


@pytest.mark.parametrize("mode", [0, 1, 2, 3])
def test_every_vector_passes_in_every_mode(mode: int) -> None:
    """As a seed, and as something else than it was meant for."""
    for vector in filter(itemgetter("key"), VECTORS):
        value = b64decode(vector["value_base64"] or "")
        seed = target.write_seed(vector["topic"], vector["key"].encode()[:255], value)
        target.try_bytes(seed[:1] + bytes((mode,)) + seed[2:])


def test_an_error_that_our_boundary_hides_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault: the codec fails over a record, and refuses it for that."""
    monkeypatch.setattr("models.decoding.one_record.as_document", Mock(side_effect=OverflowError))
    with pytest.raises(AssertionError, match="OverflowError"):
        target.try_bytes(target.write_seed(VECTORS[0]["topic"], b"", b"{"))


def test_an_outcome_that_is_another_one_among_many_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault: one record alone is refused for a reason that it has not."""
    monkeypatch.setattr(target, "decode", lambda *_record: Refused("no_such_reason"))  # type: ignore[arg-type]
    with pytest.raises(AssertionError):
        target.try_bytes(target.write_seed(VECTORS[0]["topic"], b"", b"{"))
