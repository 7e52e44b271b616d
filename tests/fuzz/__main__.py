"""`make fuzz`: libFuzzer changes bytes for minutes, and keeps what reaches a new line of `models/` or `brokers/`.

Ends with 0 when nothing was found. What was found is a file in var/fuzz/found, and its traceback is on the screen.
"""

import json
import sys
from base64 import b64decode
from pathlib import Path
from typing import Final

import atheris

with atheris.instrument_imports(include=["models", "brokers"]):
    from tests.fuzz.target import try_bytes, write_seed

_FOLDER: Final = Path("var/fuzz")
_VECTORS: Final = Path("docs/test-vectors.json")
# A value may have 256 KiB; what a shorter one does not show, a longer one seldom does, and each costs time.
_BYTES_MAX: Final = 4_096
_MEGABYTES_MAX: Final = 1_024
_SECONDS_EACH_MAX: Final = 10


def main(minutes: float) -> None:
    """Fuzz for so many minutes, beginning with the published test vectors and with what earlier runs have found."""
    corpus, found = _FOLDER / "corpus", _FOLDER / "found"
    for folder in (corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    for number, vector in enumerate(json.loads(_VECTORS.read_text(encoding="utf-8"))["codec"]["records"]):
        value = b64decode(vector["value_base64"] or "") * vector.get("value_times", 1)
        (corpus / f"vector-{number}").write_bytes(
            write_seed(vector["topic"], (vector["key"] or "").encode(), value[:_BYTES_MAX])
        )
    atheris.Setup(
        [
            *(sys.argv[0], f"-max_total_time={round(minutes * 60)}", f"-max_len={_BYTES_MAX}"),
            *(f"-rss_limit_mb={_MEGABYTES_MAX}", f"-timeout={_SECONDS_EACH_MAX}", f"-artifact_prefix={found}/"),
            *("-print_final_stats=1", str(corpus)),
        ],
        try_bytes,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main(float(sys.argv[1]))
