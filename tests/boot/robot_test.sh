#!/usr/bin/env bash
# The installed robot comes up and survives what happens to its daemons.
# shellcheck source=tests/boot/common.sh
source "$(dirname "$0")/common.sh"

runs shm "${daemons[@]}" || fail "all are up after the first boot"
until_true 20 "all blocks are whole and all daemons alive" runtime status
! grep -q '"restarts": [1-9]' <(runtime status --json) || fail "each daemon has started once"
until_true 20 "the log tells that there is no student program yet" said 'is empty: upload one'
(($(grep -c 'is empty: upload one' <(runtime logs)) == 1)) || fail "the log tells it once"
step "the installed robot comes up with the machine, and waits for a student's program"

for program in shm_start "${daemons[@]}"; do
    for option in $("$program" --help | sed -n 's/^  --\([a-z-]*\).*/\1/p'); do
        case $option in help | version | config) continue ;; esac
        grep -q "^#$option = *" /etc/runtime/runtime.conf || fail "$option of $program is in runtime.conf"
    done
done
step "the configuration file names every option"

# As needrestart reads it after an update of a library; 0: not by itself.
perl -e 'do "/etc/needrestart/conf.d/robot-runtime.conf"; die $@ if $@; my $rules = $nrconf{override_rc};
    for my $unit (@ARGV) { grep { $unit =~ /$_/ && $rules->{$_} eq "0" } keys %$rules or die "$unit\n" }' \
    runtime-{shm,dev_handler,net_handler,executor}.service || fail "needrestart leaves the robot alone"
step "needrestart leaves the robot alone"

program 0.5 >"$student_code"
cat >/etc/systemd/system/virtual_devices.service <<'UNIT'
[Service]
ExecStart=/run/boot/virtual_devices --device KoalaBear:1 --directory /run/virtual/ports
User=runtime-dev_handler
RuntimeDirectory=virtual
[Install]
WantedBy=multi-user.target
UNIT
printf '\n[dev_handler]\nports = /run/virtual/ports/tty*\n' >>/etc/runtime/runtime.conf
systemctl enable --quiet --now virtual_devices.service
systemctl restart runtime.target
runs shm "${daemons[@]}" || fail "all are up when systemctl restart runtime.target returns"
step "the robot comes up by itself, and again by systemctl restart runtime.target"
until_true 60 "the robot drives" drives
step "a driver station drives"

property() { systemctl show --value --property "$2" "runtime-$1.service"; }
for unit in shm "${daemons[@]}"; do
    [[ $(property "$unit" TimeoutStartUSec) == 20s ]] || fail "the start of $unit has an end"
done
# user_of PID: whose process it is, in full.
user_of() { ps --no-headers -o user:32 -p "$1"; }
student_has_user() { [[ $(user_of "$(pgrep --newest --exact student_process)") == "$1" ]]; }
for daemon in "${daemons[@]}"; do
    [[ $(user_of "$(pid_of "$daemon")") == "runtime-$daemon" ]] || fail "$daemon runs as a user of its own"
done
until_true 20 "student code runs as executor's user" student_has_user runtime-executor
step "each daemon runs as a user of its own, and student code as executor's"

block() { printf '/dev/shm/runtime-%s-shm %s:runtime 640\n' "$1" "$2"; }
expected=$(
    block types root
    for name in devices wire log-dev_handler; do block "$name" runtime-dev_handler; done
    for name in robot inputs log-net_handler; do block "$name" runtime-net_handler; done
    for name in commands custom-data student log-executor; do block "$name" runtime-executor; done
)
diff <(sort <<<"$expected") <(stat --format '%n %U:%G %a' /dev/shm/runtime-* | sort) ||
    fail "each block belongs to its writer, and to the group runtime"
step "each block belongs to its writer's user, and the group may read it"
# rank PID: its real-time priority (0: none), and how nice it is.
rank() { awk '{ print $40, $19 }' "/proc/$1/stat"; }
# ranks DAEMON PRIORITY NICE WEIGHT SCORE: how much of the processor it gets, and how late the kernel ends it.
ranks() {
    local process score
    process=$(pid_of "$1")
    [[ $(rank "$process") == "$2 $3" ]] || fail "$1 has the priority $2 and is $3 nice, not $(rank "$process")"
    [[ $(property "$1" CPUWeight) == "$4" ]] || fail "$1 has the CPU weight $4"
    [[ $(property "$1" OOMScoreAdjust) == "$5" ]] || fail "$1 has the score $5"
    score=$(<"/proc/$process/oom_score_adj")
    [[ $score == "$5" || $may_lower == no ]] || fail "$1 has the score $5 in fact, not $score"
}
student_is_last() {
    local process
    process=$(pgrep --newest --exact student_process) || return
    [[ $(rank "$process") == "0 10" && $(<"/proc/$process/oom_score_adj") == 1000 ]]
}
may_lower=yes
(echo -1 >/proc/self/oom_score_adj) 2>/dev/null || may_lower=no
[[ $may_lower == yes ]] || echo "skipped: what the kernel does with OOMScoreAdjust=, which this machine does not allow"
ranks dev_handler 10 0 1000 -900
ranks net_handler 0 -10 1000 -800
ranks executor 0 -5 200 -500
until_true 20 "student code comes last" student_is_last
step "dev_handler comes before net_handler, that before executor, and student code last"

