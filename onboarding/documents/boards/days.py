"""What officials look at day by day. A day is that of the event in Vietnam: Postgres knows it exactly, and answers."""

from collections.abc import Sequence
from typing import Final

from models.catalogue import Kind
from onboarding.documents.boards.panel import SECONDS, Look, Panel, Query, of_ledger
from onboarding.documents.boards.totals import today
from onboarding.documents.boards.words import Text, definition_of, title_of

# The days of Grafana's range, and the moment at which a day begins.
_FIRST: Final = "($__timeFrom()::timestamptz AT TIME ZONE 'Asia/Ho_Chi_Minh')::date"
_LAST: Final = "($__timeTo()::timestamptz AT TIME ZONE 'Asia/Ho_Chi_Minh')::date"
_TODAY: Final = "(now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date"
BEGINS: Final = "day::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh' AS time"
IN_RANGE: Final = f"day BETWEEN {_FIRST} AND {_LAST}"

FINAL_OR_NOT: Final = {"final": Text("final", "chính thức"), "provisional": Text("provisional", "tạm tính")}


def days(kinds: Sequence[Kind]) -> list[Panel]:
    """Return the panels of days, those of all kinds first."""
    of_each = [panel for kind in kinds for panel in (_curve(kind), _growth(kind))]
    return [_state(kinds), today(kinds), _yesterday(kinds), _average(kinds), *of_each, _waits()]


def _state(kinds: Sequence[Kind]) -> Panel:
    """Return the moment that the numbers of each kind belong to."""
    return Panel(
        title=Text("As of", "Thời điểm số liệu"),
        definition=Text(
            "When the newest record of each kind was appended that is counted here, and up to which day its numbers "
            "are final. A day becomes final three days after its end, once everything that had arrived by then is "
            "recorded; later ones are provisional.",
            "Thời điểm tiếp nhận bản ghi mới nhất đã được đếm của từng loại, và ngày cuối cùng đã chốt số chính thức. "
            "Mỗi ngày được chốt số ba ngày sau khi kết thúc, khi mọi dữ liệu đã nhận đến lúc đó được ghi nhận xong; số "
            "của các ngày sau đó là số tạm tính.",
        ),
        look=Look.TABLE,
        queries=[
            of_ledger("SELECT topic, newest_at, final_until::text AS final_until FROM dashboard.state ORDER BY topic")
        ],
        columns={
            "topic": Text("What is counted", "Nội dung"),
            "newest_at": Text("Newest record counted", "Bản ghi mới nhất đã đếm"),
            "final_until": Text("Final until", "Đã chốt đến ngày"),
        },
        words={"topic": {kind.topic: title_of(kind) for kind in kinds}},
        units={"newest_at": "dateTimeAsLocal"},
    )


def _yesterday(kinds: Sequence[Kind]) -> Panel:
    return Panel(
        title=Text("Yesterday", "Hôm qua"),
        definition=Text(
            "Facts that happened yesterday, the calendar day in Vietnam. Provisional: late ones may still arrive.",
            "Số phát sinh trong ngày hôm qua theo giờ Việt Nam. Số tạm tính: dữ liệu đến muộn vẫn được bổ sung.",
        ),
        look=Look.NUMBERS,
        queries=[_one(kind, "coalesce(sum(facts), 0)::bigint", f"day = {_TODAY} - 1") for kind in kinds],
    )


def _average(kinds: Sequence[Kind]) -> Panel:
    complete = f"{IN_RANGE} AND day < {_TODAY}"
    return Panel(
        title=Text("Average a day", "Bình quân mỗi ngày"),
        definition=Text(
            "Facts of the days in the range shown that are over, divided by the number of these days from the first "
            "one with any. Provisional days are among them.",
            "Số phát sinh của các ngày đã kết thúc trong khoảng thời gian hiển thị, chia cho số ngày kể từ ngày đầu "
            "tiên có phát sinh. Bao gồm cả các ngày tạm tính.",
        ),
        look=Look.NUMBERS,
        queries=[_one(kind, f"sum(facts) / (least({_LAST}, {_TODAY} - 1) - min(day) + 1)", complete) for kind in kinds],
        decimals=0,
    )


