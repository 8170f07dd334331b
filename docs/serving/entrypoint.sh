#!/bin/sh
# What does a container do before it serves? Wait for the database, then bring the tables up (with a
# backup before anything changes), then become the command: serve, jobs, or any word after `offset`.
set -eu

tries="${OFFSET_WAIT_TRIES:-60}"
until offset db wait; do
  tries=$((tries - 1))
  if [ "$tries" -le 0 ]; then
    echo "the database does not answer" >&2
    exit 1
  fi
  sleep "${OFFSET_WAIT_SECONDS:-1}"
done

case "${1:-serve}" in
  serve)
    offset db upgrade
    exec offset serve
    ;;
  jobs)
    # each minute; a run that is refused because another one is at it is no fault
    while true; do
      offset jobs run || [ "$?" -eq 75 ] || echo "a run of the jobs failed" >&2
      sleep 60
    done
    ;;
  *)
    exec offset "$@"
    ;;
esac
