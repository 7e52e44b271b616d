"""The event contract: one frozen class per fact, each a CloudEvent 1.0. Unknown attributes are never kept."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, GetPydanticSchema, StringConstraints, WithJsonSchema
from pydantic_core import core_schema

from models.limits import DESK_LENGTH_MAX, UUID_LENGTH
from models.places import PROVINCE_CODES

# RFC 3339, section 5.6. The offset is checked by itself, so that its absence has a reason of its own.
TIME_PATTERN: Final = r"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})?$"
UUID_PATTERN: Final = r"^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$"
SUBJECT_PATTERN: Final = r"^[0-9a-f]{64}$"


def _written_as(text: core_schema.CoreSchema, value: core_schema.CoreSchema) -> GetPydanticSchema:
    """Read a text of the given form, then turn it into the value."""
    return GetPydanticSchema(lambda _source, _handler: core_schema.chain_schema([text, value]))


# In lower case two texts are equal when the UUIDs are, and a text is quicker made, compared and written than an object.
Identifier = Annotated[
    str,
    Field(pattern=UUID_PATTERN, max_length=UUID_LENGTH),
    StringConstraints(to_lower=True),
    WithJsonSchema({"type": "string", "format": "uuid", "pattern": UUID_PATTERN}),
]
Moment = Annotated[
    datetime,
    _written_as(
        core_schema.str_schema(pattern=TIME_PATTERN, strict=True),
        core_schema.datetime_schema(strict=False, tz_constraint="aware"),
    ),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": TIME_PATTERN.replace(")?$", ")$")}),
]
Subject = Annotated[str, Field(pattern=SUBJECT_PATTERN)]
ProvinceCode = Annotated[
    Literal[PROVINCE_CODES],  # type: ignore[valid-type]  # a Literal of a tuple: one list of codes, in models/places.py
    Field(description="Two-digit code of the General Statistics Office at the event's time."),
]


def _integer(least: int, most: int) -> GetPydanticSchema:
    """Read an integer as JSON Schema defines it: 2.0 is one, true and "2" are none."""
    bounds: dict[str, Any] = {"ge": least, "le": most, "strict": True}
    whole = core_schema.chain_schema(
        [core_schema.float_schema(**bounds, multiple_of=1), core_schema.int_schema(strict=False)]
    )
    either = core_schema.union_schema([core_schema.int_schema(**bounds), whole], mode="left_to_right")
    schema = core_schema.custom_error_schema(either, "level", custom_error_message="no integer of the contract")
    return GetPydanticSchema(lambda _source, _handler: schema)


Level = Annotated[int, _integer(1, 2), WithJsonSchema({"maximum": 2, "minimum": 1, "type": "integer"})]
Channel = Literal["commune-desk", "district-desk", "provincial-desk", "mobile-team"]
Cause = Literal["entered-twice", "wrong-citizen", "invalid-document", "technical-error"]
StateBefore = Literal["active", "locked", "expired"]
Portal = Literal[
    "national",
    "public-security",
    "social-insurance",
    "taxation",
    "health",
    "education",
    "transport",
    "justice",
    "labour",
    "customs",
    "business-registration",
]
Source = Literal[
    "urn:vn:project06:intake-desk",
    "urn:vn:project06:mobile-intake",
    "urn:vn:project06:vneid",
    "urn:vn:project06:portal:national",
    "urn:vn:project06:portal:public-security",
    "urn:vn:project06:portal:social-insurance",
    "urn:vn:project06:portal:taxation",
    "urn:vn:project06:portal:health",
    "urn:vn:project06:portal:education",
    "urn:vn:project06:portal:transport",
    "urn:vn:project06:portal:justice",
    "urn:vn:project06:portal:labour",
    "urn:vn:project06:portal:customs",
    "urn:vn:project06:portal:business-registration",
]

SOURCES: Final = frozenset(get_args(Source))


class _Strict(BaseModel):
    """What is read is read as written: no number for a text, nothing changed afterwards."""

    # cache_strings: of values, hardly one comes twice.
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", cache_strings="keys")


class Event(_Strict):
    """What every event has: the context attributes of a CloudEvent 1.0."""

    specversion: Literal["1.0"] = Field(description="Version of the CloudEvents specification.")
    type: str = Field(description="Which fact this is.")
    id: Identifier = Field(description="Names this event; the same on every retry. UUID, version 7 recommended.")
    source: Source = Field(description="The upstream system that publishes it.")
    subject: Subject = Field(description="Keyed pseudonym of the citizen; the record key must equal it.")
    time: Moment = Field(description="When the fact happened, RFC 3339 with an offset from UTC.")
    data: Any


class IdentityRecordData(_Strict):
    """What is known of an identity record received."""

    record_number: Identifier = Field(description="The record's own opaque number: counted once.")
    province: ProvinceCode
    channel: Channel = Field(description="How the record was taken in.")
    desk: str | None = Field(
        default=None,
        max_length=DESK_LENGTH_MAX,
        description="Name of the intake desk in free text; never anything about the citizen.",
    )


class IdentityRecordReceived(Event):
    """An electronic identification record was received (thu nhận hồ sơ định danh điện tử)."""

    type: Literal["vn.project06.identity-record.received.v1"]
    data: IdentityRecordData


class AccountData(_Strict):
    """What is known of an account activated."""

    account: Identifier = Field(description="The account's own opaque number: counted once.")
    province: ProvinceCode
    level: Level = Field(description="Level of the electronic identification account (Decree 69/2024/ND-CP).")


class AccountActivated(Event):
    """A VNeID account was activated (kích hoạt tài khoản định danh điện tử)."""

    type: Literal["vn.project06.account.activated.v1"]
    data: AccountData


class LoginData(_Strict):
    """What is known of a login."""

    login_id: Identifier = Field(description="The login's own opaque number: counted once.")
    portal: Portal = Field(description="The portal or app that was logged in to.")


class PortalLoggedIn(Event):
    """An account was used to log in to a portal (lượt đăng nhập bằng tài khoản định danh điện tử)."""

    type: Literal["vn.project06.portal.logged-in.v1"]
    data: LoginData


class IdentityRecordRetractionData(_Strict):
    """What is known of an identity record withdrawn."""

    record_number: Identifier = Field(description="The number of the record that is withdrawn: counted once.")
    province: ProvinceCode
    cause: Cause = Field(description="Why it is withdrawn.")


class IdentityRecordRetracted(Event):
    """An electronic identification record was withdrawn: it should not have been received (thu hồi hồ sơ)."""

    type: Literal["vn.project06.identity-record.retracted.v1"]
    data: IdentityRecordRetractionData


class ActivationRetractionData(_Strict):
    """What is known of an activation reversed."""

    account: Identifier = Field(description="The account whose activation is reversed: counted once.")
    province: ProvinceCode
    level: Level = Field(description="Level of the account (Decree 69/2024/ND-CP).")
    state_before: StateBefore = Field(
        description="What the account was until then: only an active one is taken off the active ones."
    )
    cause: Cause = Field(description="Why it is reversed.")


class AccountActivationRetracted(Event):
    """An activation was reversed: the account should not have been activated (hủy kích hoạt tài khoản)."""

    type: Literal["vn.project06.account.activation-retracted.v1"]
    data: ActivationRetractionData


class LockData(_Strict):
    """What is known of a lock set on an account, or ended."""

    lock_id: Identifier = Field(description="The lock's own opaque number, the same at its begin and its end.")
    province: ProvinceCode
    level: Level = Field(description="Level of the account (Decree 69/2024/ND-CP).")


class AccountLocked(Event):
    """An active account was locked (khóa tài khoản định danh điện tử)."""

    type: Literal["vn.project06.account.locked.v1"]
    data: LockData


class AccountUnlocked(Event):
    """A lock was ended, and the account is active again (mở khóa tài khoản định danh điện tử)."""

    type: Literal["vn.project06.account.unlocked.v1"]
    data: LockData


class ExpiryData(_Strict):
    """What is known of an account expired."""

    account: Identifier = Field(description="The account that expires: counted once.")
    province: ProvinceCode
    level: Level = Field(description="Level of the account (Decree 69/2024/ND-CP).")
    state_before: Literal["active", "locked"] = Field(description="What the account was until then.")


class AccountExpired(Event):
    """An account came to the end of its validity (tài khoản định danh điện tử hết hạn)."""

    type: Literal["vn.project06.account.expired.v1"]
    data: ExpiryData
