"""The catalogue of the next version: what a developer would have written into `models`."""

from dataclasses import replace
from typing import ClassVar, Final, Literal

from models import catalogue
from models.catalogue import KINDS, LOGINS, Kind
from models.events import Event, Identifier, LoginData, PortalLoggedIn, ProvinceCode


class CardData(LoginData.__base__):  # type: ignore[name-defined,misc]  # the strict base, which is private
    """What is known of a card issued."""

    card: Identifier
    province: ProvinceCode


class CardIssued(Event):
    """A chip-based citizen identity card was issued (cấp thẻ căn cước gắn chíp)."""

    type: Literal["vn.project06.card.issued.v1"]
    data: CardData


class OldLoginData(LoginData):
    """A login as the first version writes it: it does not say with which device."""

    device: ClassVar[None] = None


class OldPortalLoggedIn(PortalLoggedIn):
    """A login of the first version."""

    data: OldLoginData


class NewLoginData(LoginData):
    """A login as the second version writes it."""

    device: str | None = None


class NewPortalLoggedIn(Event):
    """A login of the second version."""

    type: Literal["vn.project06.portal.logged-in.v2"]
    data: NewLoginData


CARDS: Final = Kind(
    name="cards_issued",
    event=CardIssued,
    topic="onboarding.cards.v1",
    table="card_issued",
    business_key="card",
    dimensions=("province",),
    title_vi="Thẻ đã cấp",
    definition="Cards issued.",
    definition_vi="Số thẻ đã cấp.",
)
NEW_LOGINS: Final = replace(LOGINS, event=NewPortalLoggedIn, earlier=(OldPortalLoggedIn,), details=("device",))


def extend() -> None:
    """Put them into the catalogue, before anything else reads it."""
    kinds = (*(NEW_LOGINS if kind is LOGINS else kind for kind in KINDS), CARDS)
    vars(catalogue).update(
        LOGINS=NEW_LOGINS,
        KINDS=kinds,
        KIND_BY_TOPIC={kind.topic: kind for kind in kinds},
        KIND_BY_TYPE={name: kind for kind in kinds for name in kind.versions},
        KIND_BY_NAME={kind.name: kind for kind in kinds},
    )
