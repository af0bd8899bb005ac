#!/bin/sh
# Makes the environments that a make target needs; does nothing when they are there.
#
#   scripts/bootstrap.sh run        .venv (the package) and .venv-dbt (dbt): what a run needs, and nothing else
#   scripts/bootstrap.sh lint       these, with what developers add: linters, type checker, test tools
#   scripts/bootstrap.sh test       these, and .readers/ (the DuckDB versions of BI tools)
#   scripts/bootstrap.sh superset   .superset (Apache Superset and its SQLAlchemy), for slow tests
#   scripts/bootstrap.sh spark      .venv-spark (dbt on Spark), for slow tests and for whoever moves there
#   scripts/bootstrap.sh lock       the requirements*.lock files, from pyproject.toml
#
# Assumes Python 3.11-3.13, git and a POSIX shell. What is made carries a stamp, written last: the hash of
# what it was made from. No stamp means interrupted (made again whole), another stamp means outdated (synced).
set -eu
cd "$(dirname "$0")/.."

fail() {
    echo "bootstrap: $*" >&2
    exit 1
}

# --- Python ---------------------------------------------------------------------------------------------------

supported() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null
}

base_interpreter() { # the interpreter behind a shim or a virtual environment
    "$1" -c 'import sys; print(getattr(sys, "_base_executable", None) or sys.executable)'
}

real_interpreter() { # the same whatever the name it is called by
    "$1" -c 'import os, sys; print(os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable))'
}

choose_python() { # sets $python
    [ -z "${python:-}" ] || return 0
    remedy="choose another interpreter with: make PYTHON=/path/to/python3.12"
    if [ -n "${PYTHON:-}" ]; then
        version=$("$PYTHON" -V 2>&1) || fail "PYTHON=$PYTHON does not run; $remedy"
        supported "$PYTHON" || fail "Python 3.11, 3.12 or 3.13 is needed and PYTHON=$PYTHON is $version; $remedy"
        python=$(base_interpreter "$PYTHON")
        return 0
    fi
    for candidate in python3 python3.13 python3.12 python3.11; do
        if supported "$candidate"; then
            python=$(base_interpreter "$candidate")
            return 0
        fi
    done
    fail "Python 3.11, 3.12 or 3.13 is needed and python3 is $(python3 -V 2>&1 || echo missing); $remedy"
}

# --- uv -------------------------------------------------------------------------------------------------------

