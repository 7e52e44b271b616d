"""A kind that is written in two versions: both are read together, each as `decode` reads it."""

from dataclasses import replace
from operator import attrgetter
from random import Random
from typing import ClassVar, Literal

import pytest

from models.catalogue import KIND_BY_TOPIC, LOGINS
from models.decoding import one_record
from models.decoding.shapes import shape_of
from models.events import LoginData, PortalLoggedIn
from tests.integration.newer.kinds import NEW_LOGINS
from tests.models.both_ways import find_difference, one_by_one, together
from tests.models.mutations import Made, make_record

V1, V2 = LOGINS.type.encode(), NEW_LOGINS.type.encode()


@pytest.fixture(autouse=True)
def newer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let logins be written in a second version as well, with the device that they came from."""
    monkeypatch.setitem(KIND_BY_TOPIC, LOGINS.topic, NEW_LOGINS)
    monkeypatch.setitem(one_record._READ_DATA, LOGINS.name, attrgetter("login_id", "portal", "device"))  # noqa: SLF001


def _in_version_2(made: Made, device: bytes = b"") -> Made:
    value = (made.value or b"").replace(V1, V2)
    return made._replace(value=value.replace(b'"portal"', b'"device": "%s", "portal"' % device) if device else value)


def test_both_versions_are_read_together() -> None:
    """With the device where one is told, and without."""
    random = Random(1)  # noqa: S311 - test data, no secret
    old, new, with_device = (make_record(LOGINS, random, 0) for _record in range(3))
    made = [old, _in_version_2(new), _in_version_2(with_device, b"phone")]
    shape = shape_of(NEW_LOGINS)
    assert [shape.in_data[-1](shape.read(each.value or b"").data) for each in made] == [None, None, "phone"]
    outcome = together(NEW_LOGINS, made)
    assert outcome == one_by_one(NEW_LOGINS, made)
    assert len(outcome.facts) == 3


@pytest.mark.parametrize("written", [b"vn.project06.portal.logged-in.v3", b"", None])
def test_a_version_that_nobody_knows_is_refused(written: bytes | None) -> None:
    """As one by one, also where no version is written at all."""
    sound = make_record(LOGINS, Random(1), 0)  # noqa: S311 - the same
    value = sound.value or b""
    named = value.replace(b' "type": "%s",' % V1, b"") if written is None else value.replace(V1, written)
    made = [sound, sound._replace(value=named), sound]
    assert together(NEW_LOGINS, made) == one_by_one(NEW_LOGINS, made)
    assert len(together(NEW_LOGINS, made).refused) == 1


def test_both_ways_agree_over_whatever_is_nearly_an_event() -> None:
    """As for kinds of one version."""
    assert [found for seed in range(20) if (found := find_difference(NEW_LOGINS, seed))] == []


class NarrowData(LoginData):
    """A login of a version that knew one portal alone."""

    device: ClassVar[None] = None
    portal: Literal["national"]


class Narrow(PortalLoggedIn):
    """An event of that version."""

    data: NarrowData


def test_an_older_version_that_allows_other_values_is_left_to_the_thorough_way() -> None:
    """What the newest one allows would be taken of it."""
    kind = replace(NEW_LOGINS, name="narrow", earlier=(Narrow,))
    sound = make_record(LOGINS, Random(1), 0)  # noqa: S311 - test data, no secret
    with pytest.raises(ValueError, match="Invalid value"):
        shape_of(kind).read(sound.value or b"")
    assert shape_of(kind).read(_in_version_2(sound).value or b"")
