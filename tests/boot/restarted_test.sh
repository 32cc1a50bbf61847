#!/usr/bin/env bash
# The machine has been started again, after a reboot or without its power for a while: nobody has touched it.
# shellcheck source=tests/boot/common.sh
source "$(dirname "$0")/common.sh"

runs shm "${daemons[@]}" || fail "the robot comes up by itself"
until_true 20 "all blocks are whole and all daemons alive" runtime status
! grep -q '"restarts": [1-9]' <(runtime status --json) || fail "the blocks are new, and each daemon has started once"
mode IDLE || fail "the robot is idle"
sha256sum --quiet --check /var/tmp/files || fail "the student's program and the configuration are as they were"
until_true 60 "the robot drives" drives 0.25
step "the robot has come up by itself with new blocks and whole files, and drives"
