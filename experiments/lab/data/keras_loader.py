"""Runs one of Keras's data set loaders in a process of its own and saves what it returns.

    python -m experiments.lab.data.keras_loader cifar10 OUT.npz

A process of its own, because Keras imports TensorFlow, and because its download knows no time
limit: `keras_cache` watches this process and ends it. KERAS_HOME says where the loader looks and
downloads to. Standard input must be a pipe that the parent keeps open: when it closes, the parent
is gone, and this process ends too.
"""

from __future__ import annotations

import os
import sys
import threading


def main(name: str, out: str) -> None:
    """Load "mnist" or "cifar10" through Keras and save its four arrays to `out`."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    import keras
    import numpy as np

    train, test = getattr(keras.datasets, name).load_data()
    np.savez(out, x_train=train[0], y_train=train[1], x_test=test[0], y_test=test[1])


def _end_with_parent() -> None:
    # Not through sys.stdin: its lock, held by this thread, would make Python's own ending fail.
    while os.read(0, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
