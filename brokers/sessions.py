"""Whether brokers take members with a session as short as ours."""

from typing import Final

from aiokafka.admin.config_resource import ConfigResourceType

from brokers.clients import open_admin, read_configs
from brokers.timing import SESSION_SECONDS

_LEAST: Final = "group.min.session.timeout.ms"
_MOST: Final = "group.max.session.timeout.ms"


async def find_session_fault(bootstrap: str) -> str:
    """Say what a person has to set, in one line; "" where our session is allowed, or brokers do not tell.

    Raises aiokafka.errors.KafkaError when Kafka is away.
    """
    async with open_admin(bootstrap) as admin:
        brokers = (await admin.describe_cluster())["brokers"]
        told = await read_configs(admin, [str(broker["node_id"]) for broker in brokers], ConfigResourceType.BROKER)
    faults = (_judge(int(settings.get(_LEAST) or 0), int(settings.get(_MOST) or 0)) for settings in told.values())
    return next(filter(None, faults), "")


def _judge(least: int, most: int) -> str:
    """Compare the milliseconds that a broker allows, 0 where it does not tell, with ours."""
    ours = int(SESSION_SECONDS * 1_000)
    wrong = _LEAST if least > ours else _MOST if 0 < most < ours else ""
    if not wrong:
        return ""
    than = "less" if wrong == _LEAST else "more"
    return f"a broker refuses members with a session of {ours} ms, as ours have: set {wrong} to {ours} or {than}"
