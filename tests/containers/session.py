"""The containers of one session, of pytest or of a command: the engine, and a sweep at the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from testcontainers.core.config import testcontainers_config
from testcontainers.core.labels import LABEL_SESSION_ID, SESSION_ID

from tests.containers.engine import connect, has_image
from tests.containers.sweeper import Watcher


@contextmanager
def open_session() -> Iterator[Any]:
    """Give the Docker engine, and leave nothing of this session on it. Raises RuntimeError when none answers."""
    client = connect()
    if not has_image(client, testcontainers_config.ryuk_image):
        testcontainers_config.ryuk_disabled = True
    watcher = Watcher(f"{LABEL_SESSION_ID}={SESSION_ID}")
    yield client
    watcher.release()
    client.close()
