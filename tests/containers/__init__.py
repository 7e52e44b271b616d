"""Real servers in containers. Testcontainers reads its settings when it is imported, so they come first."""

import os

# Containers publish on loopback only: "localhost" may mean ::1, and the engine's bridge is not where they listen.
os.environ.setdefault("TESTCONTAINERS_CONNECTION_MODE", "docker_host")
os.environ.setdefault("TESTCONTAINERS_HOST_OVERRIDE", "127.0.0.1")
