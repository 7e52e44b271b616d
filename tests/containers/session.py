"""The containers of one session, of pytest or of a command: the engine, and a sweep at the end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from testcontainers.core.config import testcontainers_config
from testcontainers.core.labels import LABEL_SESSION_ID, SESSION_ID

from tests.containers.engine import connect, has_image
from tests.containers.sweeper import Watcher, tell_person


@contextmanager
def open_session(tell: Callable[[str], None] = tell_person) -> Iterator[Any]:
    """Give the Docker engine, with our images on it, and leave nothing of this session there.

    tell -- is given a line for each step that took time
    Raises RuntimeError when there is no engine and none can be started.
    """
    watcher = Watcher(f"{LABEL_SESSION_ID}={SESSION_ID}", tell)
    client = connect()
    if not has_image(client, testcontainers_config.ryuk_image):
        testcontainers_config.ryuk_disabled = True
    yield client
    client.close()
    watcher.release()
