"""Tests of `experiments.lab.search.tensorboard`, read back with TensorBoard's own reader."""

import made
import pytest
import tensorflow as tf
from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.context import RequestContext
from tensorboard.plugins.base_plugin import TBContext
from tensorboard.plugins.hparams import api_pb2, list_session_groups, metadata
from tensorboard.plugins.hparams.backend_context import Context
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

from experiments.lab.search import tensorboard
from experiments.lab.settings import Search, grid
from experiments.lab.store.runs import RunStore


def search(name):
    points = grid(per_class=(15, None))
    fixed = {"learning_rate": 0.01, "optimizer": "adam"}
    return Search(name, "", "mnist", "lenet5", length=2, points=points, fixed=fixed, seeds=2)


@pytest.fixture
def written(tmp_path):
    """The folder with the views of two searches that differ in nothing but their name."""
    for name in ("one", "two"):
        result = made.make_result(RunStore(tmp_path / "runs"), search(name), [0.75, "diverged"])
        tensorboard.write(result, tmp_path / "tensorboard")
    return tmp_path / "tensorboard"


def read(folder):
    events = EventAccumulator(str(folder))
    events.Reload()
    return events


def session(folder):
    """Return what the HParams plugin reads of a run: its session's name and its hyper-parameters."""
    held = read(folder).SummaryMetadata(metadata.SESSION_START_INFO_TAG).plugin_data.content
    info = HParamsPluginData.FromString(held).session_start_info
    values = {name: getattr(it, it.WhichOneof("kind")) for name, it in info.hparams.items()}
    return info.group_name, values


def test_sessions_of_all_searches_have_names_of_their_own(written):
    folders = sorted(path for path in written.glob("*/*") if path.is_dir())
    names = [session(folder)[0] for folder in folders]
    assert names == [folder.relative_to(written).as_posix() for folder in folders]
    assert len(set(names)) == 8


def test_session_has_all_hyperparameters_and_shows_none_as_all(written):
    _, values = session(written / "one" / "0001-seed2")
    expected = {"learning_rate": 0.01, "optimizer": "adam", "per_class": "all", "seed": 2.0}
    assert values == expected


def test_curves_and_scores_are_those_of_the_run(written):
    events = read(written / "one" / "0000-seed1")
    scores = events.Tensors("score/validation_accuracy")
    assert [float(tf.make_ndarray(it.tensor_proto)) for it in scores] == [0.75]
    assert len(events.Tensors("validation_accuracy")) == 2


def test_view_that_was_there_is_replaced(written, tmp_path):
    assert (written / "one" / "0001-seed2").exists()
    single = made.make_result(RunStore(tmp_path / "runs"), search("one"), [0.75, 0.5])
    tensorboard.write(single.of(single.trials[:1]), written)
    assert not (written / "one" / "0001-seed2").exists()


def table(folder):
    """Return the rows of the HParams table by name, as TensorBoard's own server makes them."""
    events = EventMultiplexer()
    events.AddRunsFromDirectory(str(folder))
    events.Reload()
    provider = MultiplexerDataProvider(events, str(folder))
    context = Context(TBContext(data_provider=provider, logdir=str(folder)))
    statuses = api_pb2.Status.values()
    asked = api_pb2.ListSessionGroupsRequest(slice_size=1000, allowed_statuses=statuses)
    scores = [f"score/{name}" for name in tensorboard.SCORES]
    for score in scores:
        asked.col_params.add(metric=api_pb2.MetricName(tag=score))
    found = list_session_groups.Handler(RequestContext(), context, "", asked).run()
    return {group.name: group for group in found.session_groups}


def test_row_of_the_hparams_table_is_one_run_with_its_own_settings_and_scores(tmp_path):
    folder, store = tmp_path / "tensorboard", RunStore(tmp_path / "runs")
    results = [
        made.make_result(store, search("one"), [0.75, 0.5]),
        made.make_result(store, search("two"), [0.25, "diverged"]),
    ]
    for result in results:
        tensorboard.write(result, folder)
    rows = table(folder)
    runs = {
        f"{result.search.name}/{trial.trial_id}-seed{run.settings.seed}": (trial, run)
        for result in results
        for trial in result.trials
        for run in trial.runs
    }
    assert rows.keys() == runs.keys()
    for name, (trial, run) in runs.items():
        (session,) = rows[name].sessions
        shown = {it.name.tag: it.value for it in session.metric_values}
        shown = {f"score/{it}": shown.get(f"score/{it}") for it in tensorboard.SCORES}
        assert shown == pytest.approx(
            {f"score/{it}": run.scores.get(it) for it in tensorboard.SCORES}
        )
        succeeded = session.status == api_pb2.STATUS_SUCCESS
        assert succeeded == run.completed
        values = {key: it.string_value or it.number_value for key, it in rows[name].hparams.items()}
        wanted = {key: "all" if it is None else it for key, it in trial.hyperparameters.items()}
        assert values == pytest.approx({**wanted, "seed": run.settings.seed})
