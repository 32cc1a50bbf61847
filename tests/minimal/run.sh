#!/usr/bin/env bash
# run.sh BUILD: makes the Debian package of the build directory BUILD, installs it with apt into a Debian that has
# nothing else, and runs robot_test.sh inside: a missing dependency shows there, and nowhere else. With avahi beside,
# which the package recommends, the robot is found by its name.
#
# What it downloads is kept in BUILD/minimal. Exit status: 0 passed; 77 skipped, because such a Debian cannot be made
# here (the last line says why); 1 anything else.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "$1" && pwd)

skip() { printf 'skipped: %s\n' "$1" && exit 77; }
((EUID == 0)) || skip "only root can make another Debian"
for tool in mmdebstrap dpkg-shlibdeps:dpkg-dev; do
    command -v "${tool%:*}" >/dev/null || skip "the package ${tool#*:} is not installed"
done
# This machine's own mirrors of bookworm, and how it reaches them.
# shellcheck disable=SC2016  # for apt
mapfile -t sources < <(apt-get indextargets --format 'deb $(REPO_URI) $(CODENAME) $(COMPONENT)' \
    'Created-By: Packages' | grep -E ' bookworm(-updates|-security)? main$' | sort -u)
((${#sources[@]} > 0)) || skip "apt knows no mirror of bookworm"

work=$(mktemp -d "${TMPDIR:-/tmp}/minimal-XXXXXX")
chmod 755 "$work"
trap 'rm -rf --one-file-system "$work"' EXIT
apt-config dump Acquire | grep -E '^Acquire::(http|https|Check)' >"$work/apt.conf" || true
cpack --config "$build/CPackConfig.cmake" -B "$work" >"$work/cpack.log" 2>&1 || { cat "$work/cpack.log" && exit 1; }
mv "$work"/robot-runtime_*.deb "$work/robot-runtime.deb"
cp "$here/robot_test.sh" "$work"

# In namespaces of its own: its mounts and processes are gone with them, however it ends. Whatever fails before the
# file "made" is there is the mirror's fault, and what fails after it the package's.
export work cache=$build/minimal TMPDIR=$work
status=0
# shellcheck disable=SC2016  # for the hooks
printf '%s\n' "${sources[@]}" | unshare --mount --pid --fork --kill-child --mount-proc --propagation private \
    mmdebstrap --quiet --variant=apt --format=null --aptopt="$work/apt.conf" \
    --skip=download/empty --skip=essential/unlink \
    --setup-hook='mkdir -p "$1/var/cache/apt/archives" "$cache"' \
    --setup-hook='find "$cache" -name "*.deb" -exec cp -t "$1/var/cache/apt/archives" {} +' \
    --customize-hook='touch "$work/made"; mkdir "$1/run/robot"; cp "$work"/robot* "$1/run/robot"' \
    --customize-hook='chroot "$1" bash /run/robot/robot_test.sh' \
    --customize-hook='cp -n "$1"/var/cache/apt/archives/*.deb "$cache"' bookworm /dev/null - \
    >"$work/log" 2>&1 || status=$?
if [[ ! -e $work/made ]]; then
    cat "$work/log"
    skip "a minimal Debian cannot be made: $(grep '^E: ' "$work/log" | head -n 1)"
fi
grep '^ok ' "$work/log" || true
((status == 0)) || { cat "$work/log" && exit 1; }
