#!/usr/bin/env bash
# Tensors, hooks and the example of PyTorch, where it is installed.
. "$(dirname "$0")/python.bash"
has torch || skip "Python has no PyTorch"
export OMP_NUM_THREADS=1
unit test_torch
tail -3 err
finish
