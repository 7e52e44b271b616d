"""What operators look at when something is slow or away: processes, Kafka, Postgres and the disks under them."""

from typing import Final

from onboarding.documents.boards.panel import BYTES, RATIO, SECONDS, Look, Panel, Query
from onboarding.documents.boards.pipeline import TOPIC, rate
from onboarding.documents.boards.words import Text, alike

# Of a job there may be several processes, told apart by their address.
_PROCESS: Final = "{{job}} {{instance}}"
# Where compose shows node_exporter the volumes that grow.
_DISKS: Final = {
    "/disks/kafka": alike("Kafka"),
    "/disks/postgres": alike("Postgres"),
    "/disks/prometheus": alike("Prometheus"),
}


def processes() -> list[Panel]:
    """Return the panels of our processes."""
    return [_up(), _standstill(), _restarts(), _rebalances(), _memory()]


def servers() -> list[Panel]:
    """Return the panels of Kafka and of Postgres, and of the disks under them."""
    return [_reached(), _faults(), _commit(), _batch(), _stopped(), _retention(), _disks()]


def _commit() -> Panel:
    return Panel(
        title=Text(
            "Postgres: time of a batch, commit included", "Postgres: thời gian ghi một lô, gồm cả xác nhận (commit)"
        ),
        definition=Text(
            "Time of a batch's transaction, from its beginning to the answer to its commit: half are faster than p50, "
            "all but one in a hundred than p99.",
            "Thời gian của giao dịch ghi một lô, từ khi bắt đầu đến khi Postgres xác nhận commit: một nửa số lô nhanh "
            "hơn p50, 99 % nhanh hơn p99.",
        ),
        look=Look.LINES,
        queries=_quantiles("onboarding_commit_seconds_bucket"),
        unit=SECONDS,
    )


def _batch() -> Panel:
    return Panel(
        title=Text("Records in a batch", "Số bản ghi trong một lô"),
        definition=Text(
            "Records that one transaction holds; 10,000 is full: recording is behind.",
            "Số bản ghi trong một giao dịch; 10.000 là lô đầy: việc ghi nhận đang chậm.",
        ),
        look=Look.LINES,
        queries=_quantiles("onboarding_batch_records_bucket"),
    )


def _quantiles(buckets: str) -> list[Query]:
    """Return the queries for the middle and the slowest hundredth of a histogram."""
    spread = rate("le", buckets)
    shares = ((0.5, "p50"), (0.99, "p99"))
    return [Query(ask=f"histogram_quantile({share}, {spread})", called=alike(name)) for share, name in shares]


def _faults() -> Panel:
    return Panel(
        title=Text("Waits for Kafka or Postgres", "Số lần chờ Kafka hoặc Postgres"),
        definition=Text(
            "Times in the range shown that recording had to wait for Kafka or Postgres and begin again.",
            "Số lần việc ghi nhận phải chờ Kafka hoặc Postgres và bắt đầu lại trong khoảng thời gian hiển thị.",
        ),
        look=Look.NUMBERS,
        queries=[
            Query(ask="sum(increase(onboarding_outside_faults_total[$__range]))", called=Text("waits", "số lần chờ"))
        ],
        decimals=0,
    )


def _rebalances() -> Panel:
    return Panel(
        title=Text("Rebalances", "Số lần phân chia lại phân vùng"),
        definition=Text(
            "Times that a consumer was given source partitions anew, since it started; the first time is one.",
            "Số lần mỗi tiến trình ghi nhận được giao lại phân vùng kể từ khi khởi động; lần đầu tiên cũng được tính.",
        ),
        look=Look.LINES,
        queries=[Query(ask="onboarding_rebalances_total", called=alike("{{instance}}"))],
    )


def _restarts() -> Panel:
    return Panel(
        title=Text("Restarts", "Số lần khởi động lại"),
        definition=Text(
            "Times in the range shown that a process began anew at the same address, by job.",
            "Số lần tiến trình khởi động lại tại cùng địa chỉ trong khoảng thời gian hiển thị, theo nhóm tiến trình.",
        ),
        look=Look.BARS,
        queries=[
            Query(
                ask='sum by (job) (changes(process_start_time_seconds{job=~"onboarding-.+"}[$__range]))',
                called=alike("{{job}}"),
            )
        ],
    )


