"""What an event may have at most; whoever names a limit to a person takes it from here."""

from typing import Final

RECORD_BYTES_MAX: Final = 256 * 1024  # value and headers; a valid event has about 400
NESTING_MAX: Final = 200  # levels; just below the limit of the JSON parser in pydantic-core
UUID_LENGTH: Final = 36  # characters, hyphens among them
DESK_LENGTH_MAX: Final = 120  # characters; a line on a screen, and short enough that nobody writes a letter into it
