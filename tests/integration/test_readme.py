"""What the README shows an upstream developer is what the system takes."""

import asyncio
import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models.catalogue import ACCOUNTS, IDENTITY_RECORDS, LOGINS
from models.decoding.one_record import Accepted, decode
from tests.integration.system import System, wait_for_total

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SUBJECT = re.search(r"SUBJECT=([0-9a-f]{64})", README)[1]  # type: ignore[index]  # a README without it fails here


def _block(language: str) -> str:
    """Return the first block of code in a language."""
    found = re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert found, f"the README has no {language} block"
    return found[1]


def test_the_event_of_the_kcat_example_is_accepted() -> None:
    """The shell puts the subject in and takes the line breaks out."""
    written = re.search(r"echo '(.*)' \| tr", _block("sh"), re.DOTALL)
    assert written
    value = written[1].replace("'$SUBJECT'", SUBJECT).replace("\n", "").encode()
    outcome = decode(ACCOUNTS.topic, SUBJECT.encode(), value, (), datetime.now(UTC))
    assert isinstance(outcome, Accepted)
    assert ACCOUNTS.topic in _block("sh")


def test_the_record_of_the_java_example_is_accepted() -> None:
    """Its attributes are the pairs of Map.of, its value the text that begins with a brace."""
    program = _block("java")
    texts = [text.replace('\\"', '"') for text in re.findall(r'"((?:[^"\\]|\\.)*)"', program)]
    value = next(text for text in texts if text.startswith("{"))
    pairs = re.findall(r'"(content-type|ce_[a-z]+)", (?:"([^"]*)"|subject)', program)
    headers = [(name, (text or SUBJECT).encode()) for name, text in pairs]
    outcome = decode(IDENTITY_RECORDS.topic, SUBJECT.encode(), value.encode(), headers, datetime.now(UTC))
    assert isinstance(outcome, Accepted)
    assert json.loads(value)
    assert IDENTITY_RECORDS.topic in program


async def test_the_python_example_publishes_an_event_that_counts(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run as it stands, against the broker that the environment names."""
    system.start("consume")
    worker = system.start("total")
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", system.bootstrap)
    program = [sys.executable, "-c", _block("python")]
    await asyncio.to_thread(subprocess.run, program, check=True, timeout=60)
    await wait_for_total(worker, LOGINS, 1)
