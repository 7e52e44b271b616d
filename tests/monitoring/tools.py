"""Prometheus' own checkers, run in the containers of their own images: what checks a file is what will read it."""

import io
import tarfile
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from testcontainers.core.labels import LABEL_SESSION_ID, SESSION_ID

PROMETHEUS: Final = "prom/prometheus:v2.42.0"  # has promtool
ALERTMANAGER: Final = "prom/alertmanager:v0.25.0"  # has amtool


class Verdict(NamedTuple):
    """What a command said and how it ended."""

    code: int
    output: str


def run(engine: Any, image: str, command: str, files: Mapping[str, str]) -> Verdict:
    """Run a line of shell in a new container, among `files` (text by name), and return its verdict.

    The files are copied in, so the engine need not see this machine's folders, nor its user be allowed to.
    """
    container = engine.containers.create(
        image,
        ["-c", command],
        entrypoint="/bin/sh",
        working_dir="/checked",
        network_disabled=True,
        labels={LABEL_SESSION_ID: SESSION_ID},
    )
    try:
        container.put_archive("/", pack("checked", files))
        container.start()
        code = int(container.wait()["StatusCode"])
        return Verdict(code, container.logs().decode())
    finally:
        container.remove(force=True)


def pack(folder: str, files: Mapping[str, str]) -> bytes:
    """Return a tar archive of files that everyone may read, in a folder (a path without its first slash)."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"{folder}/{name}")
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return packed.getvalue()
