"""What officials look at first: the totals, gross and net, today's, their parts and the ranking of provinces.

Totals are taken with max() over the stream workers: a standby shows nothing, and while one takes over from another a
sum() could count twice.
"""

from collections.abc import Sequence
from typing import Final

from models.catalogue import ACCOUNTS, IDENTITY_RECORDS, Kind
from models.net_figures import NETS, Net
from onboarding.documents.boards.panel import MOMENT, RATIO, Look, Panel, Query
from onboarding.documents.boards.words import Text, alike, definition_of, dimension_of, title_of, values_of

PROVINCE: Final = "province"
TODAY: Final = "today"
_NEWEST: Final = "onboarding_{}_newest_timestamp_seconds"
_FROM_A_FILE: Final = Text(
    "Without the opening balance. Inhabitants are those of the file that the operator gives; without it the numbers "
    "per 1,000 are empty, and nothing is ordered: click on the heading of a column.",
    "Chưa bao gồm số dư đầu kỳ. Số dân lấy từ tệp do đơn vị vận hành cung cấp; nếu không có tệp, các cột trên 1.000 "
    "dân để trống và bảng không được xếp thứ tự: nhấn vào tiêu đề cột để xếp.",
)
_AS_OF: Final = Text("as of", "tính đến")


def totals(kinds: Sequence[Kind]) -> list[Panel]:
    """Return the large numbers: each total, the activation rate, the net figures, each with its moment."""
    return [*map(_total, kinds), _activation(), *map(_net, NETS), _with_opening(kinds)]


def parts(kinds: Sequence[Kind]) -> list[Panel]:
    """Return the ranking of provinces, and the share of each value of every other dimension."""
    ranked = [kind for kind in kinds if PROVINCE in kind.dimensions]
    shares = [_shares(kind, dimension) for kind in kinds for dimension in kind.dimensions if dimension != PROVINCE]
    return [_moments(kinds), _provinces(ranked), _provinces_today(), _inhabitants(), *shares]


def today(kinds: Sequence[Kind]) -> Panel:
    """Return the panel of today's facts of every kind."""
    return Panel(
        title=Text("Today", "Hôm nay"),
        definition=Text(
            "Facts that happened today, the calendar day in Vietnam, as far as they have arrived. The number grows "
            "all day and stays provisional.",
            "Số phát sinh trong ngày hôm nay theo giờ Việt Nam, trong phạm vi dữ liệu đã nhận được. Số liệu tăng dần "
            "trong ngày và là số tạm tính.",
        ),
        look=Look.NUMBERS,
        queries=[Query(ask=f"max(onboarding_{kind.name}_today)", called=title_of(kind)) for kind in kinds],
    )


def newest_of(kinds: Sequence[Kind]) -> str:
    """Return the expression for when the newest record was appended that is counted in any of these totals."""
    # "or" takes series of the same labels for the same: each kind needs a label of its own.
    each = (f'label_replace({_NEWEST.format(kind.name)}, "kind", "{kind.name}", "", "")' for kind in kinds)
    return f"max({_NEWEST.format(kinds[0].name) if len(kinds) == 1 else ' or '.join(each)})"


def _as_of(kinds: Sequence[Kind]) -> Query:
    """Return the query for the moment that a number belongs to."""
    return Query(ask=f"1000 * {newest_of(kinds)}", called=_AS_OF, unit=MOMENT)


def _total(kind: Kind) -> Panel:
    queries = [Query(ask=f"max({kind.metric})", called=title_of(kind)), _as_of([kind])]
    return Panel(title=title_of(kind), definition=definition_of(kind), look=Look.NUMBERS, queries=queries)


def _net(net: Net) -> Panel:
    kinds = list(dict.fromkeys(term.kind for term in net.terms))
    queries = [Query(ask=f"max({net.metric})", called=title_of(net)), _as_of(kinds)]
    return Panel(title=title_of(net), definition=definition_of(net), look=Look.NUMBERS, queries=queries)


def _activation() -> Panel:
    title = Text("Activation rate", "Tỷ lệ kích hoạt")
    return Panel(
        title=title,
        definition=Text(
            "Accounts activated for each identity record received, both gross and without opening balances.",
            "Số tài khoản đã kích hoạt trên số hồ sơ định danh điện tử đã thu nhận, đều là số chưa trừ thu hồi, hủy và "
            "chưa bao gồm số dư đầu kỳ.",
        ),
        look=Look.NUMBERS,
        queries=[Query(ask="max(onboarding_activation_ratio)", called=title), _as_of([IDENTITY_RECORDS, ACCOUNTS])],
        unit=RATIO,
        decimals=1,
    )


def _with_opening(kinds: Sequence[Kind]) -> Panel:
    """Return the sums of opening balance and stream, of the kinds that begin something."""
    own = [kind for kind in kinds if kind.about is None]
    return Panel(
        title=Text("With the opening balance", "Bao gồm số dư đầu kỳ"),
        definition=Text(
            "The published figure of the years before this stream, and facts of the stream on later days. Empty where "
            "no opening balance is recorded.",
            "Số đã công bố của giai đoạn trước khi có luồng dữ liệu này, cộng số phát sinh các ngày sau đó. Để trống "
            "khi chưa ghi nhận số dư đầu kỳ.",
        ),
        look=Look.NUMBERS,
        queries=[
            *(Query(ask=f"max({kind.metric_with_opening})", called=title_of(kind)) for kind in own),
            _as_of(own),
        ],
    )


