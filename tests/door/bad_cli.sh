#!/usr/bin/env bash
# Broken command lines and inputs: tests/bad/cli/NAME.case holds the arguments, NAME.expected the exit code and the exact
# words on standard error.  With UPDATE=1 the expected files are written again (read them before keeping them).
. "$(dirname "$0")/lib.bash"
cases=$top/tests/bad/cli
python3 "$cases/make_inputs.py" || exit 1
mkdir run && echo '{}' >run/manifest.json
count=0
for case in "$cases"/*.case; do
    name=$(basename "$case" .case)
    eval "\"$fqp\" $(cat "$case")" >out 2>err </dev/null
    { echo "exit code $?"; cat err; } >got
    [ -n "${UPDATE:-}" ] && cp got "$cases/$name.expected"
    diff -u "$cases/$name.expected" got >&2 || fail "$name: fqp $(cat "$case")"
    count=$((count + 1))
done
echo "$count broken command lines"
[ $count -ge 15 ] || fail "cases are missing"
[ -e runs ] || [ -e r ] && fail "something was written"
finish
