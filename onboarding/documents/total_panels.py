"""What officials look at: the totals, today's, and how they grow and divide. Every kind of the catalogue is in it.

Totals are taken with max() over the stream workers: a standby shows nothing, and while one takes over from another a
sum() could count twice.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from models.catalogue import Kind
from models.nets import NETS, Net
from models.places import PLACES
from onboarding.documents.panels import (
    EXACT,
    RATIO,
    Query,
    Words,
    one_is_right,
    show_bars,
    show_lines,
    show_numbers,
    show_table,
)

PROVINCE: Final = "province"


def title_of(kind: Kind) -> str:
    """Return the name of what is counted, as a person writes it."""
    return kind.name.replace("_", " ").capitalize()


def each_kind(kinds: Sequence[Kind], expression: Callable[[Kind], str]) -> list[Query]:
    """Return one query a kind."""
    return [Query(expression(kind), title_of(kind)) for kind in kinds]


def numbers(kinds: Sequence[Kind]) -> list[Any]:
    """Return the large numbers."""
    return [*map(_total, kinds), _activation(), *map(_net, NETS), *map(_today, kinds), _workers(kinds)]


def charts(kinds: Sequence[Kind]) -> list[Any]:
    """Return the curve and the parts of each total."""
    parts = [_parts(kind, dimension) for kind in kinds for dimension in kind.dimensions if dimension != PROVINCE]
    return [_curve(kinds), _provinces([kind for kind in kinds if PROVINCE in kind.dimensions]), *parts]


def _total(kind: Kind) -> Any:  # noqa: ANN401 - the panels of the SDK have no type in common
    words = Words(title_of(kind), kind.definition, kind.definition_vi)
    return show_numbers(words, [Query(f"max({kind.metric})", title_of(kind))], EXACT)


def _net(net: Net) -> Any:  # noqa: ANN401 - as above
    title = net.name.replace("_", " ").capitalize()
    return show_numbers(Words(title, net.definition, net.definition_vi), [Query(f"max({net.metric})", title)], EXACT)


def _today(kind: Kind) -> Any:  # noqa: ANN401 - as above
    words = Words(
        f"{title_of(kind)} today",
        f"{kind.definition} Those of today in Vietnam only.",
        f"{kind.definition_vi} Chỉ tính ngày hôm nay, giờ Việt Nam.",
    )
    return show_numbers(words, [Query(f"max(onboarding_{kind.name}_today)", title_of(kind))], EXACT)


def _activation() -> Any:  # noqa: ANN401 - as above
    words = Words(
        "Activation rate",
        "Accounts activated for each identity record received.",
        "Tỷ lệ kích hoạt: số tài khoản đã kích hoạt trên số hồ sơ định danh đã thu nhận.",
    )
    return show_numbers(words, [Query("max(onboarding_activation_ratio)", "Activation rate")], RATIO).decimals(1)


def _workers(kinds: Sequence[Kind]) -> Any:  # noqa: ANN401 - as above
    words = Words(
        "Stream workers that show totals",
        "One is active and shows the totals; a standby shows nothing. 0: no totals. 2 for long: a fault.",
        "Một tiến trình hoạt động và công bố số liệu; tiến trình dự phòng không hiển thị gì. 0: không có số liệu.",
    )
    queries = each_kind(kinds, lambda kind: f"count({kind.metric}) or vector(0)")
    return show_numbers(words, queries, EXACT).thresholds(one_is_right())


def _curve(kinds: Sequence[Kind]) -> Any:  # noqa: ANN401 - as above
    words = Words(
        "Totals over time",
        "Every total since counting began, as it was shown at each moment.",
        "Các tổng số lũy kế theo thời gian, đúng như đã công bố tại từng thời điểm.",
    )
    return show_lines(words, each_kind(kinds, lambda kind: f"max({kind.metric})"), EXACT)


def _provinces(kinds: Sequence[Kind]) -> Any:  # noqa: ANN401 - as above
    words = Words(
        "By province",
        "Totals by the province of the event's time, by code of the General Statistics Office.",
        "Tổng số theo tỉnh, thành phố tại thời điểm phát sinh, theo mã của Tổng cục Thống kê.",
    )
    queries = each_kind(kinds, lambda kind: f"max by ({PROVINCE}) ({kind.metric_by(PROVINCE)})")
    names = {place: f"{name} ({place})" for place, name in PLACES.items()}
    return show_table(words, queries, PROVINCE, names)


def _parts(kind: Kind, dimension: str) -> Any:  # noqa: ANN401 - as above
    words = Words(
        f"{title_of(kind)} by {dimension}",
        f"{kind.definition} By {dimension}.",
        f"{kind.definition_vi} Chia theo {_IN_VIETNAMESE.get(dimension, dimension)}.",
    )
    query = Query(f"sort_desc(max by ({dimension}) ({kind.metric_by(dimension)}))", f"{{{{{dimension}}}}}")
    return show_bars(words, [query], EXACT)


# A dimension that is not here is shown by its English name.
_IN_VIETNAMESE: Final = {
    "channel": "kênh thu nhận",
    "level": "mức độ định danh",
    "portal": "cổng, ứng dụng",
    "cause": "lý do",
    "state_before": "trạng thái trước đó",
}
