#!/usr/bin/env bash
# The Python door over the library just built: arrays, monitor, results, the two entrances, integrations, examples.
. "$(dirname "$0")/python.bash"

with_numpy - "$top/python/fqp" <<'PY'
import pathlib, sys
for path in pathlib.Path(sys.argv[1]).rglob("*.py"):
    compile(path.read_text(), str(path), "exec", dont_inherit=True)
PY
modules=() ran=
for file in "$top"/tests/python/test_*.py; do
    name=$(basename "$file" .py)
    [ "$name" = test_torch ] || modules+=("$name")
done
unit "${modules[@]}"
tail -3 err

# Examples run, or say which framework they need.
export PYTHONPATH=$top/python
for example in "$top"/examples/python/*.py; do
    name=$(basename "$example" .py)
    [ "$name" = torch_loop ] && continue # of its own test
    if with_numpy "$example" "$name.html" >out 2>err; then
        [ -s "$name.html" ] || fail "$name wrote no page"
        ran="$ran $name"
    else
        says "this example needs"
        [ "$(wc -l <err)" = 1 ] || fail "$name says more than a sentence"
    fi
done
[[ $ran == *numpy_loop* ]] || fail "the NumPy example did not run"
echo "examples that ran:$ran"
finish
