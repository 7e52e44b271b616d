"""What a person does after some faults: sets a topic right, and lets what was stopped go on."""

import asyncio
import os
import sys
from typing import Final

import asyncpg

from models.topics import INPUTS
from tests.containers.topics import set_input

# 16 s: consumers look at the settings of topics every 15.
SETTINGS_SEEN_SECONDS: Final = 16.0
_OPEN: Final = "SELECT topic, kafka_partition FROM gap WHERE accepted_at IS NULL ORDER BY topic, kafka_partition"


async def set_topics_right(bootstrap: str) -> None:
    """Give every input the settings that it is created with."""
    for topic in INPUTS:
        await set_input(bootstrap, topic.name)


async def accept_gaps(database_url: str, bootstrap: str) -> int:
    """Type `onboarding accept-gap` for every partition that is stopped; return how many there were.

    Raises RuntimeError with what it says where it does not end with 0.
    """
    connection = await asyncpg.connect(database_url)
    try:
        stopped = [tuple(row) for row in await connection.fetch(_OPEN)]
    finally:
        await connection.close()
    environment = {**os.environ, "DATABASE_URL": database_url, "KAFKA_BOOTSTRAP_SERVERS": bootstrap}
    for topic, partition in stopped:
        words = (sys.executable, "-m", "onboarding", "accept-gap", topic, str(partition), "--why", "a fault is mended")
        process = await asyncio.create_subprocess_exec(
            *words, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        said, _ = await process.communicate()
        if process.returncode:
            raise RuntimeError(said.decode(errors="replace"))
    return len(stopped)