recent() { # uv 0.8 is the oldest whose options are used here
    version=$("$1" --version 2>/dev/null) || return 1
    version=${version#uv }
    major=${version%%.*}
    minor=${version#*.}
    minor=${minor%%.*}
    case "$major$minor" in '' | *[!0-9]*) return 1 ;; esac
    [ "$major" -gt 0 ] || [ "$minor" -ge 8 ]
}

find_uv() { # sets $uv
    [ -z "${uv:-}" ] || return 0
    if recent uv; then
        uv=uv
    elif [ "$(stamp .uv)" = "$(fingerprint requirements-uv.lock)" ] && recent .uv/bin/uv; then
        uv=.uv/bin/uv
    else
        install_uv
    fi
    use_pip_settings
}

install_uv() {
    choose_python
    echo "bootstrap: installing uv into .uv/" >&2
    rm -rf .uv .uv.partial
    if "$python" -m venv .uv.partial >/dev/null 2>&1; then
        pip_install .uv.partial/bin/python
    elif "$python" -m pip --version >/dev/null 2>&1; then # Debian without python3-venv has no ensurepip
        rm -rf .uv.partial
        pip_install "$python" --target .uv.partial
    else
        rm -rf .uv.partial
        fail "$python can make no virtual environment and has no pip: install them (Debian: apt install python3-venv)," \
             "or choose another interpreter with: make PYTHON=/path/to/python3.12"
    fi
    fingerprint requirements-uv.lock >.uv.partial/.made-from
    mv .uv.partial .uv
    uv=.uv/bin/uv
}

pip_install() {
    interpreter=$1
    shift
    # Settings meant for a person's own installs would contradict a virtual environment or a target folder.
    PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0 PIP_ROOT_USER_ACTION=ignore "$interpreter" -m pip --disable-pip-version-check install --quiet \
        --only-binary :all: --require-hashes "$@" -r requirements-uv.lock \
        || fail "uv could not be installed (pip's reason stands above): check the network and pip's index settings, then try again"
}

# uv reads no pip configuration: a machine whose pip is set to a mirror means it for uv too.
use_pip_settings() {
    [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX:-}${UV_INDEX_URL:-}${UV_EXTRA_INDEX_URL:-}${UV_FIND_LINKS:-}" ] || return 0
    for file in "${UV_CONFIG_FILE:-}" "${XDG_CONFIG_HOME:-${HOME:-}/.config}/uv/uv.toml" /etc/uv/uv.toml; do
        [ -z "$file" ] || [ ! -e "$file" ] || return 0
    done
    choose_python
    settings=$(PIP_USER=0 "$python" -m pip config list 2>/dev/null || true) # "user" would narrow the list to one file
    export_setting "${PIP_INDEX_URL:-$(pip_setting index-url)}" UV_DEFAULT_INDEX
    export_setting "${PIP_NO_INDEX:-$(pip_setting no-index)}" UV_NO_INDEX
    export_setting "${PIP_TRUSTED_HOST:-$(pip_setting trusted-host)}" UV_INSECURE_HOST
    export_setting "${PIP_CERT:-$(pip_setting cert)}" SSL_CERT_FILE
    extra=${PIP_EXTRA_INDEX_URL:-$(pip_setting extra-index-url)}
    if [ -n "$extra" ]; then
        export UV_INDEX="$extra"
        export UV_INDEX_STRATEGY=unsafe-best-match # as pip does; the hashes are what protects
    fi
    links=
    for link in ${PIP_FIND_LINKS:-$(pip_setting find-links)}; do
        case "$link" in *://*) ;; *) [ -d "$link" ] || continue ;; esac # a missing folder stops uv, not pip
        links=${links:+$links,}$link
    done
    export_setting "$links" UV_FIND_LINKS
}

pip_setting() {
    printf '%s\n' "$settings" | sed -n "s/^[a-z]*\.$1='\(.*\)'\$/\1/p" | sed 's/\\n/ /g; s/^ *//' | tail -n 1
}

export_setting() { # value, variable; what is already set stays
    if [ -n "$1" ] && eval "[ -z \"\${$2:-}\" ]"; then
        export "$2=$1"
    fi
}

# --- what is made ---------------------------------------------------------------------------------------------

fingerprint() { # git is there, sha256sum may not be; the folder counts because environments do not survive a move
    { pwd -P && cat "$@"; } | git hash-object --stdin
}

stamp() {
    cat "$1/.made-from" 2>/dev/null || true
}

usable() { # also false when the interpreter was removed or upgraded under the environment
    [ -n "$(stamp "$1")" ] && "$1/bin/python" -c 'import yaml' 2>/dev/null || return 1
    [ -z "${PYTHON:-}" ] || { choose_python && [ "$(real_interpreter "$1/bin/python")" = "$(real_interpreter "$python")" ]; }
}

sync() { # folder, lock file, and perhaps the lock of what developers add to it
    folder=$1
    shift
    wanted=$(fingerprint "$@" pyproject.toml)
    if usable "$folder"; then
        [ "$(stamp "$folder")" != "$wanted" ] || return 0
        find_uv
        echo "bootstrap: bringing $folder up to $*" >&2
    else
        choose_python
        find_uv
        echo "bootstrap: making $folder from $* with $python (minutes the first time)" >&2
        rm -rf "$folder"
        "$uv" venv --quiet --no-python-downloads --python "$python" "$folder" || fail "$folder could not be made (uv's reason stands above)"
    fi
    rm -f "$folder/.made-from"
    # compiled here: where Python is told not to write bytecode, as in containers, each start would compile Dagster and dbt
    "$uv" pip sync $quiet --compile-bytecode --require-hashes --python "$folder/bin/python" "$@" || failed_install "$*"
    if [ "$folder" = .venv ]; then # the build backend is locked like the rest
        "$uv" pip install --quiet --no-deps --no-build-isolation --python .venv/bin/python --editable . \
            || fail "the package could not be installed into .venv (uv's reason stands above)"
    fi
    if [ "$folder" = .venv-spark ]; then # dbt-spark's profile cannot name a project's modules, as dbt-duckdb's does
        printf '../../../../dbt_project/%s\n' python spark >"$(echo "$folder"/lib/python3*/site-packages)/dbt_project.pth"
    fi
    echo "$wanted" >"$folder/.made-from"
}

sync_run() { # folder, lock file, the lock of what developers add: a developer's environment is kept, for it can run too
    [ "$(stamp "$1")" = "$(fingerprint "$2" "$3" pyproject.toml)" ] && usable "$1" || sync "$1" "$2"
}

reader() { # folder, lock file; a reader is a plain folder, imported by an interpreter of .venv that sees nothing else
    wanted=$(fingerprint "$2" .venv/pyvenv.cfg)
    [ "$(stamp "$1")" != "$wanted" ] || return 0
    find_uv
    rm -rf "$1" "$1.partial"
    "$uv" pip install --quiet --compile-bytecode --require-hashes --python .venv/bin/python --target "$1.partial" -r "$2" || failed_install "$2"
    echo "$wanted" >"$1.partial/.made-from"
    mv "$1.partial" "$1"
}

failed_install() {
    fail "$1 could not be installed (uv's reason stands above): check the network and the index settings of uv or pip, then try again"
}

lock() { # what to resolve, then the lock file; one version of a package for every Python
    for last in "$@"; do :; done
    echo "bootstrap: locking $last" >&2
    "$uv" pip compile --quiet --upgrade --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-header --no-annotate "$@"
}

lock_added() { # as lock, then the lock file of a run: what developers add to it, under the versions of a run
    for base in "$@"; do :; done
    arguments=
    while [ $# -gt 1 ]; do
        arguments="$arguments $1"
        shift
    done
    lock --constraint "$base" $(sed -n 's/^\([a-z0-9][^=]*\)==.*/--no-emit-package \1/p' "$base") $arguments
}

if [ -t 2 ]; then quiet=; else quiet=--quiet; fi # a person sees the progress, a log does not

# Two makes at once: the second waits for the first (where flock exists, that is on Linux).
if command -v flock >/dev/null; then
    exec 9>.venv.lock
    flock 9
fi

case "${1:-}" in
    run)
        sync_run .venv requirements.lock requirements-dev.lock
        sync_run .venv-dbt requirements-dbt.lock requirements-dbt-dev.lock
        ;;
    lint | test)
        sync .venv requirements.lock requirements-dev.lock
        sync .venv-dbt requirements-dbt.lock requirements-dbt-dev.lock
        [ "$1" = test ] || exit 0
        for file in requirements-reader-*.lock; do
            version=${file#requirements-reader-}
            reader ".readers/duckdb-${version%.lock}" "$file"
        done
        ;;
    superset) sync .superset requirements-superset.lock ;;
    spark) sync .venv-spark requirements-spark.lock ;;
    lock)
        find_uv
        lock pyproject.toml --group build -o requirements.lock
        lock_added pyproject.toml --group build --group dev -o requirements-dev.lock requirements.lock
        lock --group dbt -o requirements-dbt.lock
        lock_added --group dbt --group dbt-dev -o requirements-dbt-dev.lock requirements-dbt.lock
        lock --group uv -o requirements-uv.lock
        lock --group superset -o requirements-superset.lock
        lock --group spark -o requirements-spark.lock
        for version in $(sed -n 's/^"reader-\(.*\)" = .*/\1/p' pyproject.toml); do
            lock --group "reader-$version" -o "requirements-reader-$version.lock"
        done
        ;;
    *) fail "usage: scripts/bootstrap.sh run|lint|test|superset|spark|lock" ;;
esac
