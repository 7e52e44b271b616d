"""What operators look at first: how far recording is behind, what was refused or repeated, whether it is right."""

from collections.abc import Sequence
from typing import Final

from models.catalogue import Kind
from onboarding.documents.boards.panel import BYTES, MOMENT, PER_SECOND, RATIO, SECONDS, Look, Panel, Query, of_ledger
from onboarding.documents.boards.words import Text, alike, title_of, values_of

TOPIC: Final = alike("{{topic}}")
_LAG: Final = "max by (topic, partition) (onboarding_lag_records)"


def flow(kinds: Sequence[Kind]) -> list[Panel]:
    """Return the panels of what comes in and goes out, and how far behind it is."""
    return [_lag(), _freshness(kinds), _in_and_out(), _recorded()]


def outcomes() -> list[Panel]:
    """Return the panels of what did not count as a new fact."""
    return [_duplicates(), _refused(), _refused_ratio(), _refused_kept()]


def books(kinds: Sequence[Kind]) -> list[Panel]:
    """Return the panels of whether the numbers are right."""
    return [_drift(), _recounted(), _unmatched(), _closed(), _workers(kinds)]


def rate(label: str, metric: str) -> str:
    """Return the rate of a counter over all consumers: each record is counted by one of them."""
    return f"sum by ({label}) (rate({metric}[$__rate_interval]))"


def _lag() -> Panel:
    return Panel(
        title=Text("Lag by topic", "Độ trễ (số bản ghi đang chờ) theo chủ đề"),
        definition=Text(
            "Records between what is recorded and the last stable offset. max() by partition: one that changes hands "
            "is shown by two consumers for a moment.",
            "Số bản ghi còn chờ ghi nhận, tính đến vị trí ổn định cuối cùng của Kafka. Lấy giá trị lớn nhất theo phân "
            "vùng: phân vùng đang chuyển giao có thể được hai tiến trình cùng hiển thị trong chốc lát.",
        ),
        look=Look.LINES,
        queries=[Query(ask=f"sum by (topic) ({_LAG})", called=TOPIC)],
    )


def _freshness(kinds: Sequence[Kind]) -> Panel:
    return Panel(
        title=Text("Freshness", "Độ mới"),
        definition=Text(
            "Age of the newest record that is counted, by the broker's append time. It grows while nothing arrives: "
            "read it with the lag.",
            "Tuổi của bản ghi mới nhất đã được đếm, theo thời điểm Kafka tiếp nhận. Giá trị tăng khi không có dữ liệu "
            "mới: cần xem cùng độ trễ.",
        ),
        look=Look.LINES,
        queries=[
            Query(ask=f"time() - max(onboarding_{kind.name}_newest_timestamp_seconds)", called=title_of(kind))
            for kind in kinds
        ],
        unit=SECONDS,
    )


def _in_and_out() -> Panel:
    recorded = "sum(rate(onboarding_records_consumed_total[$__rate_interval]))"
    waiting = f"deriv(sum({_LAG})[$__rate_interval:])"
    return Panel(
        title=Text("Events per second, in and out", "Sự kiện mỗi giây, vào và ra"),
        definition=Text(
            "In: what upstream appends to Kafka, that is what is recorded and what the lag grows by. Out: what is "
            "recorded. New: what counted as a new fact.",
            "Vào: số hệ thống nguồn gửi vào Kafka, bằng số đã ghi nhận cộng mức tăng của số đang chờ. Ra: số đã ghi "
            "nhận. Mới: số được đếm là dữ liệu mới.",
        ),
        look=Look.LINES,
        queries=[
            Query(ask=f"clamp_min({recorded} + {waiting}, 0)", called=Text("in", "vào")),
            Query(ask=recorded, called=Text("out", "ra")),
            Query(ask="sum(rate(onboarding_records_accepted_total[$__rate_interval]))", called=Text("new", "mới")),
        ],
        unit=PER_SECOND,
    )


def _recorded() -> Panel:
    return Panel(
        title=Text("Records recorded per second", "Số bản ghi được ghi nhận mỗi giây"),
        definition=Text(
            "Records that all consumers together recorded per second, whatever became of them.",
            "Số bản ghi mà tất cả các tiến trình ghi nhận xử lý mỗi giây, bất kể kết quả.",
        ),
        look=Look.LINES,
        queries=[Query(ask=rate("topic", "onboarding_records_consumed_total"), called=TOPIC)],
        unit=PER_SECOND,
    )


def _duplicates() -> Panel:
    return Panel(
        title=Text("Duplicates by kind", "Bản ghi trùng theo loại"),
        definition=Text(
            "Records per second of a fact counted before. retry: the same event; repeat: the same content; conflict: "
            "other content under the same key, which a person must look at.",
            "Số bản ghi mỗi giây về dữ liệu đã đếm trước đó. retry: cùng sự kiện; repeat: cùng nội dung; conflict: "
            "cùng khóa nhưng khác nội dung, cần người xem xét.",
        ),
        look=Look.LINES,
        queries=[Query(ask=rate("duplicate", "onboarding_records_duplicate_total"), called=alike("{{duplicate}}"))],
        unit=PER_SECOND,
        words={"duplicate": values_of("duplicate")},
    )


