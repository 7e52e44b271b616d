"""What one sender looks at: what arrived from this source, what of it was refused and why, and its last event."""

from collections.abc import Sequence

from models.catalogue import Kind
from onboarding.documents.boards.days import BEGINS, IN_RANGE
from onboarding.documents.boards.panel import MOMENT, PER_SECOND, RATIO, Look, Panel, Query, of_ledger
from onboarding.documents.boards.reasons import explanations
from onboarding.documents.boards.words import Text, alike, title_of

_ACCEPTED = 'onboarding_source_records_accepted_total{source="$source"}'
_REFUSED = 'onboarding_source_records_refused_total{source="$source"}'
_NEWEST = 'onboarding_source_newest_timestamp_seconds{source="$source"}'


def arrivals(kinds: Sequence[Kind]) -> list[Panel]:
    """Return the panels of what arrived."""
    return [_last(kinds), _in_range(), _per_second(), _per_day(kinds), _sums(kinds)]


def refusals(kinds: Sequence[Kind]) -> list[Panel]:
    """Return the panels of what was refused, and why."""
    return [_share(), _last_refused(), _reasons(kinds)]


def _last(kinds: Sequence[Kind]) -> Panel:
    """Return when the newest record of the source came, by topic; a consumer that was restarted has forgotten it."""
    return Panel(
        title=Text("Last event", "Sự kiện gần nhất"),
        definition=Text(
            "When Kafka appended the newest record of this source that was recorded, by what it is about: new, sent "
            "again or refused alike. What came before the consumers were last started is shown for seven days more.",
            "Thời điểm Kafka tiếp nhận bản ghi gần nhất đã được ghi nhận của nguồn này, theo từng nội dung, bất kể là "
            "bản ghi mới, gửi trùng hay bị từ chối. Thời điểm trước lần khởi động gần nhất của các tiến trình ghi nhận "
            "chỉ được hiển thị thêm bảy ngày.",
        ),
        look=Look.NUMBERS,
        queries=[Query(ask=f"1000 * max by (topic) (max_over_time({_NEWEST}[7d]))", called=alike("{{topic}}"))],
        unit=MOMENT,
        words={"topic": {kind.topic: title_of(kind) for kind in kinds}},
    )


def _in_range() -> Panel:
    return Panel(
        title=Text("Arrived in the time shown", "Đã nhận trong khoảng thời gian hiển thị"),
        definition=Text(
            "Records of this source that counted as a new fact, and those refused. What repeats a fact is in neither.",
            "Số bản ghi từ nguồn này được đếm là dữ liệu mới và số bị từ chối. Bản ghi trùng không được tính vào số "
            "nào trong hai số này.",
        ),
        look=Look.NUMBERS,
        queries=[
            Query(ask=f"sum(increase({_ACCEPTED}[$__range]))", called=Text("new", "mới")),
            Query(ask=f"sum(increase({_REFUSED}[$__range]))", called=Text("refused", "bị từ chối")),
        ],
        decimals=0,
    )


def _per_second() -> Panel:
    return Panel(
        title=Text("Records per second", "Số bản ghi mỗi giây"),
        definition=Text(
            "Records of this source per second, by topic: new facts, and refused ones.",
            "Số bản ghi từ nguồn này mỗi giây, theo chủ đề: dữ liệu mới và bản ghi bị từ chối.",
        ),
        look=Look.LINES,
        queries=[
            Query(
                ask=f"sum by (topic) (rate({_ACCEPTED}[$__rate_interval]))",
                called=Text("{{topic}}: new", "{{topic}}: mới"),
            ),
            Query(
                ask=f"sum by (topic) (rate({_REFUSED}[$__rate_interval]))",
                called=Text("{{topic}}: refused", "{{topic}}: bị từ chối"),
            ),
        ],
        unit=PER_SECOND,
    )


def _per_day(kinds: Sequence[Kind]) -> Panel:
    """Return the facts of each day, a column a kind."""
    sums = ", ".join(f"sum(facts) FILTER (WHERE topic = '{kind.topic}')::bigint AS {kind.name}" for kind in kinds)
    return Panel(
        title=Text("Facts per day", "Số phát sinh mỗi ngày"),
        definition=Text(
            "Facts of this source by the day on which they happened in Vietnam, each counted once.",
            "Số phát sinh từ nguồn này theo ngày xảy ra, giờ Việt Nam, mỗi sự kiện tính một lần.",
        ),
        look=Look.COLUMNS,
        queries=[
            of_ledger(
                f"""SELECT {BEGINS}, {sums} FROM dashboard.source_day
                WHERE source = '$source' AND {IN_RANGE} GROUP BY day ORDER BY time"""
            )
        ],
        columns={kind.name: title_of(kind) for kind in kinds},
    )


