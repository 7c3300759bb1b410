#!/bin/sh
# Installs the system packages that are missing; does nothing where none is.
set -eu

python=${PYTHON:-python3}
missing=

need() { # need PACKAGE unless the command after it succeeds
    package=$1
    shift
    "$@" >/dev/null 2>&1 || missing="$missing $package"
}

has_library() { ldconfig -p | grep -q "$1"; }

PATH=$PATH:/usr/sbin:/sbin
need fuse3 command -v fusermount3
need libfuse2 has_library libfuse.so.2
need rsync command -v rsync
need git command -v git
need systemd command -v systemd-analyze # judges units; none of it has to run
if ! command -v "$python" >/dev/null 2>&1; then
    missing="$missing python3 python3-venv"
else
    need python3-venv "$python" -c 'import ensurepip, venv'
fi

[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "bootstrap: please install:$missing" >&2
    exit 1
fi
as_root=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || { echo "bootstrap: as root: apt-get install$missing" >&2; exit 1; }
    as_root=sudo
fi

echo "bootstrap: installing$missing"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
case " $missing " in
*" libfuse2 "*) # renamed in Debian 13
    apt-cache show libfuse2 >/dev/null 2>&1 || missing=$(echo "$missing" | sed 's/libfuse2/libfuse2t64/') ;;
esac
# shellcheck disable=SC2086
$as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
