"""Closures held against what a training executes: the profiler is the oracle."""

import dataclasses

import pytest
from traced import outside, traced

from experiments.lab.data import sources
from experiments.lab.data.views import View
from experiments.lab.networks import builders
from experiments.lab.settings import RunSettings
from experiments.lab.store.closure import DependencyGraph
from experiments.lab.training import execution
from experiments.lab.training.sourcecode import ROOTS, strings

RECURRENT = RunSettings(
    View("mnist"),
    "recurrent",
    {"learning_rate": 0.01, "optimizer": "adam", "cell": "SimpleRNN", "units": 3},
    seed=1,
    length=2,
    batch_size=64,
    snapshots=True,
)
LENET = RunSettings(
    View("mnist", per_class=5, transform={"name": "channels", "channels": 3}, seed=2),
    "lenet5",
    {"learning_rate": 0.01, "optimizer": "momentum", "features": "pool2"},
    seed=2,
    length=3,
    unit="iterations",
    start_from={"run": "0" * 24, "layers": ["conv1"]},
)


class Start:
    """A run to start from: a network of its own settings with the weights it begins with."""

    settings = dataclasses.replace(LENET, start_from=None)

    def weights(self, epoch=None):
        return builders.build(self.settings).get_weights()


def trained(settings, source, folder):
    """Return what is executed by a training from the data's file to what is kept of it."""
    start = Start() if settings.start_from else None
    with traced() as held:
        whole = execution.images(settings, source)
        ended = execution.execute(settings, whole, start, folder, lambda *_: None)
    assert ended.status == "completed"
    assert "probabilities" in ended.arrays
    return held


@pytest.fixture(scope="module")
def source(toy_data):
    return sources.find("mnist", data_dir=str(toy_data), say=lambda _: None)


@pytest.fixture(scope="module")
def executed(source, tmp_path_factory):
    """What is executed by a training of two epochs."""
    return trained(RECURRENT, source, tmp_path_factory.mktemp("run"))


NAMES = tuple(strings(RECURRENT))


@pytest.fixture(scope="module")
def reached(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASSIGNMENT2_CACHE", str(tmp_path_factory.mktemp("cache")))
        return DependencyGraph().closure(ROOTS, NAMES).reached


def test_training_executes_nothing_outside_its_closure(executed, reached):
    assert len(executed) > 40
    assert outside(executed, reached) == set()


def test_training_of_another_kind_executes_nothing_outside_its_own(source, tmp_path):
    executed = trained(LENET, source, tmp_path)
    reached = DependencyGraph().closure(ROOTS, strings(LENET)).reached
    assert outside(executed, reached) == set()
    assert any("Channels" in name for names in executed for name in names)


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
    missing = outside(executed, DependencyGraph().closure(ROOTS, names).reached)
    assert missing == {"experiments.lab.networks.optimizers:adam"}
