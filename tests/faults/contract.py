"""What upstream systems were promised, as docs/asyncapi.yaml and docs/reference.md say it; no code of the product.

test_traffic.py compares it with those documents.
"""

from datetime import date, datetime, timedelta, timezone
from typing import Final, NamedTuple

VIETNAM: Final = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
PARTITIONS: Final = 8
MERGED_ON: Final = date(2025, 7, 1)
EARLIEST_DAY: Final = date(2016, 1, 1)
REFUSED_TOPIC: Final = "onboarding.refused.v1"


class Lane(NamedTuple):
    """A source partition."""

    topic: str
    partition: int

    def __str__(self) -> str:
        """Return it as it is written in a discrepancy."""
        return f"{self.topic}/{self.partition}"


class Kind(NamedTuple):
    """One kind of event. Its lane dimension tells by itself in which partition the traffic put a fact."""

    name: str
    type: str
    topic: str
    table: str
    business_key: str
    dimensions: tuple[str, ...]
    details: tuple[str, ...]
    lane_dimension: str

    @property
    def counted(self) -> tuple[str, ...]:
        """Every dimension that its facts are counted by."""
        return ("source", *self.dimensions)

    @property
    def metric(self) -> str:
        """Name of its total."""
        return f"onboarding_{self.name}_total"

    def metric_by(self, dimension: str) -> str:
        """Name of its total by one dimension."""
        return f"onboarding_{self.name}_by_{dimension}_total"


KINDS: Final = (
    Kind(
        "identity_records_received",
        "vn.project06.identity-record.received.v1",
        "onboarding.identity-records.v1",
        "identity_record_received",
        "record_number",
        ("province", "channel"),
        ("desk",),
        "province",
    ),
    Kind(
        "accounts_activated",
        "vn.project06.account.activated.v1",
        "onboarding.account-activations.v1",
        "account_activated",
        "account",
        ("province", "level"),
        (),
        "province",
    ),
    Kind(
        "portal_logins",
        "vn.project06.portal.logged-in.v1",
        "onboarding.portal-logins.v1",
        "portal_logged_in",
        "login_id",
        ("portal",),
        (),
        "portal",
    ),
    Kind(
        "identity_records_retracted",
        "vn.project06.identity-record.retracted.v1",
        "onboarding.identity-record-retractions.v1",
        "identity_record_retracted",
        "record_number",
        ("province", "cause"),
        (),
        "province",
    ),
    Kind(
        "activations_retracted",
        "vn.project06.account.activation-retracted.v1",
        "onboarding.activation-retractions.v1",
        "account_activation_retracted",
        "account",
        ("province", "level", "state_before", "cause"),
        (),
        "province",
    ),
    Kind(
        "account_locks",
        "vn.project06.account.locked.v1",
        "onboarding.account-locks.v1",
        "account_locked",
        "lock_id",
        ("province", "level"),
        (),
        "province",
    ),
    Kind(
        "account_unlocks",
        "vn.project06.account.unlocked.v1",
        "onboarding.account-unlocks.v1",
        "account_unlocked",
        "lock_id",
        ("province", "level"),
        (),
        "province",
    ),
    Kind(
        "accounts_expired",
        "vn.project06.account.expired.v1",
        "onboarding.account-expiries.v1",
        "account_expired",
        "account",
        ("province", "level", "state_before"),
        (),
        "province",
    ),
)
KIND_BY_TOPIC: Final = {kind.topic: kind for kind in KINDS}
LANES: Final = tuple(Lane(kind.topic, partition) for kind in KINDS for partition in range(PARTITIONS))

# Net figures: which series of the same page each adds (1) or takes off (-1).
_ACTIVE: Final = '_by_state_before_total{state_before="active"}'
NETS: Final = {
    "onboarding_identity_records_net": {
        "onboarding_identity_records_received_total": 1,
        "onboarding_identity_records_retracted_total": -1,
    },
    "onboarding_accounts_activated_net": {
        "onboarding_accounts_activated_total": 1,
        "onboarding_activations_retracted_total": -1,
    },
    "onboarding_accounts_active": {
        "onboarding_accounts_activated_total": 1,
        f"onboarding_activations_retracted{_ACTIVE}": -1,
        "onboarding_account_locks_total": -1,
        "onboarding_account_unlocks_total": 1,
        f"onboarding_accounts_expired{_ACTIVE}": -1,
    },
}

SOURCES: Final = (
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
)
CHANNELS: Final = ("commune-desk", "district-desk", "provincial-desk", "mobile-team")
LEVELS: Final = (1, 2)
CAUSES: Final = ("entered-twice", "wrong-citizen", "invalid-document", "technical-error")
# Of an account that expires; one that is reversed may have expired before, too.
STATES_BEFORE: Final = ("active", "locked")
PORTALS: Final = (
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
)
_CODES: Final = (
    "01 02 04 06 08 10 11 12 14 15 17 19 20 22 24 25 26 27 30 31 33 34 35 36 37 38 40 42 44 45 46 48 49 51 52 54 56 58"
    " 60 62 64 66 67 68 70 72 74 75 77 79 80 82 83 84 86 87 89 91 92 93 94 95 96"
)
_UNCHANGED_CODES: Final = "01 04 11 12 14 20 22 38 40 42 46"
_MERGED_CODES: Final = "08 15 19 24 25 31 33 37 44 48 51 52 56 66 68 75 79 80 82 86 91 92 96"
PROVINCES: Final = tuple(_CODES.split())
UNCHANGED: Final = frozenset(_UNCHANGED_CODES.split())
MERGED: Final = frozenset(_MERGED_CODES.split())


def day_of(moment: datetime) -> date:
    """Return the calendar day in Vietnam."""
    return moment.astimezone(VIETNAM).date()


def place_of(code: str, day: date) -> str | None:
    """Return the place that a province code names on a day; None when no province had it then."""
    if code in UNCHANGED or day < MERGED_ON:
        return code
    return f"{code}-2025" if code in MERGED else None


def provinces_on(day: date) -> tuple[str, ...]:
    """Return the province codes in force on a day."""
    return tuple(code for code in PROVINCES if place_of(code, day))


def partition_of(value: str) -> int:
    """Return the partition in which the traffic puts facts of this province, place or portal."""
    code = value.removesuffix("-2025")
    return (PORTALS.index(code) if code in PORTALS else PROVINCES.index(code)) % PARTITIONS


def values_of(kind: Kind) -> tuple[str, ...]:
    """Return every value that the kind's lane dimension can be shown with."""
    if kind.lane_dimension == "portal":
        return PORTALS
    return (*PROVINCES, *(f"{code}-2025" for code in sorted(MERGED)))