def _one(kind: Kind, what: str, when: str) -> Query:
    """Return the query for one number of a kind."""
    return of_ledger(
        f"SELECT {what} AS value FROM dashboard.day WHERE topic = '{kind.topic}' AND {when}", title_of(kind)
    )


def _curve(kind: Kind) -> Panel:
    """Return the running total; it begins with what was counted before the range."""
    (english, vietnamese), means = title_of(kind), definition_of(kind)
    return Panel(
        title=Text(f"{english}: total by day", f"{vietnamese}: lũy kế theo ngày"),
        definition=Text(
            f"{means.english} All up to the end of each day of the range, by default since 1 January. Without the "
            "opening balance.",
            f"{means.vietnamese} Lũy kế đến hết mỗi ngày trong khoảng thời gian hiển thị, mặc định từ ngày 01/01. "
            "Chưa bao gồm số dư đầu kỳ.",
        ),
        look=Look.LINES,
        queries=[
            of_ledger(
                f"""SELECT {BEGINS}, total FROM (
                    SELECT day, (sum(facts) OVER (ORDER BY day))::bigint AS total FROM dashboard.day
                    WHERE topic = '{kind.topic}'
                ) AS counted WHERE {IN_RANGE} ORDER BY time"""
            )
        ],
        columns={"total": title_of(kind)},
    )


def _growth(kind: Kind) -> Panel:
    """Return the facts of each day; one that may still change has a colour of its own."""
    (english, vietnamese), means = title_of(kind), definition_of(kind)
    return Panel(
        title=Text(f"{english}: growth per day", f"{vietnamese}: tăng thêm mỗi ngày"),
        definition=Text(
            f"{means.english} By the day on which it happened in Vietnam. Grey: provisional, may still change.",
            f"{means.vietnamese} Số phát sinh từng ngày theo giờ Việt Nam. Màu xám: tạm tính, còn có thể thay đổi.",
        ),
        look=Look.COLUMNS,
        queries=[
            of_ledger(
                f"""SELECT {BEGINS}, CASE WHEN is_final THEN facts END AS final,
                    CASE WHEN NOT is_final THEN facts END AS provisional
                FROM dashboard.day WHERE topic = '{kind.topic}' AND {IN_RANGE} ORDER BY time"""
            )
        ],
        columns=FINAL_OR_NOT,
    )


def _waits() -> Panel:
    return Panel(
        title=Text("Time from record to activation", "Thời gian từ thu nhận hồ sơ đến kích hoạt"),
        definition=Text(
            "From a citizen's first identity record to the activation of the account, by day of activation: half of "
            "the accounts took no longer than the median, nine of ten no longer than the 90th percentile. Of accounts "
            "with an earlier record in this ledger; of each day once, after it is closed.",
            "Thời gian từ hồ sơ định danh đầu tiên của công dân đến khi kích hoạt tài khoản, theo ngày kích hoạt: một "
            "nửa số tài khoản không quá trung vị, chín phần mười không quá phân vị 90. Chỉ tính tài khoản đã có hồ sơ "
            "trước đó trong sổ cái này; mỗi ngày tính một lần sau khi chốt số.",
        ),
        look=Look.LINES,
        queries=[
            of_ledger(
                f"""SELECT {BEGINS}, median_seconds, ninetieth_seconds FROM dashboard.activation_wait
                WHERE {IN_RANGE} ORDER BY time"""
            )
        ],
        unit=SECONDS,
        columns={
            "median_seconds": Text("median", "trung vị"),
            "ninetieth_seconds": Text("90th percentile", "phân vị 90"),
        },
    )
