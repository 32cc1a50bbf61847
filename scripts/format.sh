#!/usr/bin/env bash
# scripts/format.sh: formats every C++ file of the tree with clang-format.
#
#   --check  change nothing; name what is not formatted, and exit 1 if anything is
#   --help   print this and exit
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

mode=(-i)
while (($# > 0)); do
    case $1 in
    --check) mode=(--dry-run -Werror) ;;
    --help) print_help && exit 0 ;;
    *) fail 2 "unknown option \"$1\"; see scripts/format.sh --help" ;;
    esac
    shift
done

# New files count too, before they are added.
files '*.cpp' '*.hpp' | xargs -r clang-format "${mode[@]}"
