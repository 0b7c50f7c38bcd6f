"""Tests of training: the same weights as `Model.fit`, bit for bit after an interruption."""

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import textwrap
import weakref

import keras
import numpy as np
import pytest
import tensorflow as tf
from toy import data

from experiments.lab.data.views import View
from experiments.lab.networks import builders, optimizers
from experiments.lab.settings import RunSettings
from experiments.lab.store.keys import PROJECT
from experiments.lab.store.runs import COMPLETED, Run, RunStore
from experiments.lab.training import course
from experiments.lab.training import trainer as training
from experiments.lab.training.trainer import Diverged, Trainer

LENET = RunSettings(
    View("cifar10"),
    "lenet5",
    {"learning_rate": 0.01, "optimizer": "adam"},
    seed=3,
    length=2,
    batch_size=32,
)


def recurrent(cell="SimpleRNN", optimizer="adam", **changes):
    hyperparameters = {"learning_rate": 0.01, "optimizer": optimizer, "cell": cell, "units": 7}
    given = {"seed": 2, "length": 6, "unit": "iterations", "batch_size": 32, "validate_every": 3}
    return RunSettings(View("mnist"), "recurrent", hyperparameters, **{**given, **changes})


@pytest.fixture(scope="module")
def images():
    return {name: data.splits(name, training=150) for name in data.SHAPES}


def trained(settings, images, folder, report=lambda *_: None):
    trainer = Trainer(settings, images[settings.data])
    return trainer, course.train(trainer, folder, report)


