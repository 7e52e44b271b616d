"""The state of the system is judged by a few rules; each is made to speak once, with the command that leads on."""

from collections import Counter
from dataclasses import replace
from datetime import datetime

import pytest

from models.catalogue import IDENTITY_RECORDS
from models.gap_kinds import Break
from operations.doctor.findings import Finding, Level
from operations.moments import describe_age
from operations.pauses import Pause
from operations.status.system import STANDSTILL_MAX, ProcessStatus, State, TopicStatus
from operations.status.verdict import exit_code_of, finding_of, judge
from tests.operations.systems import (
    AWAY,
    LONG_AGO,
    NOW,
    READY,
    WAITING,
    make_partition,
    make_recount,
    make_status,
    make_topic,
)

TOPIC = IDENTITY_RECORDS.topic
STOPPED = f"{TOPIC}/0 is stopped at a gap, offset 7"
SET_ASIDE = f"onboarding set-aside {TOPIC} 0 7 --why ..."
PAUSE = Pause(TOPIC, NOW, "An", "test data")


def test_a_system_that_works_is_fine() -> None:
    """No fault, and exit code 0."""
    system = make_status()
    assert (judge(system), exit_code_of(judge(system))) == ([], 0)


@pytest.mark.parametrize(("process", "code"), [(WAITING, 1), (AWAY, 2)])
def test_a_process_that_is_not_ready_is_a_fault(process: ProcessStatus, code: int) -> None:
    """Who is away is told apart from who waits."""
    system = make_status(processes=(process,))
    (fault,) = judge(system)
    assert fault.text.startswith("the stream worker")
    assert (fault.command, exit_code_of(judge(system))) == ("onboarding doctor", code)


def test_a_total_that_is_marked_is_a_fault() -> None:
    """It is shown all the same, so that whoever reads it must be told."""
    system = make_status(processes=(replace(READY, not_current=("accounts_activated", "portal_logins")),))
    (fault,) = judge(system)
    assert fault.text == "shown, but not known to be current: accounts_activated, portal_logins"
    assert exit_code_of([fault]) == 1


def test_a_kafka_that_is_away_is_a_fault() -> None:
    """It comes first: without it no lag is known."""
    system = make_status(make_topic(make_partition(gap=Break.BEGINS_AFTER)), kafka_fault="Kafka is away")
    assert [fault.text for fault in judge(system)] == ["Kafka is away", STOPPED]
    assert exit_code_of(judge(system)) == 2


@pytest.mark.parametrize(
    ("topic", "state", "text", "command"),
    [
        (make_topic(make_partition(gap=Break.BEGINS_AFTER)), State.STOPPED, STOPPED, "onboarding gaps"),
        (
            make_topic(make_partition(gap=Break.PROGRAM_FAILS, tried=2)),
            State.STOPPED,
            f"{TOPIC}/0 is stopped: a process fails over offset 7",
            SET_ASIDE,
        ),
        (
            make_topic(make_partition(tried=1, lag=7)),
            State.OK,
            f"{TOPIC}/0 is tried record by record: a process failed over one of those from offset 7 on",
            "onboarding status --watch",
        ),
        (
            make_topic(make_partition(gap=Break.BEGINS_AFTER), pause=PAUSE),
            State.PAUSED,
            f"{TOPIC} is paused by An since 2024-06-09 19:00 (Vietnam): test data",
            f"onboarding resume {TOPIC}, once An says that the reason is over",
        ),
        (
            make_topic(make_partition(lag=7, updated_at=LONG_AGO)),
            State.BEHIND,
            f"{TOPIC}/0 has a lag of 7 and nothing was committed for 61 s",
            "onboarding status --watch",
        ),
        (
            make_topic(make_partition(lag=7, updated_at=None)),
            State.BEHIND,
            f"{TOPIC}/0 has a lag of 7 and no consumer ever had it",
            "onboarding status --watch",
        ),
        (
            make_topic(make_partition(lag=6_100), rate=100.0),
            State.BEHIND,
            f"{TOPIC} is behind: 6,100 records wait, which takes 61 s at the present rate",
            "onboarding status --watch",
        ),
    ],
    ids=["a gap", "a failure", "a process that fails", "a pause", "a standstill", "an orphan", "an overload"],
)
def test_a_topic_that_is_not_ok_says_why_and_what_to_type(
    topic: TopicStatus, state: State, text: str, command: str
) -> None:
    """Who has never seen the system must know what to do now."""
    system = make_status(topic)
    assert topic.state(NOW) == state
    assert [(fault.text, fault.command) for fault in judge(system)] == [(text, command)]
    assert exit_code_of(judge(system)) == 1


