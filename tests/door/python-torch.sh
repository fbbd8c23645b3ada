#!/usr/bin/env bash
# Tensors, hooks and the example of PyTorch, where it is installed.
. "$(dirname "$0")/python.bash"
has torch || skip "Python has no PyTorch"
export OMP_NUM_THREADS=1
unit test_torch
tail -3 err
PYTHONPATH=$top/python exits 0 with_numpy "$top/examples/python/torch_loop.py" run.html
says "cycles per domain: step" out
[ -s run.html ] || fail "the example wrote no page"
finish
