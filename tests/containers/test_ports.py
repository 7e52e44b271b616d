"""No two tests that run at the same time are given the same port, and no outgoing connection takes one."""

import socket
import subprocess
import sys

from tests.containers import ports
from tests.containers.ports import PORTS, choose_port

# Linux gives outgoing connections the ports from here on (net.ipv4.ip_local_port_range).
OUTGOING_FROM = 32_768
_ASK_FROM = """
from tests.containers import ports
ports._PORTS = iter(range({}, {}))
print(ports.choose_port())"""


def test_no_outgoing_connection_has_one() -> None:
    """It would keep a server from its own port."""
    assert max(PORTS) < OUTGOING_FROM


def test_a_port_is_not_given_again_before_its_server_listens() -> None:
    """A broker is given its port seconds before it has it: to no one here, and to no other run."""
    chosen = [choose_port() for _ in range(50)]
    assert len(set(chosen)) == len(chosen)
    first, last = chosen[0], PORTS.stop
    told = subprocess.run([sys.executable, "-c", _ASK_FROM.format(first, last)], check=True, capture_output=True)
    assert int(told.stdout) not in chosen


def test_a_port_that_is_taken_is_passed_over() -> None:
    """Whoever has it may be no test at all."""
    taken = choose_port()
    with socket.socket() as other:
        other.bind(("127.0.0.1", taken))
        assert not ports.is_free(taken)
