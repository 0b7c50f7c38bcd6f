"""Tests of `experiments.lab.training.devices`: how TensorFlow is brought in and set."""

import gc
import importlib
import sys

import pytest
import tensorflow as tf

from experiments.lab.training import devices

UNUSED = "this"  # a module of Python's own that nothing imports


def test_unused_module_cannot_be_imported_meanwhile_and_can_afterwards(capsys):
    sys.modules.pop(UNUSED, None)
    with devices._without(UNUSED, "json"):
        with pytest.raises(ImportError):
            importlib.import_module(UNUSED)
        importlib.import_module("json")  # was there before
    importlib.import_module(UNUSED)
    assert "Zen" in capsys.readouterr().out


def test_importing_tensorflow_leaves_the_streams_and_garbage_collection_as_they_were(capfd):
    devices.import_tensorflow()
    print("said", file=sys.stderr)
    assert "said" in capfd.readouterr().err
    assert gc.isenabled()


def test_graphs_run_as_they_are_traced_on_a_processor():
    tf.config.optimizer.set_experimental_options(dict.fromkeys(devices.REWRITING, True))
    devices.leave_graphs_alone()
    options = tf.config.optimizer.get_experimental_options()
    assert not any(options[name] for name in devices.REWRITING)
    assert not options["disable_meta_optimizer"]
