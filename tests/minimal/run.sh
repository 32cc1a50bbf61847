#!/usr/bin/env bash
# run.sh BUILD: makes the Debian package of the build directory BUILD, makes a Debian that has nothing but what every
# Debian has, boots it, and runs robot_test.sh inside: a missing dependency shows there, and nowhere else.
#
# What it downloads is kept in BUILD/minimal. Exit status: 0 passed; 77 skipped, because such a Debian cannot be made
# or booted here (the last line says why); 1 anything else.
set -euo pipefail

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$(cd "$1" && pwd)

# shellcheck source=tests/boot/can_boot.sh
source "$tests/boot/can_boot.sh"
needs mmdebstrap:mmdebstrap dpkg-shlibdeps:dpkg-dev
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

# In namespaces of its own: its mounts and processes are gone with them, however it ends. Whatever fails before the
# file "made" is there is the mirror's fault, and what fails after it the package's. Booted, it has no network: what
# apt will install there is downloaded before. Its /usr is merged as the installer of Debian does it: the package
# usrmerge would bring perl.
export work cache=$build/minimal
status=0
# shellcheck disable=SC2016  # for the hooks
printf '%s\n' "${sources[@]}" | TMPDIR=$work unshare --mount --pid --fork --kill-child --mount-proc --propagation private \
    mmdebstrap --quiet --variant=apt --include=systemd-sysv,dbus --format=directory --aptopt="$work/apt.conf" \
    --skip=download/empty --skip=essential/unlink --skip=cleanup/apt \
    --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
    --setup-hook='mkdir -p "$1/var/cache/apt/archives" "$cache"' \
    --setup-hook='find "$cache" -name "*.deb" -exec cp -t "$1/var/cache/apt/archives" {} +' \
    --customize-hook='echo 127.0.0.1 localhost >"$1/etc/hosts"' \
    --customize-hook='touch "$work/made"; cp "$work/robot-runtime.deb" "$1/run"' \
    --customize-hook='chroot "$1" apt-get -qq install --yes --download-only --no-install-recommends \
        /run/robot-runtime.deb avahi-daemon avahi-utils libnss-mdns' \
    --customize-hook='cp -n "$1"/var/cache/apt/archives/*.deb "$cache"' bookworm "$work/debian" - \
    >"$work/log" 2>&1 || status=$?
if [[ ! -e $work/made ]]; then
    cat "$work/log"
    skip "a minimal Debian cannot be made: $(grep '^E: ' "$work/log" | head -n 1)"
fi
((status == 0)) || { cat "$work/log" && exit 1; }

bash "$tests/boot/boot.sh" -r "$work/debian" -b "$tests:/run/boot/tests" -t 600 \
    -b "$work/robot-runtime.deb:/run/boot/robot-runtime.deb" -b "$build/bin/virtual_devices:/run/boot/virtual_devices" \
    /run/boot/tests/minimal/robot_test.sh || status=$?
((status != 125)) || skip "systemd does not boot in a container here"
exit "$status"
