#!/usr/bin/env bash
# scripts/fuzz.sh TARGET SECONDS: builds the fuzz targets and runs one of them over its corpus.
#
# A target is build/fuzz/bin/fuzz_NAME, its corpus tests/fuzz/COMPONENT/corpus/fuzz_NAME/ and, made by the build or
# found by earlier runs, build/fuzz/corpus/fuzz_NAME/. What breaks it is put into build/fuzz/findings/fuzz_NAME/.
#   --list   build, print the targets and exit
#   --help   print this and exit
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

[[ ${1:-} != --help ]] || { print_help && exit 0; }
if [[ ${1:-} == --list ]]; then
    build fuzz tests/fuzz/all
    find build/fuzz/bin -maxdepth 1 -type f -executable -name 'fuzz_*' -printf '%f\n' | sort
    exit 0
fi
(($# == 2)) || fail 2 "a target and a number of seconds are needed; see scripts/fuzz.sh --help"
target=$1 seconds=$2
whole_number SECONDS "$seconds" 1 1000000
build fuzz tests/fuzz/all
[[ $target == fuzz_* && -x build/fuzz/bin/$target ]] ||
    fail 2 "there is no fuzz target \"$target\"; scripts/fuzz.sh --list prints them"

found=build/fuzz/corpus/$target findings=build/fuzz/findings/$target
mkdir -p "$found" "$findings"
corpora=("$found")
for corpus in tests/fuzz/*/corpus/"$target"; do
    [[ ! -d $corpus ]] || corpora+=("$corpus")
done

status=0
fixed_addresses "build/fuzz/bin/$target" -max_total_time="$seconds" -timeout=60 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="$findings/" "${corpora[@]}" || status=$?
if ((status != 0)); then
    say "$me: $target broke; build/fuzz/bin/$target $tree/$findings/FILE repeats it, with the newest of:"
    find "$findings" -type f -printf '%T@ %f\n' | sort -rn | head -n 3 | cut -d ' ' -f 2 >&2
fi
exit "$status"
