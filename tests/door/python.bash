# python.bash - what the tests of the Python door share: a Python with NumPy, the library just built.
. "$(dirname "$0")/lib.bash"
build=$2
skip() {
    echo "skipped: $*"
    exit 77
}
[ -n "${FQP_PYTHON:-}" ] || skip "no Python 3.9 or newer with NumPy"
# An instrumented library wants its runtime loaded before the interpreter's.
grep -q '^FQP_SANITIZE:[A-Z]*=.' "$build/CMakeCache.txt" && skip "the library is built with sanitizers"
export FQP=$fqp FQP_LIBRARY=$build PYTHONDONTWRITEBYTECODE=1 PYTHONWARNINGS=default
with_numpy() { "$FQP_PYTHON" "$@"; }
has() { with_numpy -c "import $1" 2>/dev/null; }
# unit NAMES...: unittest modules of tests/python
unit() { PYTHONPATH=$top/python:$top/tests/python exits 0 with_numpy -m unittest "$@"; }
