#!/bin/bash
# Runs a class of Kafka: kafka-run-class.sh CLASS [ARGUMENT...]
set -euo pipefail
heap=-Xmx256m
performance='-XX:+UseSerialGC -XX:TieredStopAtLevel=1'
log=tools-log4j2.yaml
archive=/opt/kafka/archives/tools.jsa
case ${1-} in
  kafka.Kafka)
    heap=-Xmx1g
    performance=-XX:+UseSerialGC
    log=log4j2.yaml
    archive=/opt/kafka/archives/server.jsa
    ;;
  kafka.docker.KafkaDockerWrapper) archive=/opt/kafka/archives/setup.jsa ;;
esac

# With ARCHIVE the classes that are loaded are written there at the end; without, those of the archive are used.
sharing=()
[[ ! -e $archive ]] || sharing=("-XX:SharedArchiveFile=$archive")
[[ -z ${ARCHIVE-} ]] || sharing=("-XX:ArchiveClassesAtExit=$ARCHIVE")
config=/opt/kafka/config
[[ -e $config/$log ]] || config=/etc/kafka/docker
# shellcheck disable=SC2086 # each of these variables holds several options
exec java ${KAFKA_HEAP_OPTS:-$heap} ${KAFKA_JVM_PERFORMANCE_OPTS:-$performance} \
  -Xshare:auto -Xlog:cds=off -Xlog:cds+dynamic=off "${sharing[@]}" \
  "-Dlog4j2.configurationFile=$config/$log" ${KAFKA_OPTS-} -cp '/opt/kafka/libs/*' "$@"
