#!/usr/bin/env bash
# man_page.sh SECTION OUTPUT INCLUDE... -- PROGRAM: makes the manual page of PROGRAM, compressed, from its --help and
# --version, and from help2man's INCLUDE files for what those do not say. PROGRAM may be several words: an emulator
# that runs it, for another machine's.
set -euo pipefail

section=$1 output=$2
shift 2
includes=()
while [[ $1 != -- ]]; do
    includes+=(--include "$1")
    shift
done
shift
# The date of the page is that of the release, whenever it is built.
changelog=$(dirname "${BASH_SOURCE[0]}")/../debian/changelog
SOURCE_DATE_EPOCH=$(date --date "$(sed -n 's/^ -- .*>  //p' "$changelog" | head -n 1)" +%s)
export SOURCE_DATE_EPOCH
# The first line of --help becomes the section NAME instead of the beginning of DESCRIPTION.
name=$("$@" --help | sed -n '1s/^[^:]*: //p')
help2man --no-info --locale C.UTF-8 --section "$section" --manual "Robot Runtime" --name "$name" \
    --help-option "--help | tail -n +3" "${includes[@]}" "$*" | gzip -9n >"$output"
