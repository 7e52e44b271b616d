# shellcheck shell=bash
# Pulling, where a registry answers; sourced by build.sh.

# 10 s to answer: a name server or proxy that drops the question must not hold up a build. The download itself,
# once a registry has answered, may take as long as it takes.
registry_answer_seconds_max=10
registry_is_silent=no

pull() {
  local log pid
  [[ $registry_is_silent == no ]] || return 1
  mkdir -p "$work"
  log=$work/pull.log
  docker pull "$1" >"$log" 2>&1 &
  pid=$!
  await_answer "$pid" "$log"
  wait "$pid"
}

await_answer() {
  local deadline=$((SECONDS + registry_answer_seconds_max))
  while kill -0 "$1" 2>/dev/null && ! grep -qs 'Pulling from' "$2"; do
    if ((SECONDS >= deadline)); then
      registry_is_silent=yes
      kill "$1"
    fi
    sleep 0.1
  done
}

# Testcontainers' own cleaner. Where it cannot be had, tests/containers/sweeper.py does its work.
pull_ryuk() {
  local image
  image=$("$python" -c 'from testcontainers.core.config import testcontainers_config as c; print(c.ryuk_image)') || return 0
  if ! is_absent "$image"; then
    step "$image" 'is here'
  elif pull "$image"; then
    step "$image" 'pulled'
  else
    step "$image" 'not to be had, not needed'
  fi
}