def _moments(kinds: Sequence[Kind]) -> Panel:
    """Return the moment that the parts of each total belong to."""
    return Panel(
        title=Text("As of", "Thời điểm số liệu"),
        definition=Text(
            "When the newest record was appended that is counted in the numbers below, of each kind.",
            "Thời điểm tiếp nhận bản ghi mới nhất đã được đếm trong các số liệu dưới đây, theo từng loại.",
        ),
        look=Look.NUMBERS,
        queries=[Query(ask=f"1000 * {newest_of([kind])}", called=title_of(kind)) for kind in kinds],
        unit=MOMENT,
    )


def _provinces(kinds: Sequence[Kind]) -> Panel:
    """Return the ranking of the provinces as they were: the last column orders it."""
    sums = [Query(ask=_by_province(kind), called=title_of(kind)) for kind in kinds]
    people = f"max by ({PROVINCE}) (onboarding_province_inhabitants)"
    rates = [_per_thousand(kind, _by_province(kind), people) for kind in (IDENTITY_RECORDS, ACCOUNTS)]
    return Panel(
        title=Text("Ranking of provinces at the event's time", "Xếp hạng tỉnh, thành phố tại thời điểm phát sinh"),
        definition=Text(
            "Totals by the province at the event's time, by code of the General Statistics Office; ordered by "
            "accounts activated per 1,000 inhabitants. A province merged on 1 July 2025 has a line of its own since "
            f"then, and no number per 1,000. {_FROM_A_FILE.english}",
            "Tổng số theo tỉnh, thành phố tại thời điểm phát sinh, theo mã của Tổng cục Thống kê; xếp theo số tài "
            "khoản đã kích hoạt trên 1.000 dân. Tỉnh hợp nhất từ ngày 01/7/2025 có dòng riêng kể từ ngày đó và không "
            f"có số trên 1.000 dân. {_FROM_A_FILE.vietnamese}",
        ),
        look=Look.TABLE,
        queries=[*sums, *rates],
        key=PROVINCE,
        columns={PROVINCE: Text("Province", "Tỉnh, thành phố")},
        words={PROVINCE: values_of(PROVINCE)},
        decimals=0,
    )


def _provinces_today() -> Panel:
    """Return the ranking of the provinces as they are, each with all of its parts."""
    people = _today_of(f"max by ({PROVINCE}) (onboarding_province_inhabitants)")
    sums = {kind: _today_of(_by_province(kind)) for kind in (IDENTITY_RECORDS, ACCOUNTS)}
    return Panel(
        title=Text("Ranking of the provinces of today", "Xếp hạng theo tỉnh, thành phố hiện nay"),
        definition=Text(
            "Totals by the 34 provinces since 1 July 2025, each with all that its parts counted before; ordered by "
            f"accounts activated per 1,000 inhabitants. {_FROM_A_FILE.english}",
            "Tổng số theo 34 tỉnh, thành phố từ ngày 01/7/2025, bao gồm toàn bộ số liệu trước đó của các địa phương "
            f"hợp thành; xếp theo số tài khoản đã kích hoạt trên 1.000 dân. {_FROM_A_FILE.vietnamese}",
        ),
        look=Look.TABLE,
        queries=[
            *(Query(ask=asked, called=title_of(kind)) for kind, asked in sums.items()),
            *(_per_thousand(kind, asked, people) for kind, asked in sums.items()),
        ],
        key=TODAY,
        columns={TODAY: Text("Province", "Tỉnh, thành phố")},
        words={TODAY: values_of(PROVINCE)},
        decimals=0,
    )


def _by_province(kind: Kind) -> str:
    return f"max by ({PROVINCE}) ({kind.metric_by(PROVINCE)})"


def _today_of(by_province: str) -> str:
    """Return the expression for the sum over the provinces that belong to one of today."""
    belonging = f"max by ({PROVINCE}, {TODAY}) (onboarding_province_belongs_to)"
    return f"sum by ({TODAY}) ({by_province} * on ({PROVINCE}) group_left ({TODAY}) {belonging})"


def _per_thousand(kind: Kind, counted: str, people: str) -> Query:
    """Return the query for a total for each 1,000 inhabitants."""
    english, vietnamese = title_of(kind)
    called = Text(f"{english} per 1,000 inhabitants", f"{vietnamese} trên 1.000 dân")
    return Query(ask=f"1000 * {counted} / {people}", called=called)


def _inhabitants() -> Panel:
    return Panel(
        title=Text("Inhabitants, as of", "Số dân, tính đến"),
        definition=Text(
            "The day of the numbers of inhabitants behind the rankings, and their sum over the provinces given.",
            "Ngày của số dân dùng để xếp hạng và tổng số dân của các tỉnh, thành phố có số liệu.",
        ),
        look=Look.NUMBERS,
        queries=[
            Query(
                ask=f"sum by (as_of) (max by ({PROVINCE}, as_of) (onboarding_province_inhabitants))",
                called=alike("{{as_of}}"),
            )
        ],
    )


def _shares(kind: Kind, dimension: str) -> Panel:
    """Return the share of each value of a dimension in a total."""
    (english, vietnamese), by = title_of(kind), dimension_of(dimension)
    means = definition_of(kind)
    split = f"max by ({dimension}) ({kind.metric_by(dimension)})"
    return Panel(
        title=Text(f"{english} by {by.english}, share", f"{vietnamese} theo {by.vietnamese}, tỷ trọng"),
        definition=Text(
            f"{means.english} The share of each {by.english} in the total.",
            f"{means.vietnamese} Tỷ trọng của từng {by.vietnamese} trong tổng số.",
        ),
        look=Look.BARS,
        queries=[
            Query(
                ask=f"sort_desc({split} / on () group_left () max({kind.metric}))", called=alike(f"{{{{{dimension}}}}}")
            )
        ],
        unit=RATIO,
        decimals=1,
        words={dimension: values_of(dimension)},
    )
