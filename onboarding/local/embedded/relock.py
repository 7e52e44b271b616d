"""Makes the list of Kafka's jars anew: run it after changing COORDINATES, and commit what it prints.

python -m onboarding.local.embedded.relock > onboarding/local/embedded/kafka-jars.lock
"""

import hashlib
import sys

from jgo.maven import Dependency, MavenContext, PythonResolver

# slf4j-simple: Kafka brings the logging interface alone, and this is its smallest back end, of the same version.
COORDINATES = ("org.apache.kafka:kafka_2.13:4.1.1", "org.slf4j:slf4j-simple:1.7.36")


def describe_jar(dependency: Dependency) -> str:
    """Return a line of the list: coordinate, bytes, SHA-256."""
    content = dependency.artifact.resolve().read_bytes()
    coordinate = f"{dependency.groupId}:{dependency.artifactId}:{dependency.version}"
    return f"{coordinate} {len(content)} {hashlib.sha256(content).hexdigest()}\n"


def resolve_jars() -> list[str]:
    """Return the sorted lines for everything COORDINATES need at run time."""
    context = MavenContext(resolver=PythonResolver())
    wanted = [context.create_dependency(coordinate) for coordinate in COORDINATES]
    direct, transitive = context.resolver.resolve(wanted)
    return sorted(describe_jar(dependency) for dependency in [*direct, *transitive])


if __name__ == "__main__":
    sys.stdout.writelines(resolve_jars())
