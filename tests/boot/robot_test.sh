#!/usr/bin/env bash
# Runs inside the booted machine, as root, with the package installed and the virtual devices at /run/boot/virtual_devices.
# Each check prints a line; the first that fails ends the test.
set -euo pipefail

readonly daemons=(dev_handler net_handler executor)
readonly ports=/run/virtual
step() { printf '%s\n' "ok $1"; }
fail() {
    printf 'FAILED %s\n' "$1"
    exit 1
}
# until_true SECONDS WHAT COMMAND...: what is awaited shows in no event that a shell could wait for.
until_true() {
    local end=$((${EPOCHREALTIME/./} + $1 * 1000000)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        ((${EPOCHREALTIME/./} < end)) || fail "$what"
        sleep 0.02
    done
}
pid_of() { systemctl show --value --property MainPID "runtime-$1.service"; }
# another DAEMON PID: it runs, is ready, and is another process.
another() {
    [[ $(systemctl show --value --property ActiveState "runtime-$1.service") == active ]] &&
        [[ $(pid_of "$1") != "$2" && $(pid_of "$1") != 0 ]]
}
# drives: a new start of TELEOP turns the motor and reaches the student code.
drives() {
    station --address localhost --mode teleop --seconds 1 --press w --print devices --json >/run/boot/devices || return
    grep -q '"velocity_a": 0\.[1-9]' /run/boot/devices
}

for program in shm_start "${daemons[@]}"; do
    for option in $("$program" --help | sed -n 's/^  --\([a-z-]*\).*/\1/p'); do
        case $option in help | version | config) continue ;; esac
        grep -q "^#$option = *" /etc/runtime/runtime.conf || fail "$option of $program is in runtime.conf"
    done
done
step "the configuration file names every option"

cat >/var/lib/runtime/student_code.py <<'PYTHON'
def autonomous():
    pass


def teleop_main():
    Robot.set_value("6_1", "velocity_a", 0.5 if Keyboard.get_value("w") else 0.0)
PYTHON
mkdir "$ports"
chown runtime-dev_handler "$ports"
printf '\n[dev_handler]\nports = %s/tty*\n' "$ports" >>/etc/runtime/runtime.conf
setpriv --reuid runtime-dev_handler --regid runtime --init-groups /run/boot/virtual_devices \
    --device KoalaBear:1 --directory "$ports" >/dev/null 2>&1 &
until_true 20 "virtual devices" compgen -G "$ports/tty*"
systemctl restart runtime.target
for unit in shm "${daemons[@]}"; do
    until_true 20 "$unit runs" systemctl is-active --quiet "runtime-$unit.service"
done
step "the robot comes up by itself, and again by systemctl restart runtime.target"
until_true 60 "the robot drives" drives
step "a driver station drives"

for daemon in "${daemons[@]}"; do
    for signal in KILL STOP; do
        before=$(pid_of "$daemon")
        declare -A others=()
        for other in "${daemons[@]}"; do others[$other]=$(pid_of "$other"); done
        kill -s "$signal" "$before"
        until_true 20 "$daemon comes back after SIG$signal" another "$daemon" "$before"
        for other in "${daemons[@]}"; do
            [[ $other == "$daemon" || $(pid_of "$other") == "${others[$other]}" ]] ||
                fail "$other goes on while $daemon is lost"
        done
        until_true 60 "the robot drives after SIG$signal of $daemon" drives
        step "$daemon comes back after SIG$signal, the others go on, and the robot drives"
    done
    before=$(pid_of "$daemon")
    cp "/usr/sbin/$daemon" /usr/sbin/new
    mv /usr/sbin/new "/usr/sbin/$daemon"
    systemctl restart "runtime-$daemon.service"
    another "$daemon" "$before" || fail "systemctl restart of $daemon"
    until_true 60 "the robot drives after a restart of $daemon" drives
    step "$daemon is restarted with a new binary, and the robot drives"
done

pids=$(for daemon in "${daemons[@]}"; do pid_of "$daemon"; done)
# shellcheck disable=SC2086  # three words
kill -KILL $pids
until_true 60 "the robot drives after all three were killed" drives
step "all three killed at once come back, and the robot drives"

for unit in "${daemons[@]}"; do
    exposure=$(systemd-analyze security --no-pager "runtime-$unit.service" | sed -n 's/.*exposure level.*: \([0-9.]*\) .*/\1/p')
    [[ ${exposure%.*} -lt 2 || $exposure == 2.0 ]] || fail "$unit is exposed: $exposure"
    printf 'runtime-%s.service: exposure %s\n' "$unit" "$exposure"
done
step "each daemon is rated 2.0 or better"

kill %1
dpkg --purge robot-runtime >/dev/null 2>&1 || fail "the package can be purged"
left=$(find /etc/runtime /var/lib/runtime /dev/shm /usr/lib/systemd/system /usr/sbin -name 'runtime[-.]*' 2>/dev/null || true)
[[ -z $left ]] || fail "purging leaves nothing: $left"
! getent passwd runtime-executor >/dev/null || fail "purging leaves no user"
step "purging leaves nothing"
