#!/usr/bin/env bash
# scripts/test.sh: sets up, builds and tests everything. The last line is "N passed, N failed"; exits 1 if
# anything failed.
#
#   --only STAGE...  only these stages, of: format shell suite asan tsan fuzz bench lint arm64
#   --preset PRESET  the preset that the stage "suite" tests: release (default) or debug
#   --repeat N       the chosen stages N times in a row
#   --help           print this and exit
#
# Stages: format (clang-format), shell (shellcheck), suite (unit and scenario tests), asan (the same under
# AddressSanitizer and UndefinedBehaviorSanitizer), tsan (what has threads, under ThreadSanitizer), fuzz (each
# fuzz target for some seconds), bench (each benchmark, as short as it can be), lint (clang-tidy; what passed is
# not looked at again until it changes); and, only where it is named, since it takes as long as all of asan, arm64
# (the programs and their package for arm64, and the unit tests in an emulator). A stage that fails does not keep
# the later ones from running. A check counts as one test.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

readonly fuzz_seconds=10
default_stages=(format shell suite asan tsan fuzz bench lint)
all_stages=("${default_stages[@]}" arm64)

stages=() preset=release repeat=1
while (($# > 0)); do
    case $1 in
    --*=*) set -- "${1%%=*}" "${1#*=}" "${@:2}" && continue ;;
    --only | --preset | --repeat) (($# > 1)) || fail 2 "$1 needs a value; see scripts/test.sh --help" ;;&
    --only)
        while (($# > 1)) && [[ $2 != --* ]]; do
            [[ " ${all_stages[*]} " == *" $2 "* ]] ||
                fail 2 "there is no stage \"$2\"; there are: ${all_stages[*]}"
            stages+=("$2")
            shift
        done
        ;;
    --preset)
        [[ $2 == release || $2 == debug ]] || fail 2 "--preset \"$2\" is neither release nor debug"
        preset=$2
        shift
        ;;
    --repeat)
        whole_number --repeat "$2" 1 100000
        repeat=$2
        shift
        ;;
    --help) print_help && exit 0 ;;
    *) fail 2 "unknown option \"$1\"; see scripts/test.sh --help" ;;
    esac
    shift
