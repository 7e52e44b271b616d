"""Net figures: what remains of a total once what undoes its facts is taken off.

A total counts facts and never falls; a net figure may. Each is a sum of marginals, so it is known wherever its totals
are, and it is the same in whatever order the facts came.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from models.catalogue import (
    ACCOUNTS,
    ACTIVATIONS_RETRACTED,
    EXPIRIES,
    IDENTITY_RECORDS,
    LOCKS,
    RECORDS_RETRACTED,
    UNLOCKS,
    Kind,
)
from models.tally import ALL, Total


class Term(NamedTuple):
    """A count that is added (+1) or taken off (-1)."""

    sign: int
    kind: Kind
    dimension: str = ALL[0]
    value: str = ALL[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Net:
    """A figure that follows from totals."""

    name: str
    terms: tuple[Term, ...]
    title_vi: str
    definition: str
    definition_vi: str

    @property
    def title(self) -> str:
        """Its name, as a person writes it."""
        return self.name.replace("_", " ").capitalize()

    @property
    def metric(self) -> str:
        """Name of its gauge in Prometheus."""
        return f"onboarding_{self.name}"

    def compute(self, totals: Mapping[str, Total]) -> int | None:
        """Return the figure; None while one of its counts is not known.

        totals -- the complete totals by name of kind
        """
        found = 0
        for term in self.terms:
            total = totals.get(term.kind.name)
            count = total.standing(term.dimension, term.value) if total else None
            if count is None:
                return None
            found += term.sign * count
        return found


_STATE: Final = ("state_before", "active")

RECORDS_NET: Final = Net(
    name="identity_records_net",
    terms=(Term(1, IDENTITY_RECORDS), Term(-1, RECORDS_RETRACTED)),
    title_vi="Hồ sơ định danh điện tử (số thuần)",
    definition="Electronic identification records received, less those withdrawn.",
    definition_vi="Số hồ sơ định danh điện tử đã thu nhận, trừ số đã thu hồi.",
)
ACCOUNTS_NET: Final = Net(
    name="accounts_activated_net",
    terms=(Term(1, ACCOUNTS), Term(-1, ACTIVATIONS_RETRACTED)),
    title_vi="Tài khoản đã kích hoạt (số thuần)",
    definition="VNeID accounts activated, less those whose activation was reversed.",
    definition_vi="Số tài khoản VNeID đã kích hoạt, trừ số bị hủy kích hoạt.",
)
# An account that is expired or reversed while it is locked was taken off when it was locked.
ACCOUNTS_ACTIVE: Final = Net(
    name="accounts_active",
    terms=(
        Term(1, ACCOUNTS),
        Term(-1, ACTIVATIONS_RETRACTED, *_STATE),
        Term(-1, LOCKS),
        Term(1, UNLOCKS),
        Term(-1, EXPIRIES, *_STATE),
    ),
    title_vi="Tài khoản đang hoạt động",
    definition="VNeID accounts that can be used: activated, and neither reversed, nor locked at present, nor expired.",
    definition_vi="Số tài khoản VNeID đang dùng được: đã kích hoạt, không bị hủy, không đang bị khóa và chưa hết hạn.",
)

NETS: Final = (RECORDS_NET, ACCOUNTS_NET, ACCOUNTS_ACTIVE)
