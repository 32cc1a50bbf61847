#!/usr/bin/env bash
# scripts/benchmark.sh [NAME...]: builds the release preset and runs its benchmarks one after another.
#
# Prints what they print: one JSON object a line with name, value and unit. NAME is that of a program
# build/release/bin/bench_NAME; without one, all are run. For numbers that mean something: an idle machine. Fails
# when what is promised was not kept (a line NAME/kept with the value 0), and says which.
#   --list   build, print the names and exit
#   --smoke  as short as they can be (RUNTIME_BENCHMARK_SMOKE=1): shows that they work, measures nothing
#   --help   print this and exit
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

names=() list=no
while (($# > 0)); do
    case $1 in
    --list) list=yes ;;
    --smoke) export RUNTIME_BENCHMARK_SMOKE=1 ;;
    --help) print_help && exit 0 ;;
    -*) fail 2 "unknown option \"$1\"; see scripts/benchmark.sh --help" ;;
    *) names+=("${1#bench_}") ;;
    esac
    shift
done

build release
mapfile -t all < <(find build/release/bin -maxdepth 1 -type f -executable -name 'bench_*' -printf '%f\n' | sort)
if [[ $list == yes ]]; then
    printf '%s\n' "${all[@]#bench_}"
    exit 0
fi
((${#names[@]} > 0)) || names=("${all[@]#bench_}")
((${#names[@]} > 0)) || fail 1 "there are no benchmarks in build/release/bin"

printed=$(mktemp)
trap 'rm -f "$printed"' EXIT
status=0
for name in "${names[@]}"; do
    [[ -x build/release/bin/bench_$name ]] ||
        fail 2 "there is no benchmark \"$name\"; scripts/benchmark.sh --list prints them"
    if ! "build/release/bin/bench_$name" | tee -a "$printed"; then
        say "$me: bench_$name failed"
        status=1
    fi
done
if [[ -z ${RUNTIME_BENCHMARK_SMOKE:-} ]]; then
    mapfile -t broken < <(sed -n 's|^{"name": "\(.*\)/kept", "value": 0,.*|\1|p' "$printed")
    ((${#broken[@]} == 0)) || { say "$(printf "$me: a promise was not kept: %s\n" "${broken[@]}")" && status=1; }
fi
exit "$status"
