#!/usr/bin/env python3
"""Time of the leading eigenpairs of a stored symmetric matrix by ARPACK (scipy.sparse.linalg.eigsh) or LAPACK (eigh).

usage: peer_eigen.py MATRIX.npy COUNT [eigsh|eigh] [TOLERANCE]

The matrix is that of bench_eigen --save.  Prints one line like bench_eigen's.
"""
import sys
import time

import numpy as np
import scipy.linalg
import scipy.sparse.linalg


def main():
    matrix = np.load(sys.argv[1], mmap_mode="r")
    count = int(sys.argv[2])
    way = sys.argv[3] if len(sys.argv) > 3 else "eigsh"
    tolerance = float(sys.argv[4]) if len(sys.argv) > 4 else 1e-10
    n = len(matrix)
    matrix = np.array(matrix)
    began = time.perf_counter()
    if way == "eigsh":
        value, vector = scipy.sparse.linalg.eigsh(matrix, k=count, which="LA", tol=tolerance)
    else:
        value, vector = scipy.linalg.eigh(matrix, subset_by_index=[n - count, n - 1])
    seconds = time.perf_counter() - began
    residual = np.linalg.norm(matrix @ vector - vector * value, axis=0).max() / value.max()
    print(f"{way} n {n} count {count} precision {matrix.dtype} seconds {seconds:.3f} residual {residual:.2g} "
          f"first {value.max():.10g} last {value.min():.10g}")


if __name__ == "__main__":
    main()
