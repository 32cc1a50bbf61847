#!/usr/bin/env bash
# configuration_test.sh PROGRAMS FILE: compares the commented options of the configuration FILE with what the programs
# of the directory PROGRAMS say in --help, and runs them with the same file uncommented.
set -euo pipefail

programs=$1 file=$2
work=$(mktemp -d "${TMPDIR:-/tmp}/configuration-XXXXXX")
instance=test_$$_configuration
trap '"$programs/shm_stop" --instance "$instance"; rm -rf "$work"' EXIT
failures=0
failed() {
    printf 'FAILED %s\n' "$1"
    failures=$((failures + 1))
}

# What the file shows, by "SECTION OPTION"; above the first section stands what every program knows.
declare -A shown=() comments=()
section='' comment='' last=''
while IFS= read -r line; do
    if [[ $line =~ ^\[([a-z_]+)\]$ ]]; then
        section=${BASH_REMATCH[1]} comment='' last=''
    elif [[ $line =~ ^#([a-z-]+)\ =\ ?(.*)$ ]]; then
        last="$section ${BASH_REMATCH[1]}"
        # An option of several lines is one value in --help.
        shown[$last]=${shown[$last]+${shown[$last]} }${BASH_REMATCH[2]}
        comments[$last]=$comment
    elif [[ $line == '# '* ]]; then
        [[ -z $last ]] || comment='' last=''
        comment+=$line
    elif [[ -z $line ]]; then
        comment=''
    else
        failed "this line is neither a comment nor a commented option: $line"
    fi
done <"$file"

# compare KEY VALUE DEFAULT: VALUE is the name that --help gives the value; a switch has none, and is off.
compare() {
    local value=${shown[$1]-}
    [[ -n ${shown[$1]+known} ]] || { failed "the file does not show $1" && return; }
    if [[ -n $2 && -z $3 && ${comments[$1]} == *'; an example.'* ]]; then
        [[ ${comments[$1]} == *default:* ]] || failed "the comment of $1 does not tell its default"
        return
    fi
    local default=$3
    [[ -n $2 ]] || default=false
    # The program says it in words: beside itself, or that of the package.
    [[ $1 != "executor student-process" ]] || default=/usr/libexec/robot-runtime/student_process
    [[ $value == "$default" ]] || failed "the file shows $1 = $value; its default is \"$default\""
    [[ ${comments[$1]} != *example* ]] || failed "the comment of $1 calls its default an example"
}
declare -A compared=()
for program in shm_start shm_stop dev_handler net_handler executor runtime station wire_log; do
    options=0
    while IFS= read -r line; do
        [[ $line =~ ^\ +(-.,\ )?--([a-z-]+)(\ ([A-Z_]+)[^\ ]*)?(\ \(=([^\)]*)\))?(\ |$) ]] || continue
        options=$((options + 1))
        name=${BASH_REMATCH[2]}
        case $name in
        help | version | config) continue ;;
        instance | log-level) key=" $name" ;;
        *) key="$program $name" ;;
        esac
        compared[$key]=yes
        compare "$key" "${BASH_REMATCH[4]}" "${BASH_REMATCH[6]}"
    done < <("$programs/$program" --help)
    ((options >= 5)) || failed "$program says $options options in --help"
done
for key in "${!shown[@]}"; do
    [[ -n ${compared[$key]-} ]] || failed "the file shows $key, which no program knows"
done

# runs CONFIGURATION PROGRAM...: whether it takes its options; without blocks and files no daemon goes far.
runs() {
    local status=0 output
    output=$(timeout 60 "$programs/$2" "${@:3}" --config "$1" --instance "$instance" 2>&1) || status=$?
    ((status != 124)) || failed "$2 goes on: $output"
    ((status != 2)) || printf '%s\n' "$output" >"$work/refused"
    ((status != 2))
}
sed 's/^#\([a-z]\)/\1/' "$file" >"$work/uncommented"
while read -r -a command; do
    runs "$work/uncommented" "${command[@]}" ||
        failed "${command[0]} does not take the uncommented file: $(<"$work/refused")"
    # That it has read so far.
    sed "s/^\[${command[0]}\]/&\nnonsense = 1/" "$work/uncommented" >"$work/mistake"
    cmp --silent "$work/uncommented" "$work/mistake" && continue
    ! runs "$work/mistake" "${command[@]}" || failed "${command[0]} takes an option that it does not know"
done <<'COMMANDS'
dev_handler
net_handler
executor
runtime logs
station --address 127.0.0.1
wire_log
shm_start --device-types /no/such/file
shm_stop
COMMANDS
((failures == 0))
