"""The network between brokers, apart from the one on which clients reach them."""

import random
import uuid
from types import TracebackType
from typing import Any, Self

from docker.errors import APIError
from docker.types import IPAMConfig, IPAMPool
from testcontainers.core.labels import LABEL_SESSION_ID, SESSION_ID

from tests.containers.engine import connect

# 198.18.0.0/15 is set aside for tests of networks (RFC 2544): nobody routes it. It holds 8192 networks of 16 addresses.
FIRST_BYTES, SUBNETS, SUBNET_SIZE = (198, 18), 8192, 16
# The engine answers 403 when another test has the same subnet; twenty such answers mean something else.
TRIES_MAX = 20
# .0 is the network itself, .1 its gateway.
FIRST_HOST = 2


class PeerNetwork:
    """A context manager: a Docker network with addresses of our choice, which stay the same after a reconnect.

    It is internal: Docker publishes a container's ports on its other network, and leaves them alone when this one goes.
    """

    def __init__(self) -> None:
        self._client = connect()
        self._network: Any = None
        self._subnet = 0

    def __enter__(self) -> Self:
        self._network = self._create()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._network.remove()
        self._client.close()

    def address_of(self, number: int) -> str:
        """Return the address of the container with this number, counted from 1."""
        return self._address(FIRST_HOST + number - 1)

    def connect(self, container_id: str, number: int) -> None:
        """Connect a container, always at the same address."""
        self._network.connect(container_id, ipv4_address=self.address_of(number))

    def disconnect(self, container_id: str) -> None:
        """Disconnect a container: what it has sent and not yet got through waits in silence."""
        self._network.disconnect(container_id)

    def _create(self) -> Any:
        for _ in range(TRIES_MAX):
            self._subnet = random.randrange(SUBNETS)  # noqa: S311 - not a secret
            if network := self._try_to_create():
                return network
        raise RuntimeError(f"Docker has refused {TRIES_MAX} networks in 198.18.0.0/15: see `docker network ls`")

    def _try_to_create(self) -> Any:
        pool = IPAMPool(subnet=f"{self._address(0)}/28")
        try:
            return self._client.networks.create(
                f"peers-{uuid.uuid4().hex}",
                internal=True,
                ipam=IPAMConfig(pool_configs=[pool]),
                labels={LABEL_SESSION_ID: SESSION_ID},
            )
        except APIError as error:
            if error.status_code != 403:
                raise
            return None

    def _address(self, host: int) -> str:
        rest = self._subnet * SUBNET_SIZE + host
        first, second = FIRST_BYTES
        return f"{first}.{second + (rest >> 16)}.{rest >> 8 & 255}.{rest & 255}"
