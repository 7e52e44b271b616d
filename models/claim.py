"""Whose totals a Kafka cluster shows: a ledger claims it, and while that claim lives no other one is made.

Claims are a lattice: the greatest that was ever made is the one that counts, so that it does not matter in which order
they are read, or which of them compaction has left. ADR 0026.
"""

from enum import StrEnum
from typing import Annotated, Final, NamedTuple
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

_BIGINT_MAX: Final = 2**63 - 1
_Number = Annotated[int, Field(ge=0, le=_BIGINT_MAX)]

# What ONBOARDING_ENVIRONMENT may be: printed in errors, compared letter by letter.
ENVIRONMENT_PATTERN: Final = r"^[a-z0-9][a-z0-9-]{0,39}$"
Environment = Annotated[str, StringConstraints(pattern=ENVIRONMENT_PATTERN)]


class Rank(NamedTuple):
    """What orders claims."""

    generation: int
    incarnation: int
    ledger: UUID


class Claim(BaseModel):
    """One ledger's word that the totals of this Kafka cluster are its own."""

    model_config = ConfigDict(frozen=True)

    ledger: UUID
    environment: Environment
    generation: _Number  # raised above all others when a person lets a ledger take over a Kafka cluster
    incarnation: _Number  # the epoch with which the ledger's present server began
    epoch: _Number  # the ledger's newest one

    @property
    def rank(self) -> Rank:
        """Return what orders it: the ledger only decides between two that were made at the same time."""
        return Rank(self.generation, self.incarnation, self.ledger)

    @property
    def key(self) -> bytes:
        """Return the key under which compaction keeps it: no other claim may take its place."""
        return f"{self.ledger}/{self.generation}/{self.incarnation}".encode()

    def describe(self) -> str:
        """Name the ledger for a person."""
        return f"ledger {self.ledger} of environment {self.environment}"


class Standing(StrEnum):
    """How a claim stands beside the one that counts."""

    OURS = "ours"
    FREE = "free"
    BUSY = "busy"  # passes: until the other has not been renewed for a while
    REFUSED = "refused"  # does not pass: a person has to say which ledger it is


def greatest(known: Claim | None, read: Claim) -> Claim:
    """Return the claim that counts; of one that was renewed, as it was read last."""
    return read if known is None or read.rank >= known.rank else known


def judge(wanted: Claim, holder: Claim | None, *, lives: bool) -> Standing:
    """Tell whether a claim may be made.

    holder -- the claim that counts, None where there is none
    lives -- whether that one is still renewed
    """
    if holder is None:
        return Standing.FREE
    if wanted.rank == holder.rank:
        return Standing.OURS
    if wanted.generation < holder.generation:
        return Standing.REFUSED
    if wanted.generation == holder.generation and wanted.ledger != holder.ledger:
        return Standing.REFUSED
    return Standing.BUSY if lives else Standing.FREE
