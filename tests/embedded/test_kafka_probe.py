"""Only a broker that serves counts as ready."""

import socket
import threading

from onboarding.local.embedded.kafka_probe import find_serving_cluster

# Metadata version 2: length, correlation id, one broker (id 1, "h", port 9, no rack), cluster id "abc".
ONE_BROKER = bytes.fromhex("00000001 00000001 00000001 0001 68 00000009 ffff 0003 616263")
NO_BROKER = bytes.fromhex("00000001 00000000 0003 616263")


def answer_once(content: bytes) -> str | None:
    """Ask a listener that sends `content` to whoever connects."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve_once, args=(listener, content))
        thread.start()
        found = find_serving_cluster("127.0.0.1", listener.getsockname()[1])
        thread.join()
        return found


def _serve_once(listener: socket.socket, content: bytes) -> None:
    """Take one request, answer, hang up."""
    with listener.accept()[0] as connection:
        connection.recv(100)
        connection.sendall(content)


def frame(answer: bytes) -> bytes:
    """Put the protocol's length before an answer."""
    return len(answer).to_bytes(4, "big") + answer


def test_admitted_broker_tells_its_cluster() -> None:
    """The id tells our broker from another that took the port first."""
    assert answer_once(frame(ONE_BROKER)) == "abc"


def test_broker_that_is_not_admitted_yet_does_not_serve() -> None:
    """It answers, and would refuse to create a topic."""
    assert answer_once(frame(NO_BROKER)) is None


def test_something_else_on_the_port_is_no_broker() -> None:
    """Ports get mixed up: a web server's answer, a cut one and silence are all no."""
    answers = [b"HTTP/1.1 400 Bad Request\r\n\r\n", frame(ONE_BROKER)[:9], frame(b"\0"), b""]
    assert [answer_once(answer) for answer in answers] == [None] * 4
