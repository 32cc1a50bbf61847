#!/usr/bin/env bash
# scripts/run.sh: sets up, builds, and runs a whole robot in the foreground until Ctrl-C.
#
#   --student-code FILE   the students' Python program (default: executor/examples/drive.py); it is read again
#                         whenever it changes
#   --port N              the TCP port for the driver station (default: 8101; 0: any free one)
#   --no-virtual-devices  real devices, at /dev/ttyACM* and /dev/ttyUSB*, instead of a virtual robot
#   --instance NAME       which robot, so that several run side by side (default: run)
#   --help                print this and exit
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

student_code=$tree/executor/examples/drive.py port=8101 virtual=yes instance=run
while (($# > 0)); do
    case $1 in
    --*=*) set -- "${1%%=*}" "${1#*=}" "${@:2}" && continue ;;
    --student-code | --port | --instance) (($# > 1)) || fail 2 "$1 needs a value; see scripts/run.sh --help" ;;&
    --student-code)
        student_code=$(cd "$caller" && realpath --canonicalize-missing -- "$2")
        [[ -f $student_code ]] || fail 2 "--student-code \"$2\": there is no such file"
        shift
        ;;
    --port)
        whole_number --port "$2" 0 65535
        port=$2
        shift
        ;;
    --instance)
        [[ $2 =~ ^[A-Za-z0-9_]{1,31}$ ]] || fail 2 "--instance \"$2\" may hold only letters, digits and _"
        instance=$2
        shift
        ;;
    --no-virtual-devices) virtual=no ;;
    --help) print_help && exit 0 ;;
    *) fail 2 "unknown option \"$1\"; see scripts/run.sh --help" ;;
    esac
    shift
done

scripts/setup.sh
say "Building (some minutes the first time) …"
build release shm_start shm_stop dev_handler executor student_process net_handler station virtual_devices

bin=$tree/build/release/bin
common=(--instance "$instance" --log-level info)
blocks=/dev/shm/runtime-$instance
directory=${TMPDIR:-/tmp}/runtime-$instance # of the virtual ports, and of the files of student code
names=() pids=()

# lock_blocks: holds the blocks of the instance for as long as this script lives. Fails where there are none, and
# where another robot holds them.
lock_blocks() {
    [[ -z ${lock:-} ]] || exec {lock}<&-
    [[ -e $blocks-types-shm ]] && exec {lock}<"$blocks-types-shm" && flock --nonblock "$lock"
}

# finish: the programs end in the opposite order of their start, each within five seconds.
# shellcheck disable=SC2317  # called by trap
finish() {
    local status=$? i tries
    trap '' INT TERM HUP
    trap - EXIT
    for ((i = ${#pids[@]} - 1; i >= 0; --i)); do
        kill -TERM "${pids[i]}" 2>/dev/null || continue
        for ((tries = 0; tries < 100; ++tries)); do
            kill -0 "${pids[i]}" 2>/dev/null || break
            sleep 0.05
        done
        if ((tries == 100)); then
            say "$me: ${names[i]} does not end; it is killed"
            kill -KILL -- "-${pids[i]}" 2>/dev/null || true
        fi
    done
    wait
    # What is locked by another robot is that one's.
    if [[ $ours == yes ]] || lock_blocks; then
        "$bin/shm_stop" "${common[@]}" || status=1
        rm -rf "$directory"
    fi
    exit "$status"
}

ours=no
already_runs="the robot \"$instance\" runs already; scripts/run.sh --instance NAME runs another one"
trap finish EXIT
trap 'exit 0' INT TERM HUP
if [[ -e $blocks-types-shm ]]; then
    lock_blocks || fail 1 "$already_runs"
    say "Removing what a robot \"$instance\" has left behind"
    "$bin/shm_stop" "${common[@]}"
fi
device_types=(--device-types "$tree/shm_wrapper/device_types.textproto")
"$bin/shm_start" "${common[@]}" "${device_types[@]}"
lock_blocks || fail 1 "$already_runs"
ours=yes

# start NAME ARGUMENT...: in a process group of its own, so that Ctrl-C reaches this script alone; the kernel
# ends it when this script dies.
start() {
    set -m
    setpriv --pdeathsig TERM -- "$bin/$1" "${@:2}" </dev/null {lock}<&- &
    set +m
    names+=("$1")
    pids+=($!)
}

# wait_for NAME COMMAND...: until COMMAND succeeds; ends everything when NAME ends before, or takes too long.
wait_for() {
    local tries
    for ((tries = 0; tries < 400; ++tries)); do
        ! "${@:2}" >/dev/null 2>&1 || return 0
        kill -0 "${pids[-1]}" 2>/dev/null || fail 1 "$1 did not start"
        sleep 0.05
    done
    fail 1 "$1 was not ready in time"
}

# ready NAME: its own log says so.
# shellcheck disable=SC2317  # called by wait_for
ready() { grep -qa ready "$blocks-log-$1-shm"; }

# Student code of a robot that root runs is another user's.
rm -rf "$directory"
mkdir --mode 755 "$directory" || fail 1 "the robot needs a directory of its own, $directory"

ports=()
if [[ $virtual == yes ]]; then
    start virtual_devices "${common[@]}" "${device_types[@]}" --robot --directory "$directory"
    wait_for virtual_devices compgen -G "$directory/ttyVIRTUAL*"
    ports=(--ports "$directory/ttyVIRTUAL*")
elif ((EUID != 0)) && [[ " $(id -nG) " != *" dialout "* ]]; then
    say "Real devices need the group dialout: sudo adduser $(id -un) dialout, then log in anew"
fi

start dev_handler "${common[@]}" "${ports[@]}"
wait_for dev_handler ready dev_handler
start executor "${common[@]}" --student-code "$student_code" --scratch "$directory"
wait_for executor ready executor
start net_handler "${common[@]}" --port "$port"
wait_for net_handler ready net_handler
port=$(grep -ao 'ready: listening on [^ ]* port [0-9]*' "$blocks-log-net_handler-shm" | head -n 1 | sed 's/.* //')
station="build/release/bin/station --address localhost"
[[ $port == 8101 ]] || station+=" --port $port"
read -ra addresses < <(hostname -I) || true

say "
${bold}The robot is running.$plain
  connect to    $(printf "%s port ${port:-?}  " 127.0.0.1 "${addresses[@]}")
  or drive here $station, in another terminal
  student code  $student_code (read again when it changes)
  devices       ${ports[1]:-/dev/ttyACM* and /dev/ttyUSB*}
  blocks        $blocks-*-shm
  ${green}Ctrl-C$plain stops everything and leaves nothing behind.
"

status=0
wait -n -p ended "${pids[@]}" 2>/dev/null || status=$?
for i in "${!pids[@]}"; do
    [[ ${pids[i]} != "$ended" ]] || say "$me: ${names[i]} has ended (status $status); everything is stopped"
done
exit 1
