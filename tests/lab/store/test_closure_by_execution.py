"""Closures held against what a training executes: the profiler is the oracle."""

import pytest
from toy import data
from traced import outside, traced

from experiments.lab.settings import RunSettings
from experiments.lab.store.closure import DependencyGraph
from experiments.lab.training import course
from experiments.lab.training.trainer import Trainer

TRAINING = ("experiments.lab.training.course:train", "experiments.lab.data.splits:Source")
SETTINGS = RunSettings(
    "mnist",
    "recurrent",
    {"learning_rate": 0.01, "optimizer": "adam", "cell": "SimpleRNN", "units": 3},
    seed=1,
    length=2,
    batch_size=64,
    snapshots=True,
)
NAMES = ("mnist", "recurrent", "adam", "SimpleRNN", "epochs", "float32")


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """What is executed by a training of two epochs."""
    splits = data.splits("mnist", training=100)
    with traced() as held:
        course.train(Trainer(SETTINGS, splits), tmp_path_factory.mktemp("run"), lambda *_: None)
    return held


@pytest.fixture(scope="module")
def reached(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASSIGNMENT2_CACHE", str(tmp_path_factory.mktemp("cache")))
        return DependencyGraph().closure(TRAINING, NAMES).reached


def test_training_executes_nothing_outside_its_closure(executed, reached):
    assert len(executed) > 40
    assert outside(executed, reached) == set()


def test_definition_that_was_not_followed_is_seen_in_the_execution(executed, reached):
    within = set().union(*executed) & set(reached)
    for name in within:
        assert any(name in it for it in outside(executed, set(reached) - {name})), name
    # Through autograph's copies, a library, a registry, and nested functions too.
    rooms = "experiments.lab."
    assert {
        rooms + "training.trainer:Trainer._step",
        rooms + "networks.unrolled_cells:_LastState.call",
        rooms + "networks.unrolled_cells:_simple",
        rooms + "networks.optimizers:adam",
        rooms + "training.course:Snapshots",
    } <= within


def test_entry_that_was_not_named_is_seen_in_the_execution(executed):
    names = [name for name in NAMES if name != "adam"]
    missing = outside(executed, DependencyGraph().closure(TRAINING, names).reached)
    assert missing == {"experiments.lab.networks.optimizers:adam"}
