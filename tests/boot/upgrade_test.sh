#!/usr/bin/env bash
# A newer package is installed over the robot that runs.
# shellcheck source=tests/boot/common.sh
source "$(dirname "$0")/common.sh"

upgrade() { apt-get install --yes --no-install-recommends /run/boot/robot-runtime-next.deb >/run/upgrade.log 2>&1; }
version() { dpkg-query --show --showformat '${db:Status-Status} ${Version}' robot-runtime; }
entered() { systemctl show --value --property "$2" "runtime-$1.service"; }

mapfile -t before < <(pids)
old=$(version)
start_driving
! upgrade || fail "an upgrade in TELEOP is refused"
grep -q 'the robot is in TELEOP' /run/upgrade.log || fail "it says why: $(</run/upgrade.log)"
[[ $(version) == "$old" ]] || fail "the old package stays: $old, $(version)"
[[ $(pids) == "$(printf '%s\n' "${before[@]}")" ]] || fail "the daemons go on"
driven || fail "the robot goes on driving"
stop_driving
step "an upgrade in TELEOP is refused, and the robot goes on"

# The number of the layout in the block's header: as if the old package had had another one.
printf '\x7f' | dd of=/dev/shm/runtime-devices-shm bs=1 seek=8 conv=notrunc status=none
grep -q '"name": "devices", "state": "other layout"' <(runtime status --json) || fail "a block has another layout"
upgrade || fail "an upgrade in IDLE: $(</run/upgrade.log)"
! grep -q 'is not up' /run/upgrade.log || fail "postinst waits until all are up: $(</run/upgrade.log)"
runs shm "${daemons[@]}" || fail "all are up when the upgrade is done"
[[ $(version) == "installed 9.9.9" ]] || fail "the new version is installed, not $(version)"
blocks=$(entered shm ExecMainExitTimestampMonotonic)
for i in "${!daemons[@]}"; do
    another "${daemons[i]}" "${before[i]}" || fail "${daemons[i]} is a new process"
    (($(entered "${daemons[i]}" ExecMainStartTimestampMonotonic) > blocks)) || fail "blocks come before ${daemons[i]}"
done
until_true 20 "all blocks are whole and all daemons alive" runtime status
until_true 60 "the robot drives after the upgrade" drives
step "an upgrade in IDLE restarts all in order, makes blocks of another layout anew, and the robot drives"
