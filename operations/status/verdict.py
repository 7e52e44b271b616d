"""What is wrong with a system, what in it waits for a person, and the command that leads on."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from models.gap_kinds import Break
from models.visible import visible
from operations.doctor.findings import Finding, Level
from operations.moments import write_minute
from operations.pauses import Pause
from operations.status.system import PartitionStatus, ProcessStatus, Status, TopicStatus

_UNANSWERED: Final = 2
_WRONG: Final = 1
_UNDECIDED: Final = 0
_WATCH: Final = "onboarding status --watch"
# 3: the first ones are nearly always all that matter.
_REASONS_MAX: Final = 3


class Severity(StrEnum):
    """What a matter is to the person who reads it."""

    WRONG = "wrong"
    ON_PURPOSE = "on purpose"  # a person wants it so, and has to end it
    TO_DECIDE = "to decide"


class Matter(NamedTuple):
    """Something that a person should know, and what to type about it.

    exit_code -- of a script that meets it: 2 where a server or process does not answer, 1 where something else is
        wrong, 0 where nothing is wrong and a person has to decide
    on_purpose -- whether a person wants it so
    """

    text: str
    command: str
    exit_code: int = _WRONG
    on_purpose: bool = False

    @property
    def severity(self) -> Severity:
        """What it is to the person who reads it."""
        if self.on_purpose:
            return Severity.ON_PURPOSE
        return Severity.WRONG if self.exit_code else Severity.TO_DECIDE


def judge(status: Status) -> list[Matter]:
    """Return what there is to say, the most urgent first: nothing when all is fine."""
    return [
        *find_wrong_numbers(status),
        *([Matter(status.kafka_fault, "onboarding doctor", _UNANSWERED)] if status.kafka_fault else []),
        *(_say_not_ready(process) for process in status.processes if not process.ready),
        *_find_unknown(status),
        *judge_records(status),
    ]


def judge_records(status: Status) -> list[Matter]:
    """Return what there is to say of the records themselves, not of servers and processes."""
    return [
        *(matter for topic in status.topics if not topic.pause for matter in _judge_topic(topic, status.at)),
        *(_say_paused(topic.kind.topic, topic.pause) for topic in status.topics if topic.pause),
        *_find_undecided(status),
    ]


def exit_code_of(matters: Iterable[Matter]) -> int:
    """Return that of the worst."""
    return max((matter.exit_code for matter in matters), default=0)


def finding_of(matter: Matter) -> Finding:
    """Return what `doctor` says of it."""
    level = Level.FAULT if matter.severity is Severity.WRONG else Level.WARNING
    return Finding("records", level, matter.text, matter.command)


def find_wrong_numbers(status: Status) -> Iterator[Matter]:
    """Yield what the newest recount found, which stands until one finds nothing; and which totals are marked."""
    if status.recounted and status.recounted.cells:
        found = status.recounted
        when = f"{write_minute(found.recounted_at)} (Vietnam), by {visible(found.recounted_by)}"
        cells = f"{found.cells:,} cells differed at the recount of {when}"
        yield Matter(f"{cells}; publish no total before you know which", "onboarding recount")
    if marked := sorted({kind for process in status.processes for kind in process.not_current}):
        yield Matter(f"shown, but not known to be current: {', '.join(marked)}", "onboarding doctor")


def _say_not_ready(process: ProcessStatus) -> Matter:
    if process.answer is None:
        return Matter(f"the {process.name}: {process.fault}", "onboarding doctor", _UNANSWERED)
    return Matter(f"the {process.name} is not ready: {process.answer.text.strip()}", "onboarding doctor")


def _find_unknown(status: Status) -> Iterator[Matter]:
    """Name the topics of which a Kafka that answers knows no log, or not that of every partition."""
    for topic in status.topics:
        if topic.lag is None and not status.kafka_fault:
            yield Matter(f"Kafka does not know every partition of {topic.kind.topic}", "onboarding doctor")


def _judge_topic(topic: TopicStatus, now: datetime) -> Iterator[Matter]:
    """Say which source partitions of a topic are stopped or stand still."""
    name = topic.kind.topic
    for part in topic.partitions:
        if part.gap or part.tried:
            yield _say_stopped(name, part)
        elif part.is_behind(now):
            yield Matter(f"{name}/{part.partition} has a lag of {part.lag:,} and {_say_idle(part, now)}", _WATCH)
    if topic.is_slow:
        left = f"{topic.lag:,} records wait, which takes {topic.seconds_left:,.0f} s at the present rate"
        yield Matter(f"{name} is behind: {left}", _WATCH)


def _say_stopped(name: str, part: PartitionStatus) -> Matter:
    """Say at which offset a source partition is stopped, or which one a process fails over."""
    where = f"offset {part.next_offset:,}"
    if part.gap and part.gap is not Break.PROGRAM_FAILS:
        return Matter(f"{name}/{part.partition} is stopped at a gap, {where}", "onboarding gaps")
    if part.gap:
        text = f"{name}/{part.partition} is stopped: a process fails over {where}"
        return Matter(text, f"onboarding set-aside {name} {part.partition} {part.next_offset} --why ...")
    text = f"{name}/{part.partition} is tried record by record: a process failed over one of those from {where} on"
    return Matter(text, _WATCH)


def _say_idle(part: PartitionStatus, now: datetime) -> str:
    if part.updated_at is None:
        return "no consumer ever had it"
    return f"nothing was committed for {(now - part.updated_at).total_seconds():.0f} s"


def _say_paused(name: str, pause: Pause) -> Matter:
    """Say by whom and why: only who knows that the reason is over may let it go on."""
    by, why = visible(pause.paused_by), visible(pause.why)
    text = f"{name} is paused by {by} since {write_minute(pause.paused_at)} (Vietnam): {why}"
    command = f"onboarding resume {name}, once {by} says that the reason is over"
    return Matter(text, command, on_purpose=True)


def _find_undecided(status: Status) -> Iterator[Matter]:
    """Yield what the system has set aside for a person."""
    reasons = sum((topic.reasons for topic in status.topics), Counter[str]())
    if reasons:
        text = f"refused records: {reasons.total():,} ({_name_reasons(reasons)})"
        yield Matter(text, "onboarding refused list", _UNDECIDED)
    if status.conflicts:
        text = f"records that contradict one counted before: {status.conflicts:,}"
        yield Matter(text, "onboarding conflicts list", _UNDECIDED)


def _name_reasons(reasons: Counter[str]) -> str:
    """Name the most frequent reasons, the same ones first on every run."""
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    named = ", ".join(f"{reason} {records:,}" for reason, records in ordered[:_REASONS_MAX])
    return f"{named}, ..." if len(ordered) > _REASONS_MAX else named
