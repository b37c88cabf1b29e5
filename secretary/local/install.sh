# Sourced by ./run and ./test: .venv with the locked requirements, made again only when they change.
# All of its output goes to standard error.

fail() {
    echo "$(basename -- "$0"): $*" >&2
    exit 1
}

usable() { # whether $1 is a Python that the locked wheels exist for
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' >/dev/null 2>&1
}

find_python() {
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do
        if usable "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
}

make_venv() { # $1: a usable Python
    rm -rf .venv
    if command -v uv >/dev/null 2>&1 && uv venv --quiet --python "$1" .venv >&2; then
        return
    fi
    rm -rf .venv
    if ! "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        version=$("$1" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
        fail "$version has no venv module: install $version-venv (Debian, Ubuntu: apt install $version-venv)"
    fi
    "$1" -m venv .venv >&2 || fail "cannot make .venv with $1"
}

install_one() { # $1: a lock file with hashes
    if command -v uv >/dev/null 2>&1 &&
        uv pip install --quiet --python .venv/bin/python --require-hashes -r "$1" >&2; then
        return
    fi
    .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null 2>&1 ||
        fail "uv could not install $1, and there is no pip in .venv"
    .venv/bin/python -m pip install --quiet --no-input --disable-pip-version-check --root-user-action=ignore \
        --require-hashes -r "$1" >&2 || fail "could not install $1"
}

install_requirements() { # $@: lock files, in the working directory
    python=$(find_python)
    [ -n "$python" ] || fail "needs Python 3.11 to 3.14: install python3 (Debian, Ubuntu: apt install python3 python3-venv)"
    usable .venv/bin/python || make_venv "$python"
    for lock in "$@"; do
        sum=$(cksum <"$lock")
        stamp=".venv/.installed-$lock"
        if [ "$(cat "$stamp" 2>/dev/null)" != "$sum" ]; then
            echo "Installing $lock into .venv (only when it has changed) …" >&2
            install_one "$lock"
            echo "$sum" >"$stamp"
        fi
    done
}
