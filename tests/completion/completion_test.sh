#!/usr/bin/env bash
# completion_test.sh PROGRAMS COMPLETIONS: types into an interactive bash on a terminal of its own, with the programs of
# the directory PROGRAMS and the completions of the directory COMPLETIONS, and compares what the lines become.
set -euo pipefail

programs=$1 completions=$2
work=$(mktemp -d "${TMPDIR:-/tmp}/completion-XXXXXX")
instance=test_$$_completion
trap '"$programs/shm_stop" --instance "$instance"; rm -rf "$work"' EXIT
ln -s "$completions" "$work/completions"
mkdir "$work/folder"
touch "$work/folder/student.py"
"$programs/shm_start" --instance "$instance" --device-types "$(dirname "$0")/../../shm_wrapper/device_types.textproto"

# What is typed (%: the tab key, *: the key that inserts all that is possible), and the line that comes of it.
cases=(
    'runtime sta%' 'runtime status'
    'runtime *' 'runtime devices logs status watch'
    'runtime logs --fol%' 'runtime logs --follow'
    'runtime logs st%' 'runtime logs st'
    'runtime logs --since 9 --ver%' 'runtime logs --since 9 --version'
    'runtime logs --level w%' 'runtime logs --level warning'
    'runtime logs --level=e%' 'runtime logs --level=error'
    "runtime status --instance test_$$_%" "runtime status --instance $instance"
    'station --mo% tel%' 'station --mode teleop'
    'station --print *' 'station --print devices logs'
    'station --seconds *' 'station --seconds'
    'executor --student-code folder/s%' 'executor --student-code folder/student.py'
    'executor --scratch fol%' 'executor --scratch folder/'
    'net_handler --tls-o%' 'net_handler --tls-only'
    'dev_handler --po%' 'dev_handler --ports'
    'wire_log --dev%' 'wire_log --device'
    'shm_start --dev%' 'shm_start --device-types'
    'shm_start --only%' 'shm_start --only-missing'
    'shm_stop --inst%' 'shm_stop --instance'
    'make-certificates --da%' 'make-certificates --days'
    'make-certificates fol%' 'make-certificates folder/'
)
expected=() typed=$'source /usr/share/bash-completion/bash_completion\n'
for ((i = 0; i < ${#cases[@]}; i += 2)); do
    keys=${cases[i]//'*'/$'\e*'}
    # Ctrl-A and Ctrl-E, the start and the end of the line: it is written into a file instead of run.
    typed+=${keys//'%'/$'\t'}$'\001echo \005 >>became\n'
    expected+=("${cases[i + 1]}")
done

cd "$work"
touch became
export BASH_COMPLETION_USER_DIR=$work INPUTRC=/dev/null TERM=dumb PATH="$programs:$PATH"
printf '%sexit\n' "$typed" |
    script --quiet --return --command 'stty cols 1000 && exec bash --norc --noprofile -i' typescript >/dev/null
diff <(printf '%s\n' "${expected[@]}") became || {
    echo "FAILED: < what was expected, > what became of the line"
    cat -v typescript
    exit 1
}
