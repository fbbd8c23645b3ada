"""Fashion-MNIST as Debian packages it, or from the folder $FQP_DATA."""
import functools
import gzip
import os
import struct
import subprocess

import numpy as np


def folder():
    for place in (os.environ.get("FQP_DATA", ""), "data"):
        if os.path.exists(os.path.join(place, "train-images-idx3-ubyte.gz")):
            return place
    files = subprocess.check_output(["dpkg", "-L", "dataset-fashion-mnist"], text=True).split()
    return os.path.dirname(next(f for f in files if f.endswith("train-images-idx3-ubyte.gz")))


@functools.lru_cache
def fashion(count=60000):
    """Images f32 [count, 784] in [0, 1], class numbers i64 [count]."""
    with gzip.open(os.path.join(folder(), "train-images-idx3-ubyte.gz")) as f:
        _, _, rows, columns = struct.unpack(">4i", f.read(16))
        x = np.frombuffer(f.read(count * rows * columns), np.uint8).reshape(count, -1)
    with gzip.open(os.path.join(folder(), "train-labels-idx1-ubyte.gz")) as f:
        f.read(8)
        y = np.frombuffer(f.read(count), np.uint8)
    return x.astype(np.float32) / np.float32(255), y.astype(np.int64)


def one_hot(labels, classes=10):
    y = np.zeros((len(labels), classes), np.float32)
    y[np.arange(len(labels)), labels] = 1
    return y
