"""What operators look at: how far recording is behind, what was refused or repeated, how fast it goes."""

from collections.abc import Sequence
from typing import Any, Final

from models.catalogue import Kind
from onboarding.documents.panels import EXACT, PER_SECOND, RATIO, SECONDS, Query, Words, show_bars, show_lines
from onboarding.documents.total_panels import each_kind

TOPIC: Final = "{{topic}}"


def pipeline(kinds: Sequence[Kind]) -> list[Any]:
    """Return the panels of the machinery."""
    outcomes = [_refused(), _refused_ratio(), _duplicates()]
    return [_lag(), _freshness(kinds), _throughput(), *outcomes, _commit(), _stopped()]


def _lag() -> Any:  # noqa: ANN401 - the panels of the SDK have no type in common
    words = Words(
        "Lag by topic",
        "Records between what is recorded and the last stable offset. max() by partition: one that changes hands "
        "is shown by two consumers for a moment.",
        "Số bản ghi còn chờ ghi nhận, theo chủ đề Kafka.",
    )
    expression = "sum by (topic) (max by (topic, partition) (onboarding_lag_records))"
    return show_lines(words, [Query(expression, TOPIC)], EXACT)


def _freshness(kinds: Sequence[Kind]) -> Any:  # noqa: ANN401 - as above
    words = Words(
        "Freshness",
        "Age of the newest record that is counted, by the broker's append time. It grows while nothing arrives: "
        "read it with the lag.",
        "Tuổi của bản ghi mới nhất đã được đếm. Tăng lên khi không có dữ liệu mới: xem cùng độ trễ.",
    )
    queries = each_kind(kinds, lambda kind: f"time() - max(onboarding_{kind.name}_newest_timestamp_seconds)")
    return show_lines(words, queries, SECONDS)


def _throughput() -> Any:  # noqa: ANN401 - as above
    words = Words(
        "Records recorded per second",
        "Records that all consumers together recorded per second, whatever became of them.",
        "Số bản ghi được ghi nhận mỗi giây, mọi kết quả.",
    )
    return show_lines(words, [Query(_rate("topic", "onboarding_records_consumed_total"), TOPIC)], PER_SECOND)


def _refused() -> Any:  # noqa: ANN401 - as above
    words = Words(
        "Refused by reason",
        "Records refused in the time shown, by closed reason. Each is stored whole and can be found.",
        "Số bản ghi bị từ chối trong khoảng thời gian hiển thị, theo lý do. Tất cả đều được lưu nguyên vẹn.",
    )
    expression = "sort_desc(sum by (reason) (increase(onboarding_records_refused_total[$__range])) > 0)"
    return show_bars(words, [Query(expression, "{{reason}}")], EXACT)


def _refused_ratio() -> Any:  # noqa: ANN401 - as above
    words = Words(
        "Refused share by topic",
        "Records refused for each record recorded.",
        "Tỷ lệ bản ghi bị từ chối trên số bản ghi được ghi nhận.",
    )
    refused, consumed = (_rate("topic", f"onboarding_records_{what}_total") for what in ("refused", "consumed"))
    return show_lines(words, [Query(f"{refused} / {consumed}", TOPIC)], RATIO)


def _duplicates() -> Any:  # noqa: ANN401 - as above
    words = Words(
        "Duplicates by kind",
        "Records per second of a fact counted before. retry: the same event; repeat: the same content; conflict: other "
        "content under the same key, which a person must look at.",
        "Số bản ghi trùng mỗi giây. retry: gửi lại; repeat: cùng nội dung; conflict: cùng khóa, khác nội dung.",
    )
    query = Query(_rate("duplicate", "onboarding_records_duplicate_total"), "{{duplicate}}")
    return show_lines(words, [query], PER_SECOND)


def _commit() -> Any:  # noqa: ANN401 - as above
    words = Words(
        "Commit time",
        "Time of a batch's transaction in Postgres: half are faster than p50, all but one in a hundred than p99.",
        "Thời gian ghi một lô vào Postgres.",
    )
    seconds = _rate("le", "onboarding_commit_seconds_bucket")
    queries = [Query(f"histogram_quantile({share}, {seconds})", name) for share, name in ((0.5, "p50"), (0.99, "p99"))]
    return show_lines(words, queries, SECONDS)


def _stopped() -> Any:  # noqa: ANN401 - as above
    words = Words(
        "Partitions stopped",
        "Partitions that stopped because their log does not hold the stored offset: records may be missing.",
        "Số phân vùng đã dừng vì nhật ký Kafka không còn vị trí đã lưu: có thể thiếu bản ghi.",
    )
    expression = "sum by (topic) (max by (topic, partition) (onboarding_partition_stopped))"
    return show_lines(words, [Query(expression, TOPIC)], EXACT)


def _rate(label: str, metric: str) -> str:
    """Return the rate of a counter over all consumers: each record is counted by one of them."""
    return f"sum by ({label}) (rate({metric}[$__rate_interval]))"
