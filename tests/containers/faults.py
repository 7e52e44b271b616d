"""What can happen to a server, done to a container: a freeze, a sudden death, a restart on the same data and port."""

import time
from contextlib import suppress
from typing import Any, Self

from docker.errors import APIError, NotFound
from testcontainers.core.container import DockerContainer

from tests.containers.ports import choose_port
from tests.containers.waiting import await_condition

# 60 s: a start takes 1 to 4 s; a loaded machine needs longer, a broken server never gets there.
READY_SECONDS_MAX = 60
_FREEZES_MAX = 5
_FREEZE_AGAIN_SECONDS = 0.2
HINT = "If the image is missing: run deploy/images/build.sh. Else see the engine's log."


class FaultyContainer(DockerContainer):
    """A container with one published port, chosen before the start, that can be frozen, killed and started again."""

    def publish(self, inner_port: int) -> int:
        """Choose a port on 127.0.0.1, publish `inner_port` there for good, and return it."""
        port = choose_port()
        # The engine takes (address, port); testcontainers' annotation knows the port only.
        self.ports[str(inner_port)] = ("127.0.0.1", port)  # type: ignore[assignment]
        return port

    def start(self) -> Self:
        """Start the server and wait until it answers."""
        return self.launch().await_ready()

    def launch(self) -> Self:
        """Start the server, which does not answer yet."""
        try:
            super().start()
        except APIError as error:
            raise RuntimeError(f"{self.image} cannot be started: {error.explanation}. {HINT}") from error
        return self

    def is_ready(self) -> bool:
        """Tell whether the server answers; each kind of server has its own way."""
        raise NotImplementedError

    def await_ready(self) -> Self:
        """Wait until the server answers; raise RuntimeError with its last words if it ended instead."""
        await_condition(self._is_ready_or_ended, f"{self.image} is ready", READY_SECONDS_MAX)
        if self._state() != "running":
            raise RuntimeError(f"{self.image} ended at its start:\n{self._last_words()}")
        return self

    def freeze(self) -> None:
        """Stop every process of the container in its tracks; connections stay open and silent."""
        for _ in range(_FREEZES_MAX - 1):
            with suppress(APIError):  # who forks at that moment is not always caught: "unable to freeze"
                self.get_wrapped_container().pause()
                return
            time.sleep(_FREEZE_AGAIN_SECONDS)
        self.get_wrapped_container().pause()

    def thaw(self) -> None:
        """Let a frozen container go on."""
        self.get_wrapped_container().unpause()

    def sigkill(self) -> None:
        """Kill the server without warning, as a power cut does to its process."""
        container = self.get_wrapped_container()
        container.kill("SIGKILL")
        container.wait()

    def restart(self) -> Self:
        """Start the killed container again, on the same data and port, and wait until it answers."""
        self.get_wrapped_container().start()
        return self.await_ready()

    def recover(self) -> Self:
        """Bring the server back from whatever a failed test left it in."""
        state = self._state()
        if state == "paused":
            self.thaw()
        elif state == "exited":
            self.restart()
        return self

    def stop(self, force: bool = True, delete_volume: bool = True) -> None:  # noqa: FBT001, FBT002 - testcontainers' own signature
        """Remove the container, if the sweeper has not been faster."""
        try:
            super().stop(force=force, delete_volume=delete_volume)
        except NotFound:
            self.get_docker_client().client.close()

    def _is_ready_or_ended(self) -> bool:
        return self._state() in {"exited", "dead"} or self.is_ready()

    def _state(self) -> str:
        container: Any = self.get_wrapped_container()
        container.reload()
        return str(container.status)

    def _last_words(self) -> str:
        return bytes(self.get_wrapped_container().logs(tail=40)).decode(errors="replace")