def _refused() -> Panel:
    expression = "sort_desc(sum by (reason) (increase(onboarding_records_refused_total[$__range])) > 0)"
    return Panel(
        title=Text("Refused by reason", "Bản ghi bị từ chối theo lý do"),
        definition=Text(
            "Records refused in the time shown, by closed reason. Each is kept until it is resolved, with personal ID "
            "numbers masked, and can be found.",
            "Số bản ghi bị từ chối trong khoảng thời gian hiển thị, theo danh mục lý do. Mỗi bản ghi được lưu "
            "đến khi xử lý xong, có che số định danh cá nhân, và tra cứu được.",
        ),
        look=Look.BARS,
        queries=[Query(ask=expression, called=alike("{{reason}}"))],
        decimals=0,
    )


def _refused_ratio() -> Panel:
    refused, consumed = (rate("topic", f"onboarding_records_{what}_total") for what in ("refused", "consumed"))
    return Panel(
        title=Text("Refused share by topic", "Tỷ lệ bị từ chối theo chủ đề"),
        definition=Text(
            "Records refused for each record recorded.", "Tỷ lệ bản ghi bị từ chối trên số bản ghi được ghi nhận."
        ),
        look=Look.LINES,
        queries=[Query(ask=f"{refused} / {consumed}", called=TOPIC)],
        unit=RATIO,
    )


def _refused_kept() -> Panel:
    return Panel(
        title=Text("Room for refused records", "Dung lượng lưu bản ghi bị từ chối"),
        definition=Text(
            "Bytes kept of refused records, beside what may be.",
            "Dung lượng đang dùng để lưu bản ghi bị từ chối, so với mức cho phép.",
        ),
        look=Look.LINES,
        queries=[
            Query(ask="max(onboarding_refused_kept_bytes)", called=Text("kept", "đang lưu")),
            Query(ask="max(onboarding_refused_budget_bytes)", called=Text("allowed", "cho phép")),
        ],
        unit=BYTES,
    )


def _drift() -> Panel:
    return Panel(
        title=Text("Recount drift", "Sai lệch khi kiểm đếm lại"),
        definition=Text(
            "Cells in which tallies, counters or shown totals differed from the ledger at the last recount: 0 is "
            "right.",
            "Số ô mà bảng tổng hợp, bộ đếm hoặc số đã công bố khác với sổ cái ở lần kiểm đếm gần nhất: 0 là đúng.",
        ),
        look=Look.LINES,
        queries=[Query(ask="max by (kind) (onboarding_recount_drift_cells)", called=alike("{{kind}}"))],
    )


def _recounted() -> Panel:
    return Panel(
        title=Text("Last recount", "Lần kiểm đếm gần nhất"),
        definition=Text(
            "When the last recount came to its end, and how long it took.",
            "Thời điểm kết thúc và thời lượng của lần kiểm đếm gần nhất.",
        ),
        look=Look.NUMBERS,
        queries=[
            Query(
                ask="1000 * (max(onboarding_recount_timestamp_seconds) > 0)",
                called=Text("ended", "kết thúc"),
                unit=MOMENT,
            ),
            Query(ask="max(onboarding_recount_duration_seconds)", called=Text("took", "thời lượng"), unit=SECONDS),
        ],
    )


def _unmatched() -> Panel:
    return Panel(
        title=Text("About nothing known", "Chưa khớp với dữ liệu gốc"),
        definition=Text(
            "Retractions, unlocks and expiries about something that the ledger did not hold at the last recount.",
            "Số thu hồi, hủy, mở khóa, hết hạn về dữ liệu mà sổ cái chưa có ở lần kiểm đếm gần nhất.",
        ),
        look=Look.BARS,
        queries=[Query(ask="sort_desc(max by (kind) (onboarding_unmatched_facts))", called=alike("{{kind}}"))],
    )


def _closed() -> Panel:
    return Panel(
        title=Text("Days closed until", "Đã chốt số đến"),
        definition=Text(
            "Midnight at which the last day ends that is closed, of the topic that is behind the others.",
            "Thời điểm kết thúc ngày cuối cùng đã chốt số, của chủ đề chậm nhất.",
        ),
        look=Look.NUMBERS,
        queries=[
            of_ledger(
                """SELECT (1000 * extract(epoch FROM (min(final_until) + 1)::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh'))
                ::bigint AS value FROM dashboard.state""",
                Text("closed until", "đã chốt đến"),
            )
        ],
        unit=MOMENT,
    )


def _workers(kinds: Sequence[Kind]) -> Panel:
    return Panel(
        title=Text("Stream workers that show totals", "Số tiến trình đang công bố tổng số"),
        definition=Text(
            "One is active and shows the totals; a standby shows nothing. 0: no totals. 2 for long: a fault.",
            "Một tiến trình hoạt động và công bố số liệu; tiến trình dự phòng không hiển thị gì. 0: không có số liệu. "
            "Kéo dài ở mức 2: có lỗi.",
        ),
        look=Look.NUMBERS,
        queries=[Query(ask=f"count({kind.metric}) or vector(0)", called=title_of(kind)) for kind in kinds],
        one_is_right=True,
    )