def _sums(kinds: Sequence[Kind]) -> Panel:
    return Panel(
        title=Text("Counted so far", "Đã đếm đến nay"),
        definition=Text(
            "All facts of this source, with the first and the last day on which any happened. Compare with your own "
            "count: `onboarding reconcile` does it day by day.",
            "Toàn bộ số đã đếm từ nguồn này, với ngày phát sinh đầu tiên và gần nhất. Nên đối chiếu với số đếm của "
            "chính hệ thống nguồn: lệnh `onboarding reconcile` đối chiếu theo từng ngày.",
        ),
        look=Look.TABLE,
        queries=[
            of_ledger(
                """SELECT topic, sum(facts)::bigint AS facts, min(day)::text AS first_day, max(day)::text AS last_day
                FROM dashboard.source_day WHERE source = '$source' GROUP BY topic ORDER BY topic"""
            )
        ],
        columns={
            "topic": Text("What is counted", "Nội dung"),
            "facts": Text("Facts", "Số lượng"),
            "first_day": Text("First day", "Ngày đầu tiên"),
            "last_day": Text("Last day", "Ngày gần nhất"),
        },
        words={"topic": {kind.topic: title_of(kind) for kind in kinds}},
    )


def _share() -> Panel:
    accepted, refused = (f"sum(increase({metric}[$__range]))" for metric in (_ACCEPTED, _REFUSED))
    return Panel(
        title=Text("Share refused", "Tỷ lệ bị từ chối"),
        definition=Text(
            "Records of this source refused in the time shown, for each that was new or refused.",
            "Tỷ lệ bản ghi bị từ chối trên tổng số bản ghi mới và bị từ chối của nguồn này trong khoảng thời gian "
            "hiển thị.",
        ),
        look=Look.NUMBERS,
        queries=[Query(ask=f"{refused} / ({accepted} + {refused})", called=Text("refused", "bị từ chối"))],
        unit=RATIO,
        decimals=2,
    )


def _last_refused() -> Panel:
    return Panel(
        title=Text("Last refused", "Lần bị từ chối gần nhất"),
        definition=Text(
            "When Kafka appended the newest record of this source that was refused.",
            "Thời điểm Kafka tiếp nhận bản ghi gần nhất của nguồn này bị từ chối.",
        ),
        look=Look.NUMBERS,
        queries=[
            of_ledger(
                """SELECT (1000 * extract(epoch FROM max(appended_at)))::bigint AS value FROM dashboard.refusal
                WHERE source = '$source'""",
                Text("last refused", "bị từ chối gần nhất"),
            )
        ],
        unit=MOMENT,
    )


def _reasons(kinds: Sequence[Kind]) -> Panel:
    """Return what was refused in the time shown, by topic and reason."""
    return Panel(
        title=Text("Refused, and why", "Bị từ chối và lý do"),
        definition=Text(
            "Records of this source that Kafka appended in the time shown and that were refused. Open: not yet put "
            "through again with success. A record whose source is not registered belongs to nobody, and is not here.",
            "Bản ghi của nguồn này do Kafka tiếp nhận trong khoảng thời gian hiển thị và bị từ chối. Chưa xử lý: chưa "
            "được xử lý lại thành công. Bản ghi có nguồn chưa đăng ký không thuộc nguồn nào nên không hiển thị ở đây.",
        ),
        look=Look.TABLE,
        queries=[
            of_ledger(
                """SELECT topic, reason, reason AS explanation, count(*) AS records,
                    count(*) FILTER (WHERE is_open) AS open, max(appended_at) AS last_at
                FROM dashboard.refusal WHERE source = '$source' AND appended_at BETWEEN $__timeFrom() AND $__timeTo()
                GROUP BY topic, reason ORDER BY records DESC, topic, reason"""
            )
        ],
        columns={
            "topic": Text("What is counted", "Nội dung"),
            "reason": Text("Reason", "Lý do"),
            "explanation": Text("What is wrong", "Mô tả lỗi"),
            "records": Text("Records", "Số bản ghi"),
            "open": Text("Open", "Chưa xử lý"),
            "last_at": Text("Last", "Gần nhất"),
        },
        words={
            "topic": {kind.topic: title_of(kind) for kind in kinds},
            "explanation": explanations(),
        },
        units={"last_at": "dateTimeAsLocal"},
    )
