#!/bin/sh
# A training in shell, logged through the journal: gittrack run -- sh examples/shell/train.sh
log() { printf '%s\n' "$1" >> "${GITTRACK_JOURNAL:-/dev/null}"; }
log '{"event": "param", "params": {"lr": 0.5, "steps": 5}}'
x=100
for step in 1 2 3 4 5; do
  x=$((x / 2))
  log "{\"event\": \"metric\", \"key\": \"loss\", \"value\": $x, \"step\": $step}"
done
log '{"event": "tag", "tags": {"verdict": "good"}}'
