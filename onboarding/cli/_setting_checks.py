"""Which settings a command goes by and where each comes from: secrets are left out, and slips of the pen told."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from dotenv import dotenv_values

from models.visible import hide_secrets
from onboarding.settings import ADDRESSES_FILE, Settings
from operations.doctor.findings import Finding, Level

_PREFIX: Final = "ONBOARDING_"
# The image's health check and docker-compose.yml read these.
_OF_OTHERS: Final = {"ONBOARDING_HEALTH_URL", "ONBOARDING_IMAGE"}


def judge_settings(settings: Settings, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Yield each setting that is not left at its default, and each variable that is none though it looks like one."""
    path = settings.onboarding_state_dir / ADDRESSES_FILE
    sources = _find_sources(environment, path)
    for name, source in sources.items():
        value = hide_secrets(str(getattr(settings, name.lower())))
        yield Finding(f"setting {name}", Level.OK, f"{value} (from {source})")
    defaults = len(Settings.model_fields) - len(sources)
    yield Finding("settings", Level.OK, f"{defaults} have their defaults, which docs/reference.md lists")
    for name in sorted(set(environment) - _names() - _OF_OTHERS):
        if name.startswith(_PREFIX):
            yield Finding(
                f"setting {name}", Level.WARNING, "is no setting of this version", "docs/reference.md lists all"
            )


def _names() -> set[str]:
    return {name.upper() for name in Settings.model_fields}


def _find_sources(environment: Mapping[str, str], path: Path) -> dict[str, str]:
    """Return where each setting comes from that somebody has set: the environment goes before the file of a run."""
    written = dotenv_values(path) if path.is_file() else {}
    sources = {name: str(path) for name in written} | dict.fromkeys(environment, "the environment")
    return {name: sources[name] for name in sorted(_names() & sources.keys())}
