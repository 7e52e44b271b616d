"""The generated files: what each must hold, which are stale, and how they are written."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from models.catalogue import KINDS
from onboarding.documents import dashboards, recordings
from onboarding.documents.asyncapi import asyncapi
from onboarding.documents.codec_vectors import codec_vectors
from onboarding.documents.examples import example_of
from onboarding.documents.pseudonym_vectors import pseudonym_vectors
from onboarding.documents.reference import reference
from onboarding.documents.schemas import schema_file

DOCS: Final = "docs"
SCHEMAS: Final = f"{DOCS}/schemas"
_WHOLLY_GENERATED: Final = (SCHEMAS, dashboards.FOLDER)


def generate() -> dict[str, str]:
    """Return the text of every generated file by its path in the project; the same on every run."""
    schemas = {f"{SCHEMAS}/{kind.type}.schema.json": _as_json(schema_file(kind, example_of(kind))) for kind in KINDS}
    vectors = {"pseudonym": pseudonym_vectors(), "codec": codec_vectors()}
    return {
        **schemas,
        f"{DOCS}/asyncapi.yaml": _as_yaml(asyncapi()),
        f"{DOCS}/reference.md": reference(),
        f"{DOCS}/test-vectors.json": _as_json(vectors),
        **dashboards.render(),
        **recordings.render(),
    }


def write(directory: Path, texts: Mapping[str, str]) -> list[str]:
    """Write what is stale and remove what nothing generates any more; return the paths touched.

    texts -- what `generate` has made
    """
    touched = find_stale(directory, texts)
    for path in touched:
        target = directory / path
        if path not in texts:
            target.unlink()
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(texts[path], encoding="utf-8")
    return touched


def find_stale(directory: Path, texts: Mapping[str, str]) -> list[str]:
    """Return the paths of files that are missing, that say something else, or that nothing generates any more.

    texts -- what `generate` has made
    """
    present = [path for folder in _WHOLLY_GENERATED for path in (directory / folder).rglob("*") if path.is_file()]
    left_over = {path.relative_to(directory).as_posix() for path in present} - texts.keys()
    differing = {path for path, text in texts.items() if _read(directory / path) != text}
    return sorted(left_over | differing)


def _read(path: Path) -> str | None:
    """Return the text of a file, exactly; None when there is none."""
    return path.read_bytes().decode(errors="replace") if path.is_file() else None


def _as_json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


class _Dumper(yaml.SafeDumper):
    """Writes text of several lines as it reads, and everything in full where it stands."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ANN401 - PyYAML's own signature
        """Repeat a value instead of pointing to it."""
        del data
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _represent_text)


def _as_yaml(document: dict[str, Any]) -> str:
    # 120 columns, as in the code.
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