def fitted(settings, images, start):
    """Return the weights after `Model.fit` on the same batches from the same start."""
    model = builders.build(settings)
    model.set_weights(start)
    model.compile(
        optimizers.optimizer(settings.hyperparameters),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    history = []
    trainer = Trainer(settings, images[settings.data])
    part = images[settings.data].train
    for order in course.rounds(trainer):
        flat = np.concatenate([rows.ravel() for rows in order])
        model.fit(
            builders.scaled(part.images[flat]),
            part.labels[flat],
            batch_size=settings.batch_size,
            shuffle=False,
            verbose=0,
        )
        history.append({name: held[0] for name, held in model.history.history.items()})
        trainer.progress.iteration += sum(len(rows) for rows in order)
    return model, history


CLIPPED = {"learning_rate": 0.05, "optimizer": "sgd", "clipping": 0.1}
CASES = [
    LENET,
    dataclasses.replace(LENET, hyperparameters=CLIPPED, length=1),
    recurrent("SimpleRNN", "momentum"),
    # Their cells are held against Keras's in every run of the tests, by test_unrolled_cells.
    pytest.param(recurrent("LSTM", "sgd"), marks=pytest.mark.slow),
    pytest.param(recurrent("GRU", "adam", length=2, unit="epochs"), marks=pytest.mark.slow),
]


@pytest.mark.parametrize(
    "settings", CASES, ids=lambda it: "-".join(map(str, it.hyperparameters.values()))
)
def test_training_computes_what_fit_computes(settings, images, tmp_path):
    start = Trainer(settings, images[settings.data]).model.get_weights()
    trainer, _ = trained(settings, images, tmp_path)
    model, history = fitted(settings, images, start)
    moved = max(
        np.abs(one - other).max() for one, other in zip(start, model.get_weights(), strict=True)
    )
    assert moved > 1e-3  # or the comparison would say nothing
    for ours, theirs in zip(trainer.model.get_weights(), model.get_weights(), strict=True):
        assert np.abs(ours - theirs).max() < 2e-5
    curves = trainer.progress.curves
    assert curves["loss"] == pytest.approx([it["loss"] for it in history], abs=1e-5)
    assert curves["accuracy"] == pytest.approx([it["accuracy"] for it in history], abs=1e-6)
    part = images[settings.data].validation
    loss, accuracy = model.evaluate(builders.scaled(part.images), part.labels, verbose=0)
    assert curves["validation_loss"][-1] == pytest.approx(loss, abs=1e-4)
    assert curves["validation_accuracy"][-1] == pytest.approx(accuracy)


def test_epoch_sees_every_image_once_in_an_order_of_its_own(images):
    trainer = Trainer(LENET, images["cifar10"])
    orders = [np.concatenate([it.ravel() for it in trainer.batches(epoch)]) for epoch in (0, 1)]
    assert [it.shape for it in trainer.batches(0)] == [(4, 32), (1, 22)]
    assert all(sorted(order) == list(range(150)) for order in orders)
    assert not np.array_equal(*orders)
    other = Trainer(dataclasses.replace(LENET, seed=4), images["cifar10"]).batches(0)
    assert not np.array_equal(other[0], trainer.batches(0)[0])


def test_seed_decides_the_weights_before_training(images):
    first, again, other = (
        Trainer(recurrent(seed=seed), images["mnist"]).model.get_weights() for seed in (1, 1, 10)
    )
    assert all(map(np.array_equal, first, again))
    assert not np.array_equal(first[0], other[0])


def test_images_beyond_one_batch_are_evaluated_like_the_first(images, monkeypatch):
    trainer = Trainer(recurrent(), images["mnist"])
    loss, accuracy, probabilities = trainer.evaluate(images["mnist"].test)
    monkeypatch.setattr(training, "EVALUATION_BATCH", 7)
    in_parts = trainer.evaluate(images["mnist"].test)
    assert in_parts[:2] == pytest.approx((loss, accuracy), rel=1e-5)
    np.testing.assert_allclose(in_parts[2], probabilities, atol=1e-6)


def test_steps_beyond_one_call_are_taken_like_the_first(images, undisturbed, monkeypatch, tmp_path):
    monkeypatch.setattr(course, "STEPS_A_CALL", 3)  # of four whole batches
    trainer, arrays = trained(EPOCHS, images, tmp_path)
    assert trainer.progress.iteration == 15
    assert same(arrays, undisturbed["epochs"][1])
    assert timeless(trainer) == timeless(undisturbed["epochs"][0])


def test_iterations_go_through_the_images_again_and_again(images):
    trainer = Trainer(recurrent(length=11, validate_every=3), images["mnist"])
    sizes = []
    for order in course.rounds(trainer):
        sizes.append([len(rows) for rows in order])
        trainer.progress.iteration += sum(sizes[-1])
    # Four whole batches an epoch; a round may span two epochs.
    assert sizes == [[3], [1, 2], [2, 1], [2]]


@pytest.mark.parametrize("unit", ["epochs", "iterations"])
def test_fewer_images_than_a_batch_are_a_batch(images, unit, tmp_path):
    settings = recurrent(batch_size=200, length=3, unit=unit)
    trainer, _ = trained(settings, images, tmp_path)
    assert trainer.progress.iteration == trainer.total_steps == 3


def same(one, other):
    return one.keys() == other.keys() and all(
        np.array_equal(one[name], other[name], equal_nan=True) for name in one
    )


def timeless(trainer):
    return {name: held for name, held in trainer.progress.curves.items() if name != "seconds"}


class Killed(BaseException):
    """Stands for a kill: nothing catches it."""


EPOCHS = recurrent(length=3, unit="epochs", snapshots=True)
ITERATIONS = recurrent(length=11)


@pytest.fixture(scope="module")
def undisturbed(images, tmp_path_factory):
    """What trainings leave that were never interrupted, by their unit of length."""
    return {
        settings.unit: trained(settings, images, tmp_path_factory.mktemp("undisturbed"))
        for settings in (EPOCHS, ITERATIONS)
    }


def killed(settings, images, folder, call):
    """Train until `report` has been called so often, and then no more."""
    calls = []

    def kill(*_):
        calls.append(1)
        if len(calls) == call:
            raise Killed

    with pytest.raises(Killed):
        trained(settings, images, folder, kill)


@pytest.mark.parametrize(
    ("settings", "call", "lost"),
    [
        (EPOCHS, 3, False),
        (ITERATIONS, 4, False),
        pytest.param(EPOCHS, 1, True, marks=pytest.mark.slow),
        pytest.param(EPOCHS, 6, False, marks=pytest.mark.slow),
    ],
)
def test_interrupted_training_ends_as_an_undisturbed_one(
    settings, call, lost, images, undisturbed, tmp_path
):
    wanted, wanted_arrays = undisturbed[settings.unit]
    killed(settings, images, tmp_path, call)
    resumed, arrays = trained(settings, images, tmp_path)
    assert same(arrays, wanted_arrays)
    assert timeless(resumed) == timeless(wanted)
    assert resumed.scores() == wanted.scores()
    # What was trained before the last state is not trained again, and its time counts.
    assert len(resumed.progress.step_times) == len(wanted.progress.step_times)
    assert lost or resumed.progress.seconds > resumed.progress.curves["seconds"][0]


def test_interrupted_dropout_goes_on_with_the_units_it_would_have_left_out(images, tmp_path):
    settings = dataclasses.replace(LENET, network="three-layer", length=2)
    undisturbed, arrays = trained(settings, images, tmp_path / "a")
    interrupted = Trainer(settings, images["cifar10"])
    course.run_round(interrupted, interrupted.batches(0), lambda *_: None)
    resumed = Trainer(settings, images["cifar10"])
    resumed.resume(interrupted.state())
    course.run_round(resumed, resumed.batches(1), lambda *_: None)
    assert same(resumed.weights(), {name: arrays[name] for name in resumed.weights()})
    assert timeless(resumed) == timeless(undisturbed)


def test_same_run_twice_is_the_same_bit_for_bit(images, tmp_path):
    first, arrays = trained(LENET, images, tmp_path / "a")
    second, again = trained(LENET, images, tmp_path / "b")
    assert same(arrays, again)
    assert timeless(first) == timeless(second)


def test_snapshots_have_the_weights_before_training_and_after_every_epoch(images, undisturbed):
    trainer, arrays = undisturbed["epochs"]
    start = Trainer(EPOCHS, images["mnist"]).model.get_weights()
    names = {name.split("/")[0] for name in arrays}
    assert names == {"probabilities", "weights", "epoch0", "epoch1", "epoch2", "epoch3"}
    assert all(np.array_equal(arrays[f"epoch0/{place}"], it) for place, it in enumerate(start))
    assert np.array_equal(arrays["epoch3/0"], arrays["weights/0"])
    assert not np.array_equal(arrays["epoch2/0"], arrays["weights/0"])


def test_first_and_tenth_epoch_are_told_apart_in_what_a_run_keeps(tmp_path):
    few = {"mnist": data.splits("mnist", training=40)}
    settings = recurrent(length=11, unit="epochs", snapshots=True)
    trainer = Trainer(settings, few["mnist"])
    seen = {}

    def note(trainer, _):
        seen[trainer.progress.epoch + 1] = trainer.model.get_weights()

    start = trainer.model.get_weights()
    arrays = course.train(trainer, tmp_path / "state", note)
    ended = Run("a" * 24, settings, COMPLETED, {}, {}, 1, 1.0, 1.0, {}, "2025")
    run = RunStore(tmp_path).write(ended, arrays)
    assert run.epochs_kept() == list(range(12))
    kept = [run.weights(epoch) for epoch in run.epochs_kept()]
    assert sorted(seen) == list(range(1, 12))
    for epoch, weights in {0: start, **seen}.items():
        assert len(kept[epoch]) == len(weights)
        assert all(map(np.array_equal, kept[epoch], weights))
    assert not np.array_equal(kept[1][0], kept[10][0])


@pytest.fixture(scope="module")
def interrupted(images, tmp_path_factory):
    """The folder of a training that was killed in its second epoch."""
    folder = tmp_path_factory.mktemp("interrupted")
    killed(EPOCHS, images, folder, 3)
    assert sorted(path.name for path in folder.iterdir()) == ["epoch0", "epoch1", "state"]
    return folder


def garbled(content):
    return content[:900] + bytes([content[900] ^ 1]) + content[901:]


def damaged(interrupted, folder, file, damage):
    """Lay out the interrupted training in `folder` with one of its files damaged, or gone."""
    shutil.copytree(interrupted, folder, dirs_exist_ok=True)
    content = (folder / file).read_bytes()
    (folder / file).unlink()
    if damage:
        (folder / file).write_bytes(damage(content))


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        ("state", garbled),
        ("state", lambda content: content[:-9]),
        ("state", lambda content: b""),
        ("epoch0", garbled),
        ("epoch1", None),
    ],
)
def test_damaged_state_is_said_and_removed_and_the_network_is_as_before(
    file, damage, interrupted, images, tmp_path, capsys
):
    damaged(interrupted, tmp_path, file, damage)
    trainer = Trainer(EPOCHS, images["mnist"])
    before = trainer.weights()
    course.resume(trainer, course.Snapshots(trainer, tmp_path), tmp_path)
    assert "the run begins again" in capsys.readouterr().out
    assert not tmp_path.exists()
    assert (trainer.progress.epoch, trainer.progress.iteration) == (0, 0)
    assert same(trainer.weights(), before)


