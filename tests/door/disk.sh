#!/usr/bin/env bash
# Directories that cannot be written, a disk that fills up, and two processes in one directory.
. "$(dirname "$0")/lib.bash"
SEEDS=1 STEPS=400 small >small.yaml

echo file >occupied
exits 3 "$fqp" run small.yaml --out occupied/run
says "occupied: cannot make directory: Not a directory"
exits 3 "$fqp" run small.yaml --out /proc/fqp-run
says "/proc/fqp-run"
if [ "$(id -u)" != 0 ]; then # root writes everywhere
    mkdir closed
    chmod 555 closed
    exits 3 "$fqp" run small.yaml --out closed/run
    says "closed/run"
fi

# no file may grow beyond 8 KiB: the run ends with a message, and every frame that counts is whole
(ulimit -f 8 && "$fqp" run small.yaml --out full --quiet --no-report) >out 2>err
code=$?
[ $code = 3 ] || { fail "exit code $code on a full disk"; cat err >&2; }
says "File too large"
says "What was recorded is in full"
exits 0 "$fqp" run small.yaml --out whole --quiet --no-report
exits 0 "$fqp" run full --resume --quiet --no-report # with room again it goes on
same whole/seed_0001/dft/error.npy full/seed_0001/dft/error.npy
same whole/seed_0001/prediction.npy full/seed_0001/prediction.npy

# a second writer is refused while the first one lives
STEPS=100000 small >long.yaml
"$fqp" run long.yaml --out shared --quiet >/dev/null 2>&1 &
pid=$!
wait_for shared/seed_0001/step.npy
exits 2 "$fqp" run long.yaml --out shared --resume --quiet
says "is being written by process $pid"
exits 2 "$fqp" run long.yaml --out shared --replace --quiet
kill -9 $pid
wait $pid 2>/dev/null
exits 0 "$fqp" report shared --summary # after a kill the lock is gone and what was recorded can be shown
jq -e '.frames[0] > 0' shared/summary.json >/dev/null || fail "no summary after a kill"
finish
