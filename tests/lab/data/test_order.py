"""Tests of the order in which images are seen."""

import numpy as np
import pytest

from experiments.lab.data import order


def test_every_image_is_seen_once_and_the_rest_is_a_smaller_batch():
    full, rest = order.batches(10, 4, seed=1, epoch=0, whole=False)
    assert (full.shape, rest.shape, full.dtype) == ((2, 4), (1, 2), np.int32)
    assert sorted([*full.ravel(), *rest.ravel()]) == list(range(10))


def test_rest_is_dropped_where_batches_are_to_be_whole_unless_it_is_all():
    (full,) = order.batches(10, 4, seed=1, epoch=0, whole=True)
    assert full.shape == (2, 4)
    (all_there_is,) = order.batches(3, 4, seed=1, epoch=0, whole=True)
    assert all_there_is.shape == (1, 3)


@pytest.mark.parametrize(("seed", "epoch"), [(2, 0), (1, 1)])
def test_order_changes_with_seed_and_epoch_and_with_nothing_else(seed, epoch):
    first, again, other = (
        order.batches(50, 10, seed=seeds, epoch=epochs, whole=True)[0].tolist()
        for seeds, epochs in ((1, 0), (1, 0), (seed, epoch))
    )
    assert first == again != other
