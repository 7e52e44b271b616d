"""What every test may use."""

from hypothesis import settings

pytest_plugins = ["pytester", "tests.lanes", "tests.containers.fixtures"]

settings.register_profile("untimed", deadline=None)  # timing never decides a test
settings.load_profile("untimed")
