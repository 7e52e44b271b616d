"""A busy port is replaced."""

import socket
import subprocess
import sys

from onboarding.local.embedded.ports import find_free_port


def test_preferred_port_is_taken_when_free() -> None:
    """People expect the usual port where nothing else has it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        free_soon = listener.getsockname()[1]
    assert find_free_port(free_soon) == free_soon


def test_busy_port_gets_another_that_can_be_bound() -> None:
    """Somebody else's server on the usual port is no reason to fail."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        other = find_free_port(listener.getsockname()[1])
        assert other != listener.getsockname()[1]
        socket.create_server(("127.0.0.1", other)).close()


def test_listener_on_all_addresses_makes_a_port_busy() -> None:
    """A container publishes on 0.0.0.0: that is busy for us too."""
    with socket.create_server(("0.0.0.0", 0)) as listener:  # noqa: S104 - the very case
        assert find_free_port(listener.getsockname()[1]) != listener.getsockname()[1]


def test_what_one_process_has_chosen_another_is_not_given() -> None:
    """Two runs that start in the same second: neither has bound it yet. It is free again after its process."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    module = find_free_port.__module__
    choose = f"from {module} import find_free_port; print(find_free_port({port}), flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", choose], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        assert first.stdout
        assert int(first.stdout.readline()) == port
        assert find_free_port(port) != port
        first.communicate(b"\n")
    assert find_free_port(port) == find_free_port(port) == port
