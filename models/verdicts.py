"""Which errors are never a verdict about an input, whatever was read of it when they were raised."""

from typing import Final

# Everything else that is raised over bytes from outside says something about these bytes: also the panic of a library
# in Rust, which is a BaseException and nothing more. For code that awaits nothing: there no cancellation arrives.
NO_VERDICTS: Final = (MemoryError, KeyboardInterrupt, SystemExit, GeneratorExit)