def _up() -> Panel:
    return Panel(
        title=Text("Processes that answer", "Tiến trình đang phản hồi"),
        definition=Text(
            "Processes whose metrics could be read at the last attempt, by job.",
            "Số tiến trình đọc được số liệu ở lần gần nhất, theo nhóm tiến trình.",
        ),
        look=Look.LINES,
        queries=[Query(ask='sum by (job) (up{job=~"onboarding-.+"})', called=alike("{{job}}"))],
    )


def _standstill() -> Panel:
    return Panel(
        title=Text("Time without progress", "Thời gian không có tiến triển"),
        definition=Text(
            "Time since each process last showed progress, or said which server it waits for. After 30 s it ends "
            "itself, to be started anew.",
            "Thời gian kể từ lần gần nhất mỗi tiến trình có tiến triển hoặc báo đang chờ máy chủ nào. Sau 30 giây, "
            "tiến trình tự kết thúc để được khởi động lại.",
        ),
        look=Look.LINES,
        queries=[Query(ask="onboarding_standstill_seconds", called=alike(_PROCESS))],
        unit=SECONDS,
    )


def _reached() -> Panel:
    return Panel(
        title=Text("Kafka and Postgres reached", "Kết nối tới Kafka và Postgres"),
        definition=Text(
            "1: the process reaches the server; 0: it waits for it, and goes on by itself once it answers. Stream "
            "workers need Kafka only. The auditor is not here: it looks again every minute.",
            "1: tiến trình kết nối được tới máy chủ; 0: đang chờ và tự tiếp tục khi máy chủ phản hồi. Tiến trình tổng "
            "hợp chỉ cần Kafka. Tiến trình kiểm toán không có ở đây vì tự thử lại mỗi phút.",
        ),
        look=Look.NUMBERS,
        queries=[Query(ask="onboarding_dependency_up", called=alike(f"{_PROCESS}: {{{{dependency}}}}"))],
        one_is_right=True,
    )


def _disks() -> Panel:
    return Panel(
        title=Text("Free disk space", "Dung lượng đĩa còn trống"),
        definition=Text(
            "Share that is free of the disks of Kafka, Postgres and Prometheus. Below 10 % there is an alert: a full "
            "disk stops its server.",
            "Tỷ lệ còn trống trên đĩa của Kafka, Postgres và Prometheus. Dưới 10 % sẽ có cảnh báo: đĩa đầy làm máy "
            "chủ tương ứng dừng.",
        ),
        look=Look.LINES,
        queries=[Query(ask="mountpoint:node_filesystem_free:ratio", called=alike("{{mountpoint}}"))],
        unit=RATIO,
        words={"mountpoint": _DISKS},
    )


def _stopped() -> Panel:
    return Panel(
        title=Text("Kafka: partitions stopped", "Kafka: phân vùng đã dừng"),
        definition=Text(
            "Partitions that are stopped: their log does not go on from the stored offset, so that records may be "
            "missing, or a person has paused the topic.",
            "Số phân vùng đã dừng: nhật ký Kafka không nối tiếp vị trí đã lưu nên có thể thiếu bản ghi, hoặc có người "
            "đã tạm dừng chủ đề.",
        ),
        look=Look.LINES,
        queries=[Query(ask="sum by (topic) (max by (topic, partition) (onboarding_partition_stopped))", called=TOPIC)],
    )


def _retention() -> Panel:
    return Panel(
        title=Text("Kafka: how long records are kept", "Kafka: thời gian lưu bản ghi"),
        definition=Text(
            "The shortest retention of any topic, and the age of the oldest backup of Postgres that may have to be "
            "restored, which must be less.",
            "Thời gian lưu ngắn nhất trong các chủ đề, và tuổi của bản sao lưu Postgres cũ nhất có thể phải khôi "
            "phục; tuổi bản sao lưu phải nhỏ hơn.",
        ),
        look=Look.NUMBERS,
        queries=[
            Query(ask="min(onboarding_topic_retention_seconds)", called=Text("kept", "thời gian lưu")),
            Query(ask="max(onboarding_backup_age_max_seconds)", called=Text("oldest backup", "bản sao lưu cũ nhất")),
        ],
        unit=SECONDS,
    )


def _memory() -> Panel:
    return Panel(
        title=Text("Memory of our processes", "Bộ nhớ của các tiến trình"),
        definition=Text("Resident memory, by job and instance.", "Bộ nhớ thường trú, theo nhóm tiến trình và địa chỉ."),
        look=Look.LINES,
        queries=[Query(ask='process_resident_memory_bytes{job=~"onboarding-.+"}', called=alike(_PROCESS))],
        unit=BYTES,
    )