done
((${#stages[@]} > 0)) || stages=("${default_stages[@]}")

# From here on one stream, in order; and nothing waits for a person.
exec 2>&1 </dev/null

passed=0 failed=0 failures=()
pass() { passed=$((passed + ${1:-1})); }
# told OUTPUT: what it says of the first check or sanitizer that failed, and its end.
told() {
    local first
    first=$(grep -nm 1 -e ' FAILED:' -e 'ERROR: .*Sanitizer' -e 'WARNING: ThreadSanitizer' -e 'runtime error:' <<<"$1") || first=
    if [[ -n $first && $(wc -l <<<"$1") -gt 50 ]]; then
        tail -n "+${first%%:*}" <<<"$1" | head -n 25
        echo "..."
    fi
    tail -n 25 <<<"$1"
}
# failure NAME [OUTPUT]: what is told of OUTPUT is shown once more at the very end, where a long log is read first.
failure() {
    failed=$((failed + 1))
    failures+=("FAILED $stage: $1"${2:+$'\n'"$(told "$2" | cut -c 1-300 | sed 's/^/    | /')"})
    say "${red}FAILED${plain} $1"
}

# check NAME COMMAND...: a test of its own, whose output matters only when it fails.
check() {
    local log=$scratch/check.log
    if "${@:2}" >"$log" 2>&1; then
        pass
        say "ok $1"
    else
        cat "$log"
        failure "$1" "$(<"$log")"
    fi
}

# A short name, since ports are named in it; readable, since student code runs as another user.
scratch=$(mktemp -d /tmp/rt-XXXXXX)
chmod 755 "$scratch"
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# leftovers DIRECTORY: what tests whose TMPDIR is DIRECTORY must not leave behind. Processes are ended.
leftovers() {
    local found=() process entry
    mapfile -t found < <(find "$1" -mindepth 1)
    for process in /proc/[0-9]*; do
        if grep -qzxF "TMPDIR=$1" "$process/environ" 2>/dev/null; then
            found+=("process ${process#/proc/}: $(tr '\0' ' ' 2>/dev/null <"$process/cmdline")")
            kill -KILL "${process#/proc/}" || true
        fi
    done
    # A test's instance is called test_PID_…: one of a process that lives belongs to somebody else. Programs may put
    # something into /tmp whatever TMPDIR says.
    while read -r entry; do
        process=${entry##*/runtime-test_}
        [[ -d /proc/${process%%_*} ]] || found+=("$entry")
    done < <(find /dev/shm /tmp -maxdepth 1 -name 'runtime-test_*' -newer "$1.start" 2>/dev/null)
    ((${#found[@]} == 0)) || { printf 'left behind: %s\n' "${found[@]}" && return 1; }
}

# outcomes REPORT: a record for each test of a JUnit report of CTest: what became of it, its name, and what it said
# (skipped: only why; passed: only what of it was skipped). The fields end with a NUL. CTest calls both "notrun", what
# asked to be skipped and what could not be started.
outcomes() {
    /usr/bin/python3 -c '
import re, sys, xml.etree.ElementTree
for case in xml.etree.ElementTree.parse(sys.argv[1]).iter("testcase"):
    skipped = case.find("skipped")
    asked = skipped is not None and skipped.get("message", "").startswith("SKIP_")
    said = case.findtext("system-out", "").strip()
    if asked:
        reason = re.search(r"skipped: this machine.*?(?=\n\s*\n|\Z)", said, re.DOTALL)
        said = " ".join(reason[0].split()) if reason else said.split("\n")[-1].strip()
    elif case.get("status") == "run":
        said = "; ".join(re.findall(r"^skipped: (.*)", said, re.MULTILINE))
    print("skipped" if asked else case.get("status"), case.get("name"), said, sep="\0", end="\0")' "$1"
}

# built PRESET [TARGET...]: builds it; a failure if it does not.
built() { build "$@" || { failure "build of the $1 preset" && return 1; }; }

around=
# run_tests PRESET REPORT TESTS [OPTION...]: runs the CTest tests of a preset that is built, or those that CTest's options
# choose, so many a processor at a time, through the command $around.
run_tests() {
    local report=$tree/build/$2.xml temporary=$scratch/t status=0 ran=0 broken=0 outcome name said
    mkdir -p "$temporary" "${report%/*}"
    touch "$temporary.start"
    rm -f "$report"
    # What needs the processors for itself runs alone.
    TMPDIR=$temporary $around ctest --test-dir "build/$1" -j $(($3 * $(nproc))) --output-on-failure \
        --no-tests=error --test-output-size-passed 65536 --output-junit "$report" "${@:4}" |
        grep --line-buffered -v '^ *Start ' || status=$?
    while read -r -d '' outcome && read -r -d '' name && IFS= read -r -d '' said; do
        case $outcome in
        run) ran=$((ran + 1)) && if [[ -n $said ]]; then say "skipped in part: $name ($said)"; fi ;;
        skipped) say "skipped by itself: $name${said:+ ($said)}" ;;
        *) broken=$((broken + 1)) && failure "$name" "$said" ;;
        esac
    done < <(outcomes "$report")
    pass "$ran"
    ((status == 0 || broken > 0)) || failure "ctest (status $status)"
    ((ran + broken > 0 || status != 0)) || failure "no test ran"
    check "nothing is left behind" leftovers "$temporary"
    rm -rf "$temporary"
}

stage_format() {
    check "clang-format" scripts/format.sh --check
}

stage_shell() {
    mapfile -t shell_files < <(files '*.sh' .ci/run)
    check "shellcheck" shellcheck -x "${shell_files[@]}"
}

# Scenarios wait most of their time.
stage_suite() {
    built "$preset" || return 0
    run_tests "$preset" "$preset/tests" 3 -LE for_leaks
}

# sanitizer_tests PRESET TESTS NOT: the unit tests of the preset, and the scenarios of the release preset with its
# programs, but those whose label has NOT; so many a processor at a time.
sanitizer_tests() {
    local around=fixed_addresses
    built release || return 0
    built "$1" || return 0
    run_tests "$1" "$1/tests" "$2"
    RUNTIME_PROGRAMS=$tree/build/$1/bin run_tests release "$1/scenarios" "$2" -L scenario -LE "$3"
}

# The student process that asks for too much memory, or crashes, gets what it would get without a sanitizer: nothing,
# and the signal.
stage_asan() {
    local -a options=(detect_stack_use_after_return=1 strict_string_checks=1 allocator_may_return_null=1 handle_segv=0)
    ASAN_OPTIONS=$(IFS=: && echo "${options[*]}"):${ASAN_OPTIONS:-} \
        UBSAN_OPTIONS=print_stacktrace=1:${UBSAN_OPTIONS:-} sanitizer_tests asan 2 no_sanitizer
}

# Student code takes all of the processors there: with more at a time each test would only take longer.
# Its report of a crash may wait forever for a symbolizer, which student code may not start: a crash is a crash.
stage_tsan() {
    TSAN_OPTIONS=halt_on_error=1:handle_segv=0:allocator_may_return_null=1:${TSAN_OPTIONS:-} \
        sanitizer_tests tsan 2 'no_sanitizer|same_threads|for_leaks'
}

stage_arm64() {
    local status=0
    scripts/cross-build.sh || status=$?
    case $status in
    0)
        pass
        ! built arm64 || run_tests arm64 arm64/tests 2
        ;;
    77) say "skipped by itself: the build for arm64" ;;
    *) failure "the build for arm64" ;;
    esac
}

# beside_each_other COMMAND NAME...: COMMAND NAME for each, each a test, and one a processor.
beside_each_other() {
    local name
    rm -f "$scratch"/*.passed
    # shellcheck disable=SC2016  # for the other shell
    printf '%s\n' "${@:2}" | xargs -P "$(nproc)" -I '{}' bash -c \
        '"$1" "$2" >"$3/$2.log" 2>&1 && touch "$3/$2.passed"' "$me" "$1" '{}' "$scratch" || true
    for name in "${@:2}"; do
        check "$name" outcome_of "$scratch/$name"
    done
}

# outcome_of RUN: what RUN.log says, and whether RUN.passed is there.
outcome_of() { cat "$1.log" && [[ -f $1.passed ]]; }

fuzz_for_seconds() { scripts/fuzz.sh "$1" "$fuzz_seconds"; }
export -f fuzz_for_seconds
export fuzz_seconds

stage_fuzz() {
    local targets
    built fuzz tests/fuzz/all || return 0
    mapfile -t targets < <(scripts/fuzz.sh --list)
    ((${#targets[@]} > 0)) || failure "there are no fuzz targets"
    beside_each_other fuzz_for_seconds "${targets[@]}"
}

# A benchmark prints one JSON object a line, and at least one.
smoke() {
    local printed status=0
    printed=$(RUNTIME_BENCHMARK_SMOKE=1 "build/release/bin/$1") || status=$?
    printf '%s\n' "$printed"
    ((status == 0)) || return
    /usr/bin/python3 -c '
import json, sys
lines = [json.loads(line) for line in sys.stdin]
assert lines, "printed nothing"
for line in lines:
    assert isinstance(line["name"], str) and isinstance(line["unit"], str), line
    assert isinstance(line["value"], (int, float)), line' <<<"$printed"
}
export -f smoke

# What they measure does not count here.
stage_bench() {
    local names
    built release || return 0
    mapfile -t names < <(scripts/benchmark.sh --list)
    ((${#names[@]} > 0)) || failure "there are no benchmarks"
    beside_each_other smoke "${names[@]/#/bench_}"
}

# lint_key PRESET: stands for all that what clang-tidy says depends on, but the sources themselves.
lint_key() {
    {
        dpkg-query --show
        files '*.hpp' '*.h' '*.proto' '*.clang-tidy' | xargs cat
        cat "build/$1/compile_commands.json"
    } | sha256sum | cut -d ' ' -f 1
}

# sources_of UNIT: what is compiled as one: itself, or what CMake has put together.
sources_of() {
    if [[ $1 == */Unity/* ]]; then sed -n 's/^#include "\(.*\)"$/\1/p' "$1"; else printf '%s\n' "$1"; fi
}

# lint_unit PRESET KEY UNIT: what passed is not looked at again while neither it nor what it depends on changes.
lint_unit() {
    local passed=build/lint/$1/${3#"$PWD/"} output status=0 seen
    seen="$2 $(sources_of "$3" | xargs sha256sum)"
    [[ ! -f $passed || $(<"$passed") != "$seen" ]] || return 0
    output=$(clang-tidy --quiet -p "build/$1" "$3" 2>&1) || status=$?
    if ((status == 0)); then
        mkdir -p "${passed%/*}"
        printf '%s\n' "$seen" >"$passed"
    else
        grep -v 'warnings generated' <<<"$output"
    fi
    return "$status"
}
export -f lint_unit sources_of

# By what is compiled as one, since most of the time is taken by headers.
lint() {
    local preset key unit file
    : >"$scratch/lint"
    : >"$scratch/linted"
    for preset in release fuzz; do
        key=$(lint_key "$preset") || return
        while read -r unit; do
            [[ $unit != *.pb.cc ]] || continue
            sources_of "$unit" >"$scratch/sources"
            # Most of what the preset fuzz compiles has been seen by then.
            ! grep -qvxFf "$scratch/linted" "$scratch/sources" || printf '%s\n' "$preset" "$key" "$unit" >>"$scratch/lint"
            cat "$scratch/sources" >>"$scratch/linted"
        done < <(sed -n 's/^ *"file": "\(.*\)".*/\1/p' "build/$preset/compile_commands.json")
    done
    while read -r file; do
        grep -qxF "$tree/$file" "$scratch/linted" ||
            { say "$file is compiled by neither the release nor the fuzz preset" && return 1; }
    done < <(files '*.cpp')
    xargs -n 3 -P "$(nproc)" bash -c 'lint_unit "$@"' lint <"$scratch/lint"
}

stage_lint() {
    # The generated headers are all that clang-tidy needs built.
    local preset
    for preset in release fuzz; do
        built "$preset" proto || return 0
    done
    check "clang-tidy" lint
}

stage=setup
scripts/setup.sh || { failure "scripts/setup.sh" && stages=(); }
summary=()
for ((round = 1; round <= repeat; ++round)); do
    for stage in "${stages[@]}"; do
        say "${bold}== $stage$( ((repeat == 1)) || printf ', round %s of %s' "$round" "$repeat")$plain"
        before_passed=$passed before_failed=$failed start=$SECONDS
        "stage_$stage"
        summary+=("$(printf '%-8s %4d passed, %3d failed, %4d s' "$stage" $((passed - before_passed)) \
            $((failed - before_failed)) $((SECONDS - start)))")
    done
done

say "${bold}== summary$plain"
((${#summary[@]} == 0)) || say "$(printf '%s\n' "${summary[@]}")"
((failed == 0)) || say "$(printf '%s\n' "${failures[@]}")"
say "$passed passed, $failed failed"
((failed == 0 && passed > 0))
