#!/usr/bin/env bash
# scripts/setup.sh: installs the Debian 12 packages that this tree needs to be built, run and tested.
#
# Says what it installs, and nothing when nothing is missing. As root, or through sudo. What only one test needs
# (an emulator, for tests/real_ports; systemd and lintian, for tests/boot; mmdebstrap, for tests/minimal) may be
# missing: then that test, or that part of it, is skipped.
#   --cross  also what scripts/cross-build.sh needs
#   --list   print the packages and exit
#   --help   print this and exit
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

packages=(
    # building
    g++ cmake ninja-build pkg-config git
    libboost-dev libboost-program-options-dev libspdlog-dev libserialport-dev
    libprotobuf-dev protobuf-compiler libsystemd-dev libseccomp-dev libssl-dev
    # making certificates
    openssl
    python3 python3-dev pybind11-dev
    # making the package's manual pages
    help2man
    # student code may import it
    python3-numpy
    # testing
    catch2 nlohmann-json3-dev mypy bash-completion
    clang clang-format clang-tidy libclang-rt-14-dev llvm shellcheck
)
# What tests/real_ports, tests/boot and tests/minimal need; they skip themselves without.
emulator=(qemu-system-x86 busybox-static)
[[ $(uname -m) == x86_64 ]] || emulator=()
machines=("${emulator[@]}" systemd dbus iproute2 procps dpkg-dev lintian openssh-client openssh-sftp-server mmdebstrap)
# What builds for another processor, and runs that.
cross=(g++-aarch64-linux-gnu qemu-user-static)

while (($# > 0)); do
    case $1 in
    --cross) machines+=("${cross[@]}") ;;
    --list) printf '%s\n' "${packages[@]}" "${machines[@]}" && exit 0 ;;
    --help) print_help && exit 0 ;;
    *) fail 2 "unknown option \"$1\"; see scripts/setup.sh --help" ;;
    esac
    shift
done

release() (
    # shellcheck source=/dev/null
    source /etc/os-release 2>/dev/null || true
    printf '%s %s' "${ID:-unknown}" "${VERSION_ID:-}"
)
case $(release) in
"debian 12" | "raspbian 12") ;;
*) fail 1 "this is $(release), not Debian 12 (bookworm), which this tree is made for" ;;
esac

# missing PACKAGE...: those that are not installed. dpkg-query fails where a package is not known; what counts is
# the list of those that are.
missing() {
    local installed package
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
    for package in "$@"; do
        grep -qx "installed $package" <<<"$installed" || printf '%s\n' "$package"
    done
}
mapfile -t needed < <(missing "${packages[@]}")
mapfile -t wanted < <(missing "${machines[@]}")
((${#needed[@]} + ${#wanted[@]} > 0)) || exit 0

as_root=()
if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
        ((${#needed[@]} > 0)) || exit 0
        fail 1 "these packages are missing, and there is neither root nor sudo to install them: ${needed[*]}"
    fi
    as_root=(sudo)
fi

# sudo passes no environment on; other package managers at work are waited for.
apt_get() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -qq "$@" </dev/null
}

all=("${needed[@]}" "${wanted[@]}")
say "Installing ${all[*]} (some minutes)"
# A broken third-party source need not matter: what does is whether the packages can be had.
apt_get update || say "$me: apt-get update failed; going on with the package lists that are there"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() { (($# == 0)) || apt_get install --yes --no-install-recommends "$@" >"$log" 2>&1; }
if ! install "${needed[@]}"; then
    cat "$log" >&2
    fail 1 "the packages could not be installed"
fi
install "${wanted[@]}" || say "$me: ${wanted[*]} could not be installed; what needs them will be skipped"
say "Installed."
