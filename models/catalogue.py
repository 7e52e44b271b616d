"""THE MAP: each kind of event with its topic, key, ledger table, dimensions, metric and definition in words."""

from dataclasses import dataclass
from typing import Final, get_args

from models.events import (
    AccountActivated,
    AccountActivationRetracted,
    AccountExpired,
    AccountLocked,
    AccountUnlocked,
    Event,
    IdentityRecordReceived,
    IdentityRecordRetracted,
    PortalLoggedIn,
)

EventClass = type[Event]

SOURCE: Final = "source"  # the dimension that every kind has: the upstream system


def type_of(event: EventClass) -> str:
    """Return the CloudEvents type of a class of events."""
    (name,) = get_args(event.model_fields["type"].annotation)
    return str(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of event and everything that follows from it."""

    name: str  # what is counted; the stem of its metrics
    event: EventClass
    topic: str
    table: str  # its ledger table, one row a fact
    business_key: str  # the field of data that makes a fact unique
    dimensions: tuple[str, ...]  # fields of data that are counted apart, beside the source
    details: tuple[str, ...] = ()  # fields of data that are kept, not counted
    earlier: tuple[EventClass, ...] = ()  # classes of older versions that are still read
    about: "Kind | None" = None  # the kind whose fact of the same business key each of its facts is about
    title_vi: str
    definition: str
    definition_vi: str

    @property
    def title(self) -> str:
        """What is counted, as a person writes it."""
        return self.name.replace("_", " ").capitalize()

    @property
    def type(self) -> str:
        """CloudEvents type of its events."""
        return type_of(self.event)

    @property
    def versions(self) -> dict[str, EventClass]:
        """The classes that its events may be written in, by CloudEvents type."""
        return {type_of(event): event for event in (self.event, *self.earlier)}

    @property
    def counted(self) -> tuple[str, ...]:
        """Every dimension its facts are counted by."""
        return (SOURCE, *self.dimensions)

    @property
    def metric(self) -> str:
        """Name of its total in Prometheus."""
        return f"onboarding_{self.name}_total"

    @property
    def metric_opening(self) -> str:
        """Name of its opening balance in Prometheus."""
        return f"onboarding_{self.name}_opening_balance"

    @property
    def metric_with_opening(self) -> str:
        """Name of the sum of opening balance and stream in Prometheus."""
        return f"onboarding_{self.name}_with_opening_total"

    def metric_with_opening_by(self, dimension: str) -> str:
        """Name that sum by one dimension in Prometheus."""
        return f"onboarding_{self.name}_with_opening_by_{dimension}_total"

    def metric_by(self, dimension: str) -> str:
        """Name its total by one dimension in Prometheus."""
        return f"onboarding_{self.name}_by_{dimension}_total"


IDENTITY_RECORDS: Final = Kind(
    name="identity_records_received",
    event=IdentityRecordReceived,
    topic="onboarding.identity-records.v1",
    table="identity_record_received",
    business_key="record_number",
    dimensions=("province", "channel"),
    details=("desk",),
    title_vi="Hồ sơ định danh điện tử đã thu nhận",
    definition="Electronic identification records received, each record number counted once.",
    definition_vi="Số hồ sơ định danh điện tử đã thu nhận, mỗi số hồ sơ tính một lần.",
)
ACCOUNTS: Final = Kind(
    name="accounts_activated",
    event=AccountActivated,
    topic="onboarding.account-activations.v1",
    table="account_activated",
    business_key="account",
    dimensions=("province", "level"),
    title_vi="Tài khoản VNeID đã kích hoạt",
    definition="VNeID accounts activated, each account counted once; later locking or expiry does not lower it.",
    definition_vi="Số tài khoản VNeID đã kích hoạt, mỗi tài khoản tính một lần; khóa hay hết hạn không làm giảm.",
)
LOGINS: Final = Kind(
    name="portal_logins",
    event=PortalLoggedIn,
    topic="onboarding.portal-logins.v1",
    table="portal_logged_in",
    business_key="login_id",
    dimensions=("portal",),
    title_vi="Lượt đăng nhập",
    definition="Logins to the National Public Service Portal and ministries' apps with an e-ID account.",
    definition_vi="Số lượt đăng nhập Cổng Dịch vụ công quốc gia và ứng dụng các bộ bằng tài khoản định danh điện tử.",
)
RECORDS_RETRACTED: Final = Kind(
    name="identity_records_retracted",
    event=IdentityRecordRetracted,
    topic="onboarding.identity-record-retractions.v1",
    table="identity_record_retracted",
    business_key="record_number",
    dimensions=("province", "cause"),
    about=IDENTITY_RECORDS,
    title_vi="Hồ sơ đã thu hồi",
    definition="Electronic identification records withdrawn, each record number counted once, on the day of it.",
    definition_vi="Số hồ sơ định danh điện tử đã thu hồi, mỗi số hồ sơ tính một lần, vào ngày thu hồi.",
)
ACTIVATIONS_RETRACTED: Final = Kind(
    name="activations_retracted",
    event=AccountActivationRetracted,
    topic="onboarding.activation-retractions.v1",
    table="account_activation_retracted",
    business_key="account",
    dimensions=("province", "level", "state_before", "cause"),
    about=ACCOUNTS,
    title_vi="Tài khoản bị hủy kích hoạt",
    definition="Activations of VNeID accounts reversed, each account counted once, on the day of reversal.",
    definition_vi="Số tài khoản VNeID bị hủy kích hoạt, mỗi tài khoản tính một lần, vào ngày hủy.",
)
LOCKS: Final = Kind(
    name="account_locks",
    event=AccountLocked,
    topic="onboarding.account-locks.v1",
    table="account_locked",
    business_key="lock_id",
    dimensions=("province", "level"),
    title_vi="Lượt khóa tài khoản",
    definition="Locks set on active VNeID accounts, each lock counted once.",
    definition_vi="Số lượt khóa tài khoản VNeID đang hoạt động, mỗi lượt tính một lần.",
)
UNLOCKS: Final = Kind(
    name="account_unlocks",
    event=AccountUnlocked,
    topic="onboarding.account-unlocks.v1",
    table="account_unlocked",
    business_key="lock_id",
    dimensions=("province", "level"),
    about=LOCKS,
    title_vi="Lượt mở khóa tài khoản",
    definition="Locks ended that made a VNeID account active again, each lock counted once.",
    definition_vi="Số lượt mở khóa đưa tài khoản VNeID hoạt động trở lại, mỗi lượt khóa tính một lần.",
)
EXPIRIES: Final = Kind(
    name="accounts_expired",
    event=AccountExpired,
    topic="onboarding.account-expiries.v1",
    table="account_expired",
    business_key="account",
    dimensions=("province", "level", "state_before"),
    about=ACCOUNTS,
    title_vi="Tài khoản hết hạn",
    definition="VNeID accounts that came to the end of their validity, each account counted once.",
    definition_vi="Số tài khoản VNeID đã hết hạn, mỗi tài khoản tính một lần.",
)

KINDS: Final = (
    *(IDENTITY_RECORDS, ACCOUNTS, LOGINS),
    *(RECORDS_RETRACTED, ACTIVATIONS_RETRACTED, LOCKS, UNLOCKS, EXPIRIES),
)
KIND_BY_TOPIC: Final = {kind.topic: kind for kind in KINDS}
KIND_BY_TYPE: Final = {name: kind for kind in KINDS for name in kind.versions}
KIND_BY_NAME: Final = {kind.name: kind for kind in KINDS}
