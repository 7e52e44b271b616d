"""What every test may use."""

pytest_plugins = ["tests.containers.fixtures"]
