#!/bin/bash
# Makes sure that the images the compose file and the integration tests name are on this machine's Docker engine.
# What is there is kept; what can be pulled is pulled; the rest is built here, under the same name, as a stand-in that
# carries the label org.onboarding.stand-in=true.
#
#   deploy/images/build.sh                   all of them
#   deploy/images/build.sh kafka postgres    some of them (folders beside this script)
set -euo pipefail
images=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$images/../.." && pwd)
work=$root/var/images
# The classic builder is in every client; BuildKit needs a plugin that a bare client has not.
export DOCKER_BUILDKIT=0
# shellcheck source=deploy/images/pull.sh
source "$images/pull.sh"
# shellcheck source=deploy/images/packages.sh
source "$images/packages.sh"
# shellcheck source=deploy/images/contents.sh
source "$images/contents.sh"

# The tags of Prometheus's three are the versions that Debian 12 has, so that a stand-in is what its name says.
declare -A image_of=(
  [kafka]=apache/kafka:4.1.1
  [postgres]=postgres:18
  [prometheus]=prom/prometheus:v2.42.0
  [alertmanager]=prom/alertmanager:v0.25.0
  [node-exporter]=prom/node-exporter:v1.5.0
  [python]=python:3.11-slim-bookworm
)
# Kafka's jars come slowest over the network: its build is last, and they are fetched meanwhile.
in_order=(postgres prometheus alertmanager node-exporter python kafka)
base_image=onboarding/stand-in-base:bookworm

main() {
  local folder missing=()
  (($# > 0)) || set -- "${in_order[@]}"
  docker info >/dev/null 2>&1 || fail 'no Docker engine answers: run deploy/engine.sh start'
  for folder in "$@"; do
    [[ -v "image_of[$folder]" ]] || fail "no such image folder: $folder (there are: ${in_order[*]})"
  done
  for folder in "${in_order[@]}"; do
    [[ " $* " != *" $folder "* ]] || obtain "$folder" "${image_of[$folder]}" || missing+=("$folder")
  done
  pull_ryuk
  ((${#missing[@]} == 0)) || build_all "${missing[@]}"
}

# Keeps or pulls; fails when the image must be built.
obtain() {
  if is_current "$1" "$2"; then
    step "$2" 'is here'
  elif is_absent "$2" && pull "$2"; then
    step "$2" 'pulled'
  else
    return 1
  fi
}

build_all() {
  local folder
  require_bookworm
  mkdir -p "$work"
  exec 8>"$work/lock"
  flock 8 # two builds at a time would share one work folder
  for folder in "$@"; do prefetch "$folder"; done
  is_current base "$base_image" || { fetch_packages base && build base "$base_image"; }
  for folder in "$@"; do fetch_packages "$folder"; done
  # The last one waits for the network longest and compiles: the others are built beside it.
  build_each "${@:1:$#-1}" &
  local others=$!
  build_each "${@: -1}"
  wait "$others" || exit 1
  docker image prune --force --filter label=org.onboarding.stand-in=true >/dev/null # what the new ones replaced
}

build_each() {
  local folder
  for folder in "$@"; do build "$folder" "${image_of[$folder]}"; done
}

build() {
  local folder=$1 image=$2 context=$work/$1/context
  rm -rf "$context"
  mkdir -p "$context"
  cp -r "$images/$folder/." "$context/"
  pack "$folder" "$context/packages.tar"
  add_contents "$folder" "$context"
  docker build --quiet --force-rm --tag "$image" --label org.onboarding.stand-in=true \
    --label "org.onboarding.stand-in.recipe=$(recipe "$folder")" "$context" >"$work/$folder/build.log" 2>&1 ||
    fail "$image could not be built: $(tail -n 3 "$work/$folder/build.log")"
  rm -rf "$context"
  step "$image" 'built here as a stand-in'
}

is_absent() { ! docker image inspect "$1" >/dev/null 2>&1; }

# Present, and not a stand-in of an older recipe.
is_current() {
  local label
  label=$(docker image inspect --format '{{index .Config.Labels "org.onboarding.stand-in.recipe"}}' "$2" 2>/dev/null) || return 1
  [[ -z $label || $label == '<no value>' || $label == "$(recipe "$1")" ]]
}

# A stand-in is built from these files: their checksum tells an outdated one.
recipe() {
  (cd "$images" && find base "$1" packages.sh contents.sh kafka_jars.py -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c 1-16)
}

started=${EPOCHREALTIME/[.,]/}
step() {
  local now=${EPOCHREALTIME/[.,]/}
  printf 'images: %-32s %-26s %5d ms\n' "$1" "$2" $(((now - started) / 1000))
  started=$now
}

fail() {
  printf 'images: %s\n' "$*" >&2
  exit 1
}

main "$@"
