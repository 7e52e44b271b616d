"""The doctor looks at a real system: a healthy one has nothing, and each fault is told with what to do about it."""

import json

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from brokers.clients import open_admin
from models.catalogue import ACCOUNTS, LOGINS
from models.topics import REFUSED
from operations.doctor.findings import Finding, Level
from tests.integration.commands import onboarding
from tests.integration.events import make_record
from tests.integration.system import Process, System, wait_for_total, wait_until_current

DAY_MILLISECONDS = 86_400_000
# By check, how what is told of it begins, and what its remedy names.
FAULTS = {
    f"topic {ACCOUNTS.topic}": ("Kafka keeps 1.0 days", f"--entity-name {ACCOUNTS.topic} --add-config retention.ms="),
    f"topic {REFUSED.name}": ("does not exist", "start `onboarding consume`"),
    "schema": ("has version 0001, this program needs ", "start `onboarding consume` of this version"),
    "group onboarding-consumers": ("has no member", "start `onboarding consume`"),
    "consumer at http://127.0.0.1:1": ("does not answer", "start `onboarding consume` there"),
    "totals": ("shown by no stream worker", "ONBOARDING_TOTALS_URL"),
}


async def test_a_healthy_system_has_nothing(system: System) -> None:
    """Every part was looked at, and the exit code is 0; in a file nothing is coloured."""
    consumer, worker, auditor = await start_all(system)
    found = onboarding(system, "doctor", worker=worker, consumer=consumer, auditor=auditor)
    assert (found.returncode, found.stderr) == (0, ""), found.stdout
    levels = {line.split()[0] for line in found.stdout.splitlines()}
    assert levels == {Level.OK, Level.SKIPPED}
    for looked_at in (
        f"topic {LOGINS.topic}",
        "group onboarding-consumers",
        "schema",
        "clock",
        "disk",
        "totals",
        "records",
    ):
        assert f" {looked_at}: " in found.stdout
    assert "\x1b" not in found.stdout


async def test_each_fault_is_told_with_what_to_do_about_it(system: System) -> None:
    """A retention too short, a topic that is gone, a schema of another version, and no consumer."""
    consumer, worker, auditor = await start_all(system)
    await system.publish([make_record(LOGINS, data={"portal": "nowhere"})])
    await system.await_consumed(2)
    assert worker.end() == 0
    assert consumer.end() == 0
    async with open_admin(system.bootstrap) as admin:
        await keep_a_day(admin, ACCOUNTS.topic)
        await admin.delete_topics([REFUSED.name])
    await system.fetch("UPDATE alembic_version SET version_num = '0001'")
    answer = onboarding(system, "doctor", "--json", auditor=auditor)
    assert answer.returncode == 2
    found = {finding.check: finding for finding in (Finding(**each) for each in json.loads(answer.stdout))}
    told = {check: (finding.text, finding.remedy) for check, finding in found.items() if finding.level == Level.FAULT}
    for check, (text, remedy) in FAULTS.items():
        assert told[check][0].startswith(text)
        assert remedy in told[check][1]
    assert found[f"topic {LOGINS.topic}"].level == Level.OK
    waiting = Finding("records", Level.WARNING, "refused records: 1 (portal_unknown 1)", "onboarding refused list")
    assert found["records"] == waiting


async def start_all(system: System) -> tuple[Process, Process, Process]:
    """Start every process and record something, so that each has all it shows."""
    consumer, worker = system.start("consume"), system.start("total")
    auditor = system.start("audit", ONBOARDING_TOTALS_URL=f"http://127.0.0.1:{worker.port}/metrics")
    await system.publish([make_record(LOGINS)])
    await wait_for_total(worker, LOGINS, 1)
    wait_until_current(worker)
    return consumer, worker, auditor


async def keep_a_day(admin: AIOKafkaAdminClient, topic: str) -> None:
    """Let Kafka keep the records of a topic for a day."""
    wanted = {"retention.ms": str(DAY_MILLISECONDS)}
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, wanted)])
