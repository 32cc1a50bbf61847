# shellcheck shell=bash
# shellcheck disable=SC2034  # the others use the variables
# What the scripts share that run inside the booted machine. Each check prints a line; the first that fails ends the test.
set -euo pipefail

readonly daemons=(dev_handler net_handler executor)
readonly student_code=/var/lib/runtime/student_code.py
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
pids() { for daemon in "${daemons[@]}"; do pid_of "$daemon"; done; }
# runs UNIT...: each is up at this moment.
runs() {
    local unit
    for unit; do systemctl is-active --quiet "runtime-$unit.service" || return; done
}
# another DAEMON PID: it runs, is ready, and is another process.
another() { runs "$1" && [[ $(pid_of "$1") != "$2" && $(pid_of "$1") != 0 ]]; }
# program VELOCITY: a student program with this velocity while w is held.
program() {
    printf '%s\n' 'def autonomous():' '    pass' '' 'def teleop_main():' \
        "    Robot.set_value('6_1', 'velocity_a', $1 if Keyboard.get_value('w') else 0.0)"
}
# drives [VELOCITY]: a new start of TELEOP turns the motor and reaches the student code.
drives() {
    station --address localhost --mode teleop --seconds 1 --press w --print devices --json >/run/devices || return
    grep -q "\"velocity_a\": ${1:-0\.[1-9]}" /run/devices
}
# A driver who holds w in TELEOP, until stop_driving.
start_driving() {
    systemd-run --quiet --collect --unit driver station --address localhost --mode teleop --press w
    until_true 60 "a driver drives" driven
}
stop_driving() {
    systemctl stop driver.service
    until_true 20 "the robot is idle without a driver" mode IDLE
}
mode() { grep -q "\"run\": {\"mode\": \"$1\"" <(runtime status --json); }
driven() { mode TELEOP && grep -q '"velocity_a": 0\.[1-9]' <(runtime devices --json); }
# said TEXT: the log has it.
said() { grep -q "$1" <(runtime logs); }
# entered UNIT STATE: when it last did so, in microseconds.
entered() { systemctl show --value --property "$2TimestampMonotonic" "runtime-$1.service"; }
# nobody_complained: so far no shm_stop of the unit has found a daemon that still wrote.
nobody_complained() {
    journalctl --sync
    journalctl --quiet --unit runtime-shm.service >/run/shm_journal
    grep -q 'Stopped runtime-shm' /run/shm_journal || fail "the journal tells when blocks were removed"
    ! grep 'although process' /run/shm_journal || fail "no daemon writes blocks that are removed"
}
# blocks_went_last: the daemons had ended when the blocks were removed, this time.
blocks_went_last() {
    local daemon
    for daemon in "${daemons[@]}"; do
        (($(entered "$daemon" InactiveEnter) <= $(entered shm ActiveExit))) || fail "$daemon ends before its blocks go"
    done
    nobody_complained
}
