#!/usr/bin/env bash
# scripts/cross-build.sh: builds the programs, the unit tests and the Debian package for arm64, a Raspberry Pi say,
# on amd64.
#
# Installs a cross compiler and an emulator where they are missing (scripts/setup.sh --cross), and makes build/sysroot
# from Debian's arm64 packages, which are not installed. The package is build/arm64/robot-runtime_VERSION_arm64.deb;
# the unit tests run in the emulator: ctest --test-dir build/arm64
#   --help   print this and exit
#
# Exit status 77: this machine cannot, and the last line says why.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

case ${1:-} in
'') ;;
--help) print_help && exit 0 ;;
*) fail 2 "unknown option \"$1\"; see scripts/cross-build.sh --help" ;;
esac

# What the programs and the unit tests are built with, as in scripts/setup.sh.
readonly packages=(
    libboost-dev libboost-program-options-dev libspdlog-dev libserialport-dev
    libprotobuf-dev libsystemd-dev libseccomp-dev libssl-dev
    libpython3-dev pybind11-dev
    catch2 nlohmann-json3-dev
)
readonly sysroot=$tree/build/sysroot

skip() { fail 77 "$1"; }

# get_packages: the packages and all that they need, into $work/archives. With apt's configuration and sources of this
# machine, but lists of its own, so that dpkg here need not know of another architecture.
get_packages() {
    local apt=(
        -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Install-Recommends=false
        -o APT::Sandbox::User=root -o Debug::NoLocking=true
        -o "Dir::State=$work/state" -o "Dir::State::status=$work/status"
        -o "Dir::Cache=$work/cache" -o "Dir::Cache::archives=$work/archives"
    )
    mkdir -p "$work"/{state/lists,cache,archives}/partial
    : >"$work/status"
    # What it says of other sources need not matter.
    apt-get "${apt[@]}" update >"$work/log" 2>&1 || true
    if [[ -z $(apt-cache "${apt[@]}" show libc6 2>/dev/null) ]]; then
        cat "$work/log" >&2
        skip "Debian's packages for arm64 cannot be had here"
    fi
    apt-get "${apt[@]}" install --yes --download-only "${packages[@]}" >"$work/log" 2>&1 || {
        cat "$work/log" >&2
        fail 1 "the packages for arm64 could not be downloaded"
    }
}

# make_sysroot: the packages unpacked, and as much of dpkg's database as dpkg-shlibdeps asks: which file belongs to
# which package, and what that says of its symbols. Files are called there what they are called here.
make_sysroot() {
    local archive name kind link root=$work/root
    local database=$root/var/lib/dpkg
    mkdir -p "$database/info"
    for archive in "$work"/archives/*.deb; do
        name=$(dpkg-deb --field "$archive" Package)
        rm -rf "$work/control"
        dpkg-deb --control "$archive" "$work/control"
        dpkg-deb --fsys-tarfile "$archive" | tar -xv -C "$root" | sed "s,^\.,$sysroot,; s,/$,," \
            >"$database/info/$name.list"
        for kind in symbols shlibs; do
            [[ ! -f $work/control/$kind ]] || cp "$work/control/$kind" "$database/info/$name.$kind"
        done
        sed '$a Status: install ok installed\n' "$work/control/control" >>"$database/status"
    done
    find "$root" -lname '/*' | while read -r link; do
        ln -sfnr "$root$(readlink "$link")" "$link"
    done
    printf '%s\n' "${packages[@]}" >"$root/packages"
    rm -rf "$sysroot" build/arm64
    mkdir -p build
    mv "$root" "$sysroot"
}

[[ $(dpkg --print-architecture) == amd64 ]] || skip "this machine is not amd64"
scripts/setup.sh --cross
for tool in aarch64-linux-gnu-g++ qemu-aarch64-static dpkg-shlibdeps; do
    command -v "$tool" >/dev/null || skip "$tool is not installed"
done
if [[ ! -f $sysroot/packages || $(<"$sysroot/packages") != "$(printf '%s\n' "${packages[@]}")" ]]; then
    mkdir -p build
    work=$(mktemp -d "$tree/build/sysroot-XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM
    say "Unpacking Debian's packages for arm64 into build/sysroot"
    get_packages
    make_sysroot
fi
build arm64
rm -f build/arm64/robot-runtime_*.deb
DPKG_ADMINDIR=$sysroot/var/lib/dpkg DEB_HOST_ARCH=arm64 cpack --config build/arm64/CPackConfig.cmake -B build/arm64 \
    >build/arm64.cpack.log 2>&1 || {
    cat build/arm64.cpack.log >&2
    fail 1 "the package could not be made"
}
say "Built $(echo build/arm64/robot-runtime_*.deb)"
