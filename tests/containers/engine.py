"""The Docker engine that the containers run on."""

from pathlib import Path
from typing import Any, Final

import docker
from docker.errors import DockerException, ImageNotFound

ROOT: Final = Path(__file__).parents[2]


def connect() -> Any:
    """Return a client of the engine; raise RuntimeError when none answers."""
    try:
        return docker.from_env()
    except DockerException as error:
        raise RuntimeError("no Docker engine answers: run deploy/engine.sh start") from error


def has_image(client: Any, image: str) -> bool:
    """Tell whether `image` is on this machine."""
    try:
        client.images.get(image)
    except ImageNotFound:
        return False
    return True
