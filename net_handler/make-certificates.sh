#!/usr/bin/env bash
# CMake puts the version in and the program, make-certificates, beside the others.
set -euo pipefail

print_help() {
    cat <<'END'
make-certificates: makes a team's certificates for driving with TLS

Usage: make-certificates [options] DIRECTORY [NAME...]

In DIRECTORY, which is made where missing, readable for its owner alone:
  ca.pem, ca.key         the team's certificate authority
  robot.pem, robot.key   for the robot
  NAME.pem, NAME.key     for each driver station that is named (default: driver)

Options:
  --days N    how long the certificates are valid (default: 825)
  --help      print this and exit
  --version   print the version and exit
END
}

say() { printf '%s\n' "$*" >&2; }

# fail STATUS TEXT: 2 is a wrong option, 1 anything else.
fail() {
    say "make-certificates: $2"
    exit "$1"
}

days=825 directory='' names=()
while (($# > 0)); do
    case $1 in
    --days=*) set -- --days "${1#*=}" "${@:2}" && continue ;;
    --days)
        if ! [[ ${2-} =~ ^[0-9]{1,5}$ ]] || ((10#$2 < 1 || 10#$2 > 36500)); then
            fail 2 "--days \"${2-}\" is not a whole number from 1 to 36500"
        fi
        days=$((10#$2))
        shift
        ;;
    --help) print_help && exit 0 ;;
    --version) echo "make-certificates @PROJECT_VERSION@" && exit 0 ;;
    -*) fail 2 "unknown option \"$1\"; see make-certificates --help" ;;
    *)
        if [[ -z $directory ]]; then
            directory=$1
        else
            [[ $1 =~ ^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$ && $1 != ca && $1 != robot ]] ||
                fail 2 "\"$1\" cannot be the name of a driver station: letters, digits, . _ -, not ca, not robot"
            names+=("$1")
        fi
        ;;
    esac
    shift
done
[[ -n $directory ]] || fail 2 "say where to; see make-certificates --help"
((${#names[@]} > 0)) || names=(driver)
command -v openssl >/dev/null || fail 1 "openssl is not installed: apt install openssl"

umask 077
mkdir -p -- "$directory" || fail 1 "cannot make $directory"
cd -- "$directory"

# whole NAME: whether it is there; half of it is an error.
whole() {
    [[ -e $1.pem || -e $1.key ]] || return 1
    [[ -e $1.pem && -e $1.key ]] || fail 1 "$directory has only one of $1.pem and $1.key; remove it or bring the other"
}

openssl_quiet() {
    local said
    said=$(openssl "$@" 2>&1) || fail 1 "openssl $1 failed: $said"
}

# new_key FILE: on the curve that every TLS 1.2 knows; it costs a robot a tenth of what RSA does.
new_key() { openssl_quiet genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"; }

# Names the authority by a random number, so that no two have the same name.
if ! whole ca; then
    new_key ca.key.new
    openssl_quiet req -x509 -new -key ca.key.new -sha256 -days "$days" -out ca.pem \
        -subj "/CN=Robot team authority $(openssl rand -hex 4)" \
        -addext basicConstraints=critical,CA:TRUE,pathlen:0 -addext keyUsage=critical,keyCertSign,cRLSign
    mv ca.key.new ca.key
    say "made ca.pem, ca.key"
fi

# certificate NAME PURPOSE [ALTERNATIVE NAMES]
certificate() {
    ! whole "$1" || return 0
    new_key "$1.key.new"
    openssl_quiet req -new -key "$1.key.new" -sha256 -subj "/CN=$1" -out "$1.request"
    printf '%s\n' basicConstraints=critical,CA:FALSE keyUsage=critical,digitalSignature \
        "extendedKeyUsage=$2" ${3:+"subjectAltName=$3"} >"$1.extensions"
    openssl_quiet x509 -req -in "$1.request" -CA ca.pem -CAkey ca.key -set_serial "0x$(openssl rand -hex 16)" \
        -sha256 -days "$days" -extfile "$1.extensions" -out "$1.pem.new"
    mv "$1.pem.new" "$1.pem"
    mv "$1.key.new" "$1.key"
    rm "$1.request" "$1.extensions"
    say "made $1.pem, $1.key"
}

certificate robot serverAuth DNS:robot.local,DNS:localhost
for name in "${names[@]}"; do
    certificate "$name" clientAuth
done
