"""Who sends: each Kafka client with the official CloudEvents SDK of its language, in the versions that are pinned."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# In the order of their numbers: https://kafka.apache.org/documentation/#recordbatch
CODECS: Final = ("none", "gzip", "snappy", "lz4", "zstd")
MODES: Final = ("structured", "binary")

SENDERS: Final = Path(__file__).parent / "senders"
REQUIREMENTS: Final = Path(__file__).parents[2] / "requirements" / "interop.txt"
_JAVA: Final = SENDERS / "java" / "pom.xml"
_GO: Final = SENDERS / "go" / "go.mod"
_JAVASCRIPT: Final = SENDERS / "javascript" / "package.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A Kafka client with an SDK.

    name -- what the sender knows it by
    pins -- the file that names the versions
    library, sdk -- what they are called there
    note -- which part of the SDK writes, where there are several
    remark -- what a reader of the table has to know
    """

    name: str
    language: str
    pins: Path
    library: str
    sdk: str
    note: str = ""
    remark: str = ""

    def describe(self) -> tuple[str, str]:
        """Return client and SDK, each with its version. Raises LookupError when one is not pinned."""
        sdk = f"{_short(self.sdk)} {self._version(self.sdk)}"
        return f"{_short(self.library)} {self._version(self.library)}", f"{sdk}, {self.note}" if self.note else sdk

    def _version(self, package: str) -> str:
        return find_version(self.pins.read_text(encoding="utf-8"), package)


def find_version(pins: str, package: str) -> str:
    """Return the version of a package in what pip, Maven, Go or npm reads. Raises LookupError when there is none."""
    between = r'(?:==|</artifactId>\s*<version>| v|": ")'
    found = re.search(rf"(?<![\w-]){re.escape(package)}{between}(\d[\w.]*)", pins)
    if not found:
        raise LookupError(f"{package} has no exact version")
    return found[1]


def _short(package: str) -> str:
    """Return the name of a package without who published it."""
    return package.removesuffix("/v2").rpartition("/")[2]


CLIENTS: Final = (
    Client(
        name="confluent-kafka",
        language="python",
        pins=REQUIREMENTS,
        library="confluent-kafka",
        sdk="cloudevents",
    ),
    Client(
        name="confluent-kafka, 1.x",
        language="python",
        pins=REQUIREMENTS,
        library="confluent-kafka",
        sdk="cloudevents",
        note="as 1.x",
        remark="cloudevents.v1.kafka, which writes what versions before 2.0 wrote",
    ),
    Client(
        name="kafka-clients",
        language="java",
        pins=_JAVA,
        library="kafka-clients",
        sdk="cloudevents-kafka",
    ),
    Client(
        name="franz-go",
        language="go",
        pins=_GO,
        library="github.com/twmb/franz-go",
        sdk="github.com/cloudevents/sdk-go/v2",
        remark="the SDK has no binding for it: its encoder writes into a record",
    ),
    Client(
        name="sarama",
        language="go",
        pins=_GO,
        library="github.com/IBM/sarama",
        sdk="github.com/cloudevents/sdk-go/v2",
        note="kafka_sarama",
    ),
    Client(
        name="kafkajs",
        language="javascript",
        pins=_JAVASCRIPT,
        library="kafkajs",
        sdk="cloudevents",
        remark="snappy by kafkajs-snappy, lz4 by kafkajs-lz4, zstd by @bokuweb/zstd-wasm: @kafkajs/zstd, which the "
        "documentation names, does not compile on Node.js 20",
    ),
)