def test_training_with_a_damaged_state_ends_as_an_undisturbed_one(
    interrupted, images, undisturbed, tmp_path
):
    damaged(interrupted, tmp_path, "state", garbled)
    resumed, arrays = trained(EPOCHS, images, tmp_path)
    assert len(resumed.progress.step_times) == 6  # two calls in each of three epochs
    assert same(arrays, undisturbed["epochs"][1])


def test_state_of_another_training_changes_nothing(images):
    here = Trainer(recurrent(), images["mnist"])
    before = here.model.get_weights()
    with pytest.raises((ValueError, KeyError)):
        here.resume(Trainer(recurrent("GRU"), images["mnist"]).state())
    assert all(map(np.array_equal, before, here.model.get_weights()))


def test_gradient_descent_with_a_huge_rate_diverges_at_a_known_iteration(images, tmp_path):
    settings = dataclasses.replace(
        LENET, hyperparameters={"learning_rate": 1e6, "optimizer": "sgd"}
    )
    with pytest.raises(Diverged) as diverged:
        trained(settings, images, tmp_path)
    reported = diverged.value.iteration
    # The oracle: single steps of fit, until one of them has a loss that is not finite.
    trainer = Trainer(settings, images["cifar10"])
    model = builders.build(settings)
    model.set_weights(trainer.model.get_weights())
    model.compile(
        optimizers.optimizer(settings.hyperparameters),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    part = images["cifar10"].train
    batches = [row for rows in trainer.batches(0) for row in rows]
    losses = [
        model.train_on_batch(builders.scaled(part.images[row]), part.labels[row]) for row in batches
    ]
    # Keras gives the mean since the beginning, which is finite for as long as every loss is.
    finite = np.isfinite(np.array(losses, float))
    assert reported == 1 + int(np.argmin(finite))
    assert f"at iteration {reported}" in str(diverged.value)


def test_weights_spoiled_by_the_last_step_are_noticed_by_the_validation(images):
    trainer = Trainer(recurrent(), images["mnist"])
    order = [trainer.batches(0)[0][:1]]

    def spoil(*_):
        trainer.model.set_weights([np.full_like(it, np.nan) for it in trainer.model.get_weights()])

    with pytest.raises(Diverged) as diverged:
        course.run_round(trainer, order, spoil)
    assert diverged.value.iteration == 1
    assert trainer.progress.curves["loss"] == []


def test_loss_is_computed_where_probabilities_underflow(images):
    trainer = Trainer(recurrent(), images["mnist"])
    weights = trainer.model.get_weights()
    trainer.model.set_weights([*weights[:-2], weights[-2] * 0, np.arange(10) * 1000.0])
    loss, accuracy, probabilities = trainer.evaluate(images["mnist"].test)
    labels = images["mnist"].test.labels
    assert loss == pytest.approx((9000 - labels * 1000.0).mean())
    assert accuracy == (labels == 9).mean()
    assert probabilities.dtype == np.float32
    assert np.array_equal(probabilities.argmax(1), np.full(len(labels), 9))


def test_layers_taken_over_are_not_trained_any_further(images, tmp_path):
    source, _ = trained(LENET, images, tmp_path / "source")
    held = source.model.get_weights()
    trainer = Trainer(dataclasses.replace(LENET, seed=9), images["cifar10"])
    before = trainer.model.get_layer("dense1").get_weights()[0]
    trainer.take_over(held, LENET, ["conv1", "conv2"])
    everything = trainer.parameters
    course.train(trainer, tmp_path / "frozen", lambda *_: None)
    after = trainer.model.get_weights()
    assert all(np.array_equal(one, other) for one, other in zip(after[:4], held[:4], strict=True))
    assert not np.array_equal(after[4], before)
    assert everything == 62_006 - (5 * 5 * 3 * 6 + 6) - (5 * 5 * 6 * 16 + 16)


def test_scores_tell_the_best_from_the_last(images):
    trainer = Trainer(recurrent(), images["mnist"])
    for name in trainer.progress.curves:
        trainer.progress.curves[name] = [3.0, 3.0, 3.0]
    trainer.progress.curves["validation_accuracy"] = [0.2, 0.9, 0.4]
    trainer.progress.curves["iteration"] = [5.0, 10.0, 15.0]
    scores = trainer.scores()
    assert (scores["validation_accuracy"], scores["best_validation_accuracy"]) == (0.4, 0.9)
    assert scores["best_iteration"] == 10.0


@pytest.mark.parametrize("settings", [LENET, recurrent()], ids=["lenet5", "recurrent"])
def test_images_are_freed_with_their_trainer(settings, images):
    trainer = Trainer(settings, images[settings.data])
    trainer.advance(trainer.batches(0)[0])
    held = weakref.ref(trainer._images)
    assert held() is not None
    del trainer
    keras.backend.clear_session(free_memory=True)
    assert held() is None


@pytest.mark.parametrize("settings", [LENET, recurrent()], ids=["lenet5", "recurrent"])
def test_layers_for_a_processor_are_not_for_several_devices(settings):
    assert training.on_processor(settings)
    assert not training.on_processor(dataclasses.replace(settings, replicas=2))


MIRRORED = """
    import json, sys
    from experiments.lab.training import devices
    devices.prepare_process()
    devices.split_cpu(2)
    from toy import data
    from experiments.lab.training import course
    from experiments.lab.settings import RunSettings
    from experiments.lab.training.trainer import Trainer
    found = []
    for plain in json.loads(sys.argv[1]):
        settings = RunSettings.from_json(plain)
        trainer = Trainer(settings, data.splits(settings.data, training=161))
        for order in course.rounds(trainer):
            course.run_round(trainer, order, lambda *_: None)
        found.append([trainer.strategy.num_replicas_in_sync, trainer.progress.curves["loss"],
                      float(abs(trainer.model.get_weights()[0]).sum())])
    print(json.dumps(found))
"""


@pytest.mark.slow
def test_two_devices_compute_what_one_does():
    # 161 images: the last batch is a single one, which leaves the first device with nothing.
    # Another network follows in the same process, with other numbers of weights.
    clipped = CLIPPED | {"cell": "SimpleRNN", "units": 7}
    made = [
        dataclasses.replace(LENET, length=1),
        dataclasses.replace(recurrent(length=4), hyperparameters=clipped),
    ]
    wanted = [dataclasses.replace(it, replicas=count) for it in made for count in (1, 2)]
    ran = subprocess.run(
        [
            sys.executable,
            "-c",
            textwrap.dedent(MIRRORED),
            json.dumps([settings.to_json() for settings in wanted]),
        ],
        env={**os.environ, "PYTHONPATH": f"{PROJECT}{os.pathsep}{PROJECT / 'tests'}"},
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(ran.stdout.splitlines()[-1])
    for one, two in zip(found[::2], found[1::2], strict=True):
        assert (one[0], two[0]) == (1, 2)
        assert two[1] == pytest.approx(one[1], abs=1e-5)
        assert two[2] == pytest.approx(one[2], rel=1e-5)


def test_more_replicas_than_devices_are_refused(images):
    devices = len(tf.config.list_logical_devices("CPU"))
    with pytest.raises(ValueError, match="7 replicas were asked for"):
        Trainer(dataclasses.replace(LENET, replicas=7), images["cifar10"])
    assert devices < 7