# A board of a kind that this kernel has no driver for: what is not allowed is refused before that is noticed.
mknod /dev/board c 166 255
# opens OPTION...: what a service says that opens it.
opens() { systemd-run --quiet --pipe --wait --collect --setenv LC_ALL=C "$@" cat /dev/board 2>&1 || true; }
if [[ $(opens --property DevicePolicy=closed) == *"not permitted"* ]]; then
    mapfile -t allowed < <(sed -n 's/^Device.*=/--property=&/p' /usr/lib/systemd/system/runtime-dev_handler.service)
    answer=$(opens "${allowed[@]}")
    [[ $answer == *"No such device"* ]] || fail "dev_handler may open a board whose driver came after it: $answer"
    step "dev_handler may open a board whose driver has come after it"
else
    echo "skipped: which devices a service may open, which this machine does not restrict"
fi
rm /dev/board

# Microseconds since the machine has started, in the kernel's ten milliseconds.
uptime() {
    local seconds
    read -r seconds _ </proc/uptime
    printf '%s0000' "${seconds/./}"
}
# lose DAEMON SIGNAL: it comes back as another process, and the others are the same. took: in milliseconds.
lose() {
    local before other sent
    local -A others=()
    before=$(pid_of "$1")
    for other in "${daemons[@]}"; do others[$other]=$(pid_of "$other"); done
    sent=$(uptime)
    kill -s "$2" "$before"
    until_true 20 "$1 comes back after SIG$2" another "$1" "$before"
    for other in "${daemons[@]}"; do
        [[ $other == "$1" || $(pid_of "$other") == "${others[$other]}" ]] || fail "$other goes on while $1 is lost"
    done
    took=$((($(entered "$1" ActiveEnter) - sent) / 1000))
}
# all_come_back WHY SENT STATE PID...: each daemon as another process than its PID. took: from SENT until the last one
# entered STATE.
all_come_back() {
    local why=$1 sent=$2 state=$3 i since
    local -a lost=("${@:4}")
    took=0
    for i in "${!daemons[@]}"; do
        until_true 20 "${daemons[i]} comes back after $why" another "${daemons[i]}" "${lost[i]}"
        since=$((($(entered "${daemons[i]}" "$state") - sent) / 1000))
        ((since <= took)) || took=$since
    done
}
# lose_all: all daemons are killed at once. took: until the last one was back.
lose_all() {
    local sent
    local -a killed
    mapfile -t killed < <(pids)
    sent=$(uptime)
    kill -KILL "${killed[@]}"
    all_come_back "all were killed" "$sent" ActiveEnter "${killed[@]}"
}
# remove_blocks: under all daemons. took: when the last one had noticed.
remove_blocks() {
    local sent i
    local -a writers
    mapfile -t writers < <(pids)
    sent=$(uptime)
    shm_stop 2>/run/shm_stop || fail "shm_stop: $(</run/shm_stop)"
    all_come_back "shm_stop" "$sent" ActiveExit "${writers[@]}"
    for i in "${!writers[@]}"; do
        grep -q "although process ${writers[i]} " /run/shm_stop ||
            fail "shm_stop says that ${daemons[i]}, process ${writers[i]}, still wrote"
    done
}
# yardstick: how long a service takes, in milliseconds, that only starts Python: about 80, where nothing else runs.
yardstick() {
    local start=${EPOCHREALTIME/./}
    systemd-run --quiet --wait --collect python3 -c pass
    echo $(((${EPOCHREALTIME/./} - start) / 1000))
}
# within_a_second WHAT COMMAND...: took is, in the best of three times. A busy machine may delay all of them: then as
# many times longer as it takes longer for everything.
within_a_second() {
    local what=$1 bound=1000 busy
    shift
    best=
    for _ in {1..3}; do
        "$@"
        [[ -n $best ]] && ((best <= took)) || best=$took
        ((took >= 1000)) || continue
        busy=$((8 * $(yardstick)))
        ((bound >= busy)) || bound=$busy
    done
    ((best < bound)) || fail "$what within $bound ms, not $best ms"
}
# killed_by_watchdog DAEMON
killed_by_watchdog() { grep -q 'Watchdog timeout (limit 2s)' <(journalctl --quiet --unit "runtime-$1.service"); }
for daemon in "${daemons[@]}"; do
    within_a_second "$daemon is back after SIGKILL" lose "$daemon" KILL
    until_true 60 "the robot drives after SIGKILL of $daemon" drives
    step "$daemon comes back after SIGKILL in $best ms, the others go on, and the robot drives"

    lose "$daemon" TERM
    step "$daemon comes back after SIGTERM in $took ms, and the others go on"

    lose "$daemon" STOP
    until_true 20 "the watchdog ends $daemon, which is stopped" killed_by_watchdog "$daemon"
    until_true 60 "the robot drives after SIGSTOP of $daemon" drives
    step "$daemon comes back after SIGSTOP in $took ms, the others go on, and the robot drives"

    before=$(pid_of "$daemon")
    cp "/usr/sbin/$daemon" /usr/sbin/new
    mv /usr/sbin/new "/usr/sbin/$daemon"
    systemctl restart "runtime-$daemon.service"
    another "$daemon" "$before" || fail "systemctl restart of $daemon"
    until_true 60 "the robot drives after a restart of $daemon" drives
    step "$daemon is restarted with a new binary, and the robot drives"
