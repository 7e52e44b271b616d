"""Every case, in the order in which they are tried."""

from collections.abc import Sequence
from typing import Final

from tests.alerts import numbers, processes, recording
from tests.alerts.case import Case, case

ALL: Final[Sequence[Case]] = (
    case(
        "silence",
        "OnboardingTopicSilent",
        "OnboardingSourceSilent",
        strike=recording.silence,
        inhibited="OnboardingSourceSilent",
    ),
    case("low day", "OnboardingClosedDayLow", strike=numbers.low_day),
    case("garbage", "OnboardingRefusedRatioHigh", strike=recording.garbage),
    case("repetition", "OnboardingDuplicateRatioHigh", strike=recording.repetition),
    case("contradiction", "OnboardingConflict", strike=recording.contradiction),
    case("slow database", "OnboardingLagGrowing", "OnboardingTotalStale", strike=recording.slow_database),
    case("standstill", "OnboardingProcessStandsStill", strike=recording.standstill),
    case("locked table", "OnboardingRecordingWaits", strike=recording.locked_progress),
    case("deleted records", "OnboardingPartitionStopped", strike=recording.deleted_records),
    case("short retention", "OnboardingRetentionTooShort", strike=recording.short_retention),
    case("changed topic", "OnboardingTopicSettings", strike=recording.changed_topic),
    case("drift", "OnboardingDrift", strike=numbers.drift),
    case("falling total", "OnboardingTotalWentDown", strike=numbers.falling_total),
    case("no recount", "OnboardingRecountOld", strike=numbers.no_recount),
    case("killed standby", "OnboardingProcessDown", strike=processes.killed_standby),
    case(
        "no worker",
        "OnboardingNoProcess",
        "OnboardingNoActiveWorker",
        "OnboardingTotalNotShown",
        strike=processes.no_worker,
        inhibited="OnboardingNoActiveWorker OnboardingTotalNotShown OnboardingProcessDown",
    ),
    case("stranger", "OnboardingTotalShownTwice", strike=processes.stranger),
    case(
        "stranger in the group",
        "OnboardingPartitionWithoutOwner",
        "OnboardingTotalNotCurrent",
        strike=recording.stranger_in_group,
        inhibited="OnboardingTotalNotCurrent",
    ),
    case("strange pages", "OnboardingPagesPassedOver", strike=numbers.strange_pages),
    case("restarts", "OnboardingProcessRestarts", strike=processes.restarts),
    case(
        "frozen Kafka", "OnboardingKafkaUnreachable", strike=processes.frozen_kafka, inhibited="OnboardingTotalNotShown"
    ),
    case("frozen Postgres", "OnboardingPostgresUnreachable", strike=processes.frozen_postgres),
    case("filling disk", "OnboardingDiskFilling", strike=processes.filling_disk),
    case("full disk", "OnboardingDiskAlmostFull", strike=processes.full_disk),
)
