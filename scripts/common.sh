# shellcheck shell=bash
# shellcheck disable=SC2034  # the callers use the variables
# What the scripts beside this one share. It is sourced, and takes the caller to the top of
# the tree ($caller: where it was).

caller=$PWD
tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$tree" || exit 1
me=$(basename "$0")

if [[ -t 2 && ${TERM:-dumb} != dumb ]]; then
    bold=$'\e[1m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
else
    bold='' red='' green='' plain=''
fi

say() { printf '%s\n' "$*" >&2; }

# fail STATUS TEXT: 2 is a wrong option, 1 anything else.
fail() {
    say "$me: $2"
    exit "$1"
}

# print_help: the comment at the head of the calling script.
print_help() { sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$tree/scripts/$me"; }

# whole_number OPTION VALUE LOWEST HIGHEST
whole_number() {
    if ! [[ $2 =~ ^[0-9]{1,9}$ ]] || ((10#$2 < $3 || 10#$2 > $4)); then
        fail 2 "$1 \"$2\" is not a whole number from $3 to $4"
    fi
}

# files PATTERN...: those of the tree, with new ones that are not ignored and without deleted ones.
files() {
    git ls-files --cached --others --exclude-standard -- "$@" | sort -u | while read -r file; do
        [[ ! -f $file ]] || printf '%s\n' "$file"
    done
}

# fixed_addresses COMMAND...: without address space randomisation where that is allowed. The sanitizers of
# GCC 12 and clang 14 abort where the kernel randomises more address bits than they know (vm.mmap_rnd_bits
# above 28).
fixed_addresses() {
    if setarch "$(uname -m)" --addr-no-randomize true 2>/dev/null; then
        setarch "$(uname -m)" --addr-no-randomize "$@"
    else
        "$@"
    fi
}

# build PRESET [TARGET...]: configures and builds. At a terminal Ninja shows its line of progress; elsewhere it is
# quiet, but for what went wrong.
build() {
    local preset=$1 log=build/$1.log
    shift
    # Catch2 asks each test program for its cases: one that aborts as it starts would have none.
    local command=(fixed_addresses cmake --build --preset "$preset" -j "$(nproc)")
    (($# == 0)) || command+=(--target "$@")
    mkdir -p build
    if cmake --preset "$preset" >"$log" 2>&1; then
        if [[ -t 1 ]]; then
            "${command[@]}"
            return
        fi
        ! "${command[@]}" >>"$log" 2>&1 || return 0
    fi
    # The errors themselves; the log has the long rest.
    grep -E -A 3 'error|undefined reference|Error at' "$log" | head -n 40 >&2 || tail -n 20 "$log" >&2
    say "$me: the $preset preset does not build; everything it said is in $tree/$log"
    return 1
}
