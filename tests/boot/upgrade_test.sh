#!/usr/bin/env bash
# A newer package is installed over the robot that runs.
# shellcheck source=tests/boot/common.sh
source "$(dirname "$0")/common.sh"

upgrade() { apt-get install --yes --no-install-recommends /run/boot/robot-runtime-next.deb >/run/upgrade.log 2>&1; }
version() { dpkg-query --show --showformat '${db:Status-Status} ${Version}' robot-runtime; }
same_processes() { [[ $(pids) == "$(printf '%s\n' "${before[@]}")" ]]; }
# refused WHEN WHY: an upgrade is, and changes nothing.
refused() {
    ! upgrade || fail "an upgrade $1 is refused"
    grep -q "$2" /run/upgrade.log || fail "it says why: $(</run/upgrade.log)"
    [[ $(version) == "$old" ]] || fail "the old package stays: $old, $(version)"
    same_processes || fail "the daemons go on"
}

mapfile -t before < <(pids)
old=$(version)
systemd-run --quiet --collect --unit driver station --address localhost --mode auto
until_true 60 "a mode without a driver begins" mode AUTO
refused "in AUTO" 'the robot is in AUTO'
stop_driving
start_driving
refused "in TELEOP" 'the robot is in TELEOP'
driven || fail "the robot goes on driving"
step "an upgrade in AUTO or TELEOP is refused, and the robot goes on"

cp /etc/runtime/runtime.conf /run/runtime.conf
for line in 'instance = other' 'no option'; do
    sed "1i $line" /run/runtime.conf >/etc/runtime/runtime.conf
    refused "with \"$line\" in the configuration" 'whether it is in IDLE cannot be told'
    cp /run/runtime.conf /etc/runtime/runtime.conf
    driven || fail "the robot goes on driving"
done
step "an upgrade is refused where runtime status cannot be had, and the robot goes on"

stop_driving
# A watchdog that gives this test the time that it takes.
patience=/run/systemd/system/runtime-net_handler.service.d/patience.conf
mkdir -p "${patience%/*}"
printf '[Service]\nWatchdogSec=10min\n' >"$patience"
systemctl daemon-reload
systemctl restart runtime-net_handler.service
mapfile -t before < <(pids)
start_driving
kill -STOP "${before[1]}"
refused "in TELEOP, with a net_handler that hangs," 'the robot is in TELEOP'
kill -CONT "${before[1]}"
rm "$patience"
systemctl daemon-reload
systemctl restart runtime-net_handler.service
until_true 20 "the robot is idle with another net_handler" mode IDLE
! systemctl --quiet is-active driver.service || systemctl stop driver.service
mapfile -t before < <(pids)
step "an upgrade in TELEOP is refused while net_handler hangs"

# The number of the layout in the block's header: as if the old package had had another one.
printf '\x7f' | dd of=/dev/shm/runtime-devices-shm bs=1 seek=8 conv=notrunc status=none
grep -q '"name": "devices", "state": "other layout"' <(runtime status --json) || fail "a block has another layout"
# A program may be a link to another file.
team=/var/lib/runtime/team.py
mv "$student_code" "$team"
ln -s "${team##*/}" "$student_code"
upgrade || fail "an upgrade in IDLE: $(</run/upgrade.log)"
! grep -q 'is not up' /run/upgrade.log || fail "postinst waits until all are up: $(</run/upgrade.log)"
runs shm "${daemons[@]}" || fail "all are up when the upgrade is done"
[[ $(version) == "installed 9.9.9" ]] || fail "the new version is installed, not $(version)"
blocks=$(entered shm ExecMainExit)
for i in "${!daemons[@]}"; do
    another "${daemons[i]}" "${before[i]}" || fail "${daemons[i]} is a new process"
    (($(entered "${daemons[i]}" ExecMainStart) > blocks)) || fail "blocks come before ${daemons[i]}"
done
until_true 20 "all blocks are whole and all daemons alive" runtime status
until_true 60 "the robot drives after the upgrade" drives
mv "$team" "$student_code"
step "an upgrade in IDLE restarts all in order, makes blocks of another layout anew, and the robot drives"

# A mode that begins between preinst and postinst.
begun_meanwhile() {
    dpkg --unpack /run/boot/robot-runtime-next.deb >/run/unpack.log 2>&1 || fail "a package is unpacked: $(</run/unpack.log)"
    mapfile -t before < <(pids)
    start_driving
}
left() { [[ ! -e /usr/libexec/robot-runtime/before-upgrade ]] || fail "the upgrade leaves nothing"; }

begun_meanwhile
dpkg --configure robot-runtime >/run/configure.log 2>&1 &
configuration=$!
until_true 60 "postinst says that it waits" grep -q 'in TELEOP; waiting' /run/configure.log
driven || fail "the robot goes on driving while an upgrade waits"
same_processes || fail "the daemons go on while an upgrade waits"
stop_driving
wait "$configuration" || fail "the upgrade ends: $(</run/configure.log)"
for i in "${!daemons[@]}"; do another "${daemons[i]}" "${before[i]}" || fail "${daemons[i]} is a new process"; done
left
step "an upgrade waits for the end of a mode that has begun since, then restarts the robot"

begun_meanwhile
# Five minutes pass at once.
mkdir /run/clock
ln -s /bin/true /run/clock/sleep
PATH=/run/clock:$PATH dpkg --configure robot-runtime >/run/configure.log 2>&1 ||
    fail "an upgrade ends without a restart: $(</run/configure.log)"
grep -q 'in TELEOP, so the old programs still run' /run/configure.log || fail "it says so: $(</run/configure.log)"
driven || fail "the robot goes on driving after an upgrade that could not wait"
same_processes || fail "the daemons go on after an upgrade that could not wait"
left
stop_driving
systemctl restart runtime.target
until_true 60 "the robot drives after the restart" drives
step "an upgrade that has waited for five minutes leaves the old processes alone, and says what to do"
