"""No two workers of a test run are given the same port, and no outgoing connection takes one."""

import socket

from tests.containers.ports import SLICE, SLICES, choose_port, list_ports

# Linux gives outgoing connections the ports from here on (net.ipv4.ip_local_port_range).
OUTGOING_FROM = 32_768


def test_workers_have_ports_of_their_own() -> None:
    """Two that ask at the same moment which port is free would hear the same one."""
    ports = [port for number in range(SLICES) for port in list_ports(f"gw{number}")]
    assert len(set(ports)) == len(ports) == SLICES * SLICE
    assert max(ports) < OUTGOING_FROM
    assert list_ports("") == list_ports("gw0")


def test_a_port_is_not_given_again_before_its_server_listens() -> None:
    """A broker is given its port seconds before it has it."""
    chosen = [choose_port() for _ in range(50)]
    assert len(set(chosen)) == len(chosen)


def test_a_port_that_is_taken_is_passed_over() -> None:
    """Whoever has it may be no test at all."""
    taken = choose_port()
    with socket.socket() as other:
        other.bind(("127.0.0.1", taken))
        other.listen()
        assert all(choose_port() != taken for _ in range(SLICE))
