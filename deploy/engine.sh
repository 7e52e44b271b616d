#!/bin/bash
# Makes sure that a Docker engine answers.
#
#   deploy/engine.sh start             keeps an engine that answers; else installs (Debian, root) and starts one
#   deploy/engine.sh stop              stops the engine that was started here, and no other
#   deploy/engine.sh during COMMAND    runs COMMAND with an engine; one that was started for this is stopped by the last
#                                      of those who use it at the same time
set -euo pipefail
# Of the machine, not of a clone: an engine that one clone has started is stopped under nobody of another.
state=${TMPDIR:-/tmp}/onboarding-engine-$(id -u)
pid_file=$state/dockerd.pid
log_file=$state/dockerd.log
# Locked by whoever uses the engine; holds the pid of an engine that was started for its users alone.
users_file=$state/engine.users
# 30 s: the engine answers within one second; a loaded machine with many images to check needs longer.
answer_seconds_max=30
# 60 s: dockerd grants its containers 10 s to stop, one group after the other.
stop_seconds_max=60

say() { printf 'engine: %s\n' "$*"; }

fail() {
  say "$*" >&2
  exit 1
}

answers() { timeout 5 docker info >/dev/null 2>&1; }

start() {
  bring_up
  : >"$users_file" # who has asked for it wants to keep it, whoever it was started for
}

bring_up() {
  mkdir -p "$state"
  # Two test runs at the same time must not start two engines.
  exec 9>"$state/engine.lock"
  flock 9
  answers || launch
  exec 9>&-
}

launch() {
  [[ $(id -u) == 0 ]] || fail 'no Docker engine answers: start one, or install docker.io (Debian) as root, and run this again'
  if ! { command -v dockerd && command -v docker; } >/dev/null; then install_engine; fi
  if answers; then return; fi # the package's own service has started it
  our_pid >/dev/null || rm -f "$pid_file"
  # 127.0.0.1: a published port of a test is for this machine only.
  setsid dockerd --ip 127.0.0.1 --userland-proxy=false --pidfile "$pid_file" >"$log_file" 2>&1 </dev/null 9>&- 8>&- &
  launched=$!
  await_answer "$launched"
  say "started dockerd, pid $launched, log $log_file"
}

install_engine() {
  command -v apt-get >/dev/null || fail 'no Docker engine answers: install Docker Engine and run this again'
  say 'installing docker.io'
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends docker.io iptables; } \
    >"$state/engine-install.log" 2>&1 || fail 'docker.io could not be installed: see $state/engine-install.log'
  hash -r
}

await_answer() {
  local deadline=$((SECONDS + answer_seconds_max))
  until answers; do
    kill -0 "$1" 2>/dev/null || fail "dockerd ended at once: $(tail -n 1 "$log_file")"
    ((SECONDS < deadline)) || fail "dockerd does not answer after $answer_seconds_max s: see $log_file"
    sleep 0.1
  done
}

# The pid of the engine that `start` started, while it runs; fails when there is none.
our_pid() {
  local pid
  [[ -s $pid_file ]] || return 1
  pid=$(<"$pid_file")
  [[ $(cat "/proc/$pid/comm" 2>/dev/null) == dockerd ]] || return 1
  printf '%s\n' "$pid"
}

stop() {
  local pid deadline=$((SECONDS + stop_seconds_max))
  pid=$(our_pid) || {
    say 'none of ours is running'
    return
  }
  kill -TERM "$pid"
  while kill -0 "$pid" 2>/dev/null; do
    ((SECONDS < deadline)) || fail "dockerd, pid $pid, does not stop: see $log_file"
    sleep 0.1
  done
  say "stopped dockerd, pid $pid"
}

during() {
  (($# > 0)) || fail 'during: which command? Usage: deploy/engine.sh during COMMAND [ARGUMENT...]'
  mkdir -p "$state"
  exec 8>>"$users_file"
  flock --shared 8
  bring_up
  [[ -z ${launched-} ]] || printf '%s\n' "$launched" >"$users_file"
  trap leave EXIT
  "$@" 8>&-
}

# The last one out turns off the light, if it was turned on for those who were in. Nothing is said: the last lines
# should be the command's own.
leave() {
  local pid
  flock --unlock 8
  flock --exclusive --nonblock 8 || return 0
  pid=$(our_pid) && [[ $pid == "$(<"$users_file")" ]] || return 0
  : >"$users_file"
  stop >/dev/null
}

case ${1-} in
  start | stop | during) "$@" ;;
  *) fail 'usage: deploy/engine.sh start | stop | during COMMAND [ARGUMENT...]' ;;
esac