done

within_a_second "all three are back after SIGKILL" lose_all
until_true 60 "the robot drives after all three were killed" drives
step "all three killed at once come back in $best ms, and the robot drives"

# lose_two DAEMON DAEMON: at once; both come back.
lose_two() {
    local i
    local -a killed=("$(pid_of "$1")" "$(pid_of "$2")")
    kill -KILL "${killed[@]}"
    for i in 0 1; do
        until_true 20 "${*:i+1:1} comes back after $* were killed" another "${*:i+1:1}" "${killed[i]}"
    done
}
stands() { grep -q '"velocity_a": -\?0[,}]' <(runtime devices --json); }
driver_has_gone() { ! systemctl is-active --quiet driver.service; }
start_driving
for daemon in executor dev_handler; do
    lose "$daemon" KILL
    until_true 60 "the robot drives on after SIGKILL of $daemon in TELEOP" driven
done
lose_two executor dev_handler
until_true 60 "the robot drives on after SIGKILL of executor and dev_handler in TELEOP" driven
step "executor, dev_handler, and both at once are killed in TELEOP, and the robot drives on by itself"

lose net_handler KILL
mode IDLE || fail "the robot is idle after SIGKILL of net_handler in TELEOP"
until_true 20 "the motor stands after SIGKILL of net_handler in TELEOP" stands
until_true 20 "the driver station has lost its connection" driver_has_gone
until_true 60 "the robot drives after SIGKILL of net_handler in TELEOP" drives
step "net_handler is killed in TELEOP: the robot is idle, and drives when the mode is started again"

within_a_second "all notice that their blocks were removed" remove_blocks
until_true 60 "the robot drives after shm_stop" drives
step "all daemons notice shm_stop within $best ms, come back with new blocks, and the robot drives"

types=/etc/runtime/device_types.textproto
published=$(stat --format %i /dev/shm/runtime-types-shm)
cp "$types" /run/types
arm='device_types { number: 200 name: "RobotArm" parameters { name: "angle" kind: FLOAT read: true } }'
printf 'a mistake\n' >>"$types"
for daemon in "${daemons[@]}"; do lose "$daemon" KILL; done
printf '%s\n' "$arm" | cat /run/types - >"$types"
lose net_handler KILL
[[ $(stat --format %i /dev/shm/runtime-types-shm) == "$published" ]] || fail "the device types stay until a restart"
until_true 60 "the robot drives while somebody edits the device types" drives
systemctl restart runtime.target
grep -q RobotArm /dev/shm/runtime-types-shm || fail "a restart takes the device types that were edited"
cp /run/types "$types"
systemctl restart runtime.target
! grep -q RobotArm /dev/shm/runtime-types-shm || fail "a restart takes the device types that were edited back"
until_true 60 "the robot drives with the device types that it had" drives
step "while the device types are edited, daemons come back and keep those that there are; a restart takes the new ones"

for unit in "${daemons[@]}"; do
    exposure=$(systemd-analyze security --no-pager "runtime-$unit.service" | sed -n 's/.*exposure level.*: \([0-9.]*\) .*/\1/p')
    [[ $exposure =~ ^[0-9]+\.[0-9]+$ ]] || fail "systemd-analyze rates $unit: \"$exposure\""
    awk -v exposure="$exposure" 'BEGIN { exit !(exposure <= 2.0) }' || fail "$unit is exposed: $exposure"
    printf 'runtime-%s.service: exposure %s\n' "$unit" "$exposure"
done
step "each daemon is rated 2.0 or better"
