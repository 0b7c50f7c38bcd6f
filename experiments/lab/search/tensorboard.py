"""A view of the runs for TensorBoard: curves, and the HParams table of every search.

    tensorboard --logdir report/tensorboard

Written from the run store after a search, so that it can be deleted and made again. See
https://www.tensorflow.org/tensorboard/hyperparameter_tuning_with_hparams.
"""

import shutil
from pathlib import Path

import tensorflow as tf
from tensorboard.plugins.hparams import api as hparams
from tensorboard.plugins.hparams import api_pb2, summary

from experiments.lab.search.oracles import view_of
from experiments.lab.store.files import storing
from experiments.lab.store.results import SearchResult, Trial
from experiments.lab.store.runs import Run

CURVES = ("loss", "accuracy", "validation_loss", "validation_accuracy")
SCORES = ("validation_accuracy", "best_validation_accuracy", "test_accuracy")


def write(result: SearchResult, folder: Path) -> None:
    """Write the search's runs to `folder`/SEARCH/TRIAL-seedN, in place of what was there.

    The step of a curve is the iteration. SCORES and the parameter count stand in the HParams table.
    """
    target = folder / result.search.name
    shutil.rmtree(target, ignore_errors=True)
    with storing(target), tf.device("/CPU:0"):
        for trial in result.trials:
            for run in trial.runs:
                seed = run.settings.seed
                _write_run(trial, run, target / f"{trial.trial_id}-seed{seed}")


def _write_run(trial: Trial, run: Run, folder: Path) -> None:
    with tf.summary.create_file_writer(str(folder)).as_default():
        values = {name: view_of(value) for name, value in trial.hyperparameters.items()}
        # TensorBoard takes sessions of the same name for one, in whatever folder they are.
        name = f"{trial.search}/{folder.name}"
        hparams.hparams({**values, "seed": run.settings.seed}, trial_id=name)
        tf.summary.text("status", f"{run.status} {run.message}".strip(), step=0)
        _write_end(run)
        for name in CURVES:
            for iteration, value in zip(
                run.curves.get("iteration", ()), run.curves.get(name, ()), strict=True
            ):
                tf.summary.scalar(name, value, step=int(iteration))
        last = int(run.curves["iteration"][-1]) if run.curves.get("iteration") else 0
        for name in SCORES:
            if name in run.scores:
                tf.summary.scalar(f"score/{name}", run.scores[name], step=last)
        tf.summary.scalar("score/parameters", run.parameters, step=last)


def _write_end(run: Run) -> None:
    """Let the HParams table say whether the run completed: without an end its status is unknown."""
    status = api_pb2.STATUS_SUCCESS if run.completed else api_pb2.STATUS_FAILURE
    ended = summary.session_end_pb(status).SerializeToString()
    tf.summary.experimental.write_raw_pb(ended, step=0)
