#!/usr/bin/env bash
# The Python door over the library just built: arrays, monitor, results, the two entrances, integrations, examples.
. "$(dirname "$0")/python.bash"

with_numpy - "$top/python/fqp" <<'PY'
import pathlib, sys
for path in pathlib.Path(sys.argv[1]).rglob("*.py"):
    compile(path.read_text(), str(path), "exec", dont_inherit=True)
PY
modules=()
for file in "$top"/tests/python/test_*.py; do
    name=$(basename "$file" .py)
    [ "$name" = test_torch ] || modules+=("$name")
done
unit "${modules[@]}"
says OK err
tail -3 err
finish
