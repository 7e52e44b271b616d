"""Faust's Kafka transport, quick: short fetches and requests, and a thread that holds up no end of the process."""

from typing import Any, Final

from aiokafka import AIOKafkaConsumer
from faust.transport.drivers import aiokafka as driver
from mode.threads import ServiceThread, WorkerThread

from brokers.timing import REQUEST_MILLISECONDS

# 100 ms instead of Faust's fixed 1,500: taking over asks the broker five things in turn, and each waits for a fetch.
_FETCH_WAIT_MILLISECONDS: Final = 100


class _Thread(driver.AIOKafkaConsumerThread):
    """The thread that the Kafka consumer lives in."""

    def _create_worker_consumer(self, transport: Any) -> AIOKafkaConsumer:  # noqa: ANN401 - Faust's own signature
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = _FETCH_WAIT_MILLISECONDS  # noqa: SLF001 - Faust has no setting for it
        consumer._client._request_timeout_ms = REQUEST_MILLISECONDS  # noqa: SLF001 - Faust's must exceed a session
        return consumer


class _DaemonThread(WorkerThread):
    """A thread that the end of the process does not wait for: it may be waiting for Kafka."""

    def __init__(self, service: ServiceThread, **options: Any) -> None:  # noqa: ANN401 - mode's own signature
        super().__init__(service, **options)
        self.daemon = True

    def stop(self) -> None:
        """Go on at once; mode would block the event loop until the thread has ended."""


class _Consumer(driver.Consumer):
    """Faust's consumer on that thread."""

    def _new_consumer_thread(self) -> _Thread:
        return _Thread(self, loop=self.loop, beacon=self.beacon, Worker=_DaemonThread)


class QuickTransport(driver.Transport):
    """Faust's transport with that consumer."""

    Consumer = _Consumer
