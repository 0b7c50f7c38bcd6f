"""In which order a training sees its images: drawn from the seed and the epoch, and from nothing else."""

import numpy as np


def batches(images: int, size: int, seed: int, epoch: int, whole: bool) -> list[np.ndarray]:
    """Return the numbers of `images` images for the steps of `epoch` (from 0), int32 (steps, size).

    What is left over is a second array, a batch smaller than `size`. With `whole` it is dropped, unless
    the images are fewer than a batch.
    """
    order = np.random.default_rng([seed, epoch]).permutation(images)
    divided = len(order) // size * size
    parts = [order[:divided].reshape(-1, size).astype(np.int32)] if divided else []
    if divided < len(order) and not (whole and divided):
        parts.append(order[None, divided:].astype(np.int32))
    return parts
