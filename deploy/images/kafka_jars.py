"""Collect the jars of an Apache Kafka broker and its command-line tools into one folder."""  # noqa: INP001 - a script

import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from jgo.maven import MavenContext

# What the broker needs, and a log4j 2 backend for its SLF4J 1 calls, as in Kafka's own distribution.
# "!": without it jgo lets log4j's own list of managed versions replace kafka-clients 4.1.1 by 3.8.0.
WITH_DEPENDENCIES = (
    "org.apache.kafka:kafka_2.13:4.1.1!",
    "org.apache.logging.log4j:log4j-slf4j-impl:2.24.3!",
    "org.apache.logging.log4j:log4j-core:2.24.3!",
)
# The broker's dependencies are enough for these commands; kafka-tools' own would bring Connect and Jetty.
ALONE = ("org.apache.kafka:kafka-tools:4.1.1",)
# 60 s for one answer of the repository; its largest jar (10 MB) takes a slow line half of that.
ANSWER_SECONDS_MAX = 60
# The work is waiting for answers: eight at a time hide it, and no repository minds.
DOWNLOADS_AT_A_TIME = 8


def main(cache: Path, libs: Path) -> None:
    """Fill `libs` with jars, downloading into `cache` (a Maven local repository) what is not there."""
    context = MavenContext(repo_cache=cache, timeout=ANSWER_SECONDS_MAX)
    with ThreadPoolExecutor(DOWNLOADS_AT_A_TIME) as pool:
        jars = list(pool.map(lambda artifact: artifact.resolve(), artifacts(context)))
    shutil.rmtree(libs, ignore_errors=True)
    libs.mkdir(parents=True)
    for jar in jars:
        shutil.copy(jar, libs)


def artifacts(context: Any) -> Iterator[Any]:  # noqa: ANN401 - jgo's classes are untyped
    """Yield each artifact of the class path once."""
    roots = [compiled_with(context, name) for name in WITH_DEPENDENCIES]
    inputs, transitive = context.resolver.resolve(roots)
    needed = [dependency for dependency in transitive if dependency.scope in {"compile", "runtime"}]
    for dependency in (*inputs, *needed, *map(context.create_dependency, ALONE)):
        yield dependency.artifact


def compiled_with(context: Any, name: str) -> Any:  # noqa: ANN401 - jgo's classes are untyped
    """Return a dependency at compile time, which is the one whose own dependencies count."""
    dependency = context.create_dependency(name)
    dependency.scope = "compile"
    return dependency


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
