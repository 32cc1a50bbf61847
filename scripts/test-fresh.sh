#!/usr/bin/env bash
# scripts/test-fresh.sh [OPTION...] [-- ARGUMENT...]: both commands on a Debian 12 that has nothing installed.
#
# Makes a minimal Debian in a directory (debootstrap), clones HEAD into it, and there, as an ordinary user with
# sudo: scripts/run.sh until the robot runs, then Ctrl-C, after which nothing may be left; then scripts/test.sh
# with the ARGUMENTs. Needs root, debootstrap and Debian's mirror; half an hour and 4 GB. Not part of test.sh.
#   --as-root     both as root, with no sudo there
#   --base DIR    a tree made by debootstrap before, which is copied; made there first if it does not exist
#   --help        print this and exit
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

as_root=no base=''
while (($# > 0)); do
    case $1 in
    --as-root) as_root=yes ;;
    --base)
        (($# > 1)) || fail 2 "--base needs a value; see scripts/test-fresh.sh --help"
        base=$(cd "$caller" && realpath --canonicalize-missing -- "$2")
        shift
        ;;
    --help) print_help && exit 0 ;;
    --) shift && break ;;
    *) fail 2 "unknown option \"$1\"; see scripts/test-fresh.sh --help" ;;
    esac
    shift
done
((EUID == 0)) || fail 1 "only root can make and enter another Debian"
command -v debootstrap >/dev/null || fail 1 "debootstrap is missing: apt-get install debootstrap"

# This machine's own mirrors of bookworm, and how it reaches them.
# shellcheck disable=SC2016  # for apt
mapfile -t sources < <(apt-get indextargets --format 'deb $(REPO_URI) $(CODENAME) $(COMPONENT)' \
    'Created-By: Packages' | grep -E ' bookworm(-updates|-security)? main$' | sort -u)
mirror=$(printf '%s\n' "${sources[@]}" | sed -n 's/^deb \(.*\) bookworm main$/\1/p' | head -n 1)
[[ -n $mirror ]] || fail 1 "apt knows no mirror of bookworm here (apt-get update?)"

place=$(mktemp -d /var/tmp/fresh-XXXXXX)
trap 'rm -rf --one-file-system "$place"' EXIT
trap 'exit 130' INT TERM
root=$place/root

bootstrap() {
    say "Making a minimal Debian from $mirror"
    debootstrap --variant=minbase bookworm "$1" "$mirror" >"$place/debootstrap.log" 2>&1 || {
        tail -n 20 "$place/debootstrap.log" >&2
        fail 1 "debootstrap failed"
    }
}
if [[ -z $base ]]; then
    bootstrap "$root"
else
    [[ -d $base ]] || bootstrap "$base"
    cp -a "$base" "$root"
fi

printf '%s\n' "${sources[@]}" >"$root/etc/apt/sources.list"
apt-config dump Acquire | grep -E '^Acquire::(http|https|Check)' >"$root/etc/apt/apt.conf.d/00mirror" || true
cp /etc/resolv.conf "$root/etc/resolv.conf"
# It need not survive a power cut, and installing takes a fraction of the time.
echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/unsafe-io"
# Found by its name as a machine should be; else sudo complains.
printf '127.0.0.1 localhost %s\n' "$(hostname)" >"$root/etc/hosts"

cat >"$root/usr/local/bin/newcomer" <<'INSIDE'
#!/usr/bin/env bash
# In the fresh Debian: newcomer AS_ROOT ARGUMENT...
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
as=()
home=/root
if [[ $1 == no ]]; then
    { apt-get -qq update && apt-get -qq install --yes --no-install-recommends sudo; } >/dev/null 2>&1
    useradd --create-home --shell /bin/bash newcomer
    echo 'newcomer ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/newcomer
    as=(runuser -u newcomer --)
    home=/home/newcomer
    chown -R newcomer: "$home"
fi
shift
cd "$home/runtime"

# A terminal of its own, at which Ctrl-C is typed once the robot runs.
log=$home/run.log
mkfifo /run/keys
exec 3<>/run/keys
"${as[@]}" env --default-signal=INT HOME="$home" script -qefc "exec scripts/run.sh --port 0" "$log" <&3 &
run=$!
until grep -qs 'The robot is running' "$log" || ! kill -0 "$run" 2>/dev/null; do sleep 0.5; done
printf '\003' >&3
wait "$run" || { echo "scripts/run.sh ended with status $?" && exit 1; }
left=$(
    find /dev/shm /tmp -mindepth 1
    grep -lF "$home/runtime/build" /proc/[0-9]*/cmdline 2>/dev/null || true
    "${as[@]}" git status --porcelain
)
[[ -z $left ]] || { printf 'scripts/run.sh left behind:\n%s\n' "$left" && exit 1; }
echo "scripts/run.sh: set up, ran, ended on Ctrl-C and left nothing behind"

exec "${as[@]}" env HOME="$home" CI=true scripts/test.sh "$@" </dev/null
INSIDE
chmod +x "$root/usr/local/bin/newcomer"

home=$([[ $as_root == yes ]] && echo /root || echo /home/newcomer)
mkdir -p "$root$home"
git clone --quiet --no-hardlinks "$tree" "$root$home/runtime"

# In namespaces of its own: at the end its mounts and processes are gone with them.
export root
# shellcheck disable=SC2016  # for the inner shell
unshare --mount --pid --fork --kill-child --propagation private bash -euc '
    mkdir -p "$root/dev/pts" "$root/dev/shm"
    mount -t proc proc "$root/proc"
    mount -t sysfs -o ro sysfs "$root/sys"
    mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
    mount -t devpts -o newinstance,ptmxmode=0666,gid=5,mode=620 devpts "$root/dev/pts"
    ln -sfn pts/ptmx "$root/dev/ptmx"
    exec chroot "$root" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        LANG=C.UTF-8 TERM="${TERM:-dumb}" /usr/local/bin/newcomer "$@"' inside "$as_root" "$@"