@pytest.mark.parametrize(
    ("lag", "updated_at", "rate"),
    [(0, LONG_AGO, 0.0), (7, NOW - STANDSTILL_MAX, 0.0), (6_000, NOW, 100.0)],
    ids=["nothing to do", "busy", "soon done"],
)
def test_records_that_will_soon_be_recorded_are_no_fault(lag: int, updated_at: datetime, rate: float) -> None:
    """A lag alone is work, and silence alone is a quiet night."""
    system = make_status(make_topic(make_partition(lag=lag, updated_at=updated_at), rate=rate))
    assert (system.topics[0].state(NOW), exit_code_of(judge(system)), system.is_waiting) == (State.OK, 0, False)


@pytest.mark.parametrize("topic", [make_topic(make_partition(lag=None)), make_topic(partitions=())])
def test_a_lag_that_nobody_tells_is_not_a_lag_of_nothing(topic: TopicStatus) -> None:
    """Neither is that of a topic without a log; while Kafka is away, that alone is said."""
    assert (topic.lag, topic.state(NOW)) == (None, State.UNKNOWN)
    assert [matter.text for matter in judge(make_status(topic))] == [f"Kafka does not know every partition of {TOPIC}"]
    assert [matter.text for matter in judge(make_status(topic, kafka_fault="away"))] == ["away"]


def test_what_waits_for_a_person_is_told_and_is_no_fault() -> None:
    """A script goes on; whoever looks is led to the list."""
    system = make_status(make_topic(reasons=Counter(not_json=2)), conflicts=1)
    assert [(matter.text, matter.command) for matter in judge(system)] == [
        ("refused records: 2 (not_json 2)", "onboarding refused list"),
        ("records that contradict one counted before: 1", "onboarding conflicts list"),
    ]
    assert exit_code_of(judge(system)) == 0


def test_the_doctor_calls_a_fault_what_is_wrong() -> None:
    """What a person has to decide is a warning, and so is what a person wants so."""
    for system, level in (
        (make_status(recounted=make_recount(1)), Level.FAULT),
        (make_status(conflicts=1), Level.WARNING),
        (make_status(make_topic(pause=PAUSE)), Level.WARNING),
    ):
        (matter,) = judge(system)
        assert finding_of(matter) == Finding("records", level, matter.text, matter.command)


def test_the_most_urgent_comes_first() -> None:
    """A wrong number before all, and last what a person has paused, or has to decide."""
    paused, stopped = make_topic(pause=PAUSE), make_topic(make_partition(gap=Break.BEGINS_AFTER))
    system = make_status(paused, stopped, processes=(AWAY,), recounted=make_recount(1), conflicts=1)
    commands = [matter.command.partition(",")[0] for matter in judge(system)]
    others = ["onboarding doctor", "onboarding gaps", f"onboarding resume {TOPIC}", "onboarding conflicts list"]
    assert commands == ["onboarding recount", *others]


def test_a_difference_that_a_recount_found_is_a_fault_until_one_finds_none() -> None:
    """The first question is whether the number is right; who found it, and when, is told."""
    system = make_status(recounted=make_recount(2))
    (fault,) = judge(system)
    assert (fault.command, exit_code_of(judge(system))) == ("onboarding recount", 1)
    assert fault.text.startswith(
        "2 cells differed at the recount of 2024-06-09 18:56 (Vietnam), by An; publish no total"
    )
    assert judge(make_status(recounted=make_recount(0))) == []


@pytest.mark.parametrize(
    ("seconds", "age"), [(-3, "0 s"), (119, "119 s"), (120, "2 min"), (7_200, "2 h"), (172_800, "2 d")]
)
def test_an_age_has_the_unit_that_suits_it(seconds: float, age: str) -> None:
    """Nobody reads 604,800 s."""
    assert describe_age(seconds) == age
