"""Tests of `rendering.browser.from_keras_tuner` on projects that keras-tuner's own tuners wrote."""

import json
import math
import shutil

import keras_tuner as kt
import pytest

from rendering.browser import as_data, from_keras_tuner, page, spreadsheet, table
from rendering.browser.model import Axis

TUNERS = {
    "random": kt.RandomSearch,
    "grid": kt.GridSearch,
    "bayesian": kt.BayesianOptimization,
}


def declared(hp):
    """A space with a conditional branch; return its values."""
    rate = hp.Float("rate", 1e-4, 1e-1, sampling="log", step=10)
    if hp.Boolean("deep"):
        with hp.conditional_scope("deep", [True]):
            return rate, hp.Int("layers", 2, 4)
    return rate, 1


def searched(tuner_class, folder, objective, **options):
    """Return a tuner of that class that has searched in `folder`, no network in it."""

    class Tuner(tuner_class):
        def run_trial(self, trial, *args, **kwargs):
            rate, layers = declared(trial.hyperparameters)
            if layers == 3:
                raise kt.errors.FailedTrialError("three layers\ndo not <fit>")
            scores = {"val_accuracy": rate + layers / 10, "val_loss": 1 / layers}
            # keras-tuner's own tuners add what several objectives come to, as this does.
            return {**scores, self.oracle.objective.name: self.oracle.objective.get_value(scores)}

    space = kt.HyperParameters()
    space.Float("rate", 1e-4, 1e-1, sampling="log", step=10)
    space.Boolean("deep")
    with space.conditional_scope("deep", [True]):
        space.Int("layers", 2, 4)
    tuner = Tuner(
        objective=objective,
        hyperparameters=space,
        hypermodel=lambda hp: None,
        directory=str(folder),
        project_name="project",
        max_consecutive_failed_trials=100,
        seed=1,
        **options,
    )
    tuner.search(verbose=0)
    return tuner


ACCURACY = kt.Objective("val_accuracy", "max")
LOSS = kt.Objective("val_loss", "min")


@pytest.fixture(scope="module", params=[*TUNERS, "hyperband"])
def tuner(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "hyperband":
        return searched(kt.Hyperband, folder, ACCURACY, max_epochs=4)
    return searched(TUNERS[request.param], folder, ACCURACY, max_trials=8)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A random search's project folder; not to be changed."""
    tuner = searched(kt.RandomSearch, tmp_path_factory.mktemp("one"), LOSS, max_trials=8)
    return from_keras_tuner.Path(tuner.project_dir)


def read(tuner):
    return from_keras_tuner.read(from_keras_tuner.Path(tuner.project_dir))


def test_every_value_is_that_of_keras_tuners_own_objects(tuner):
    search, broken = read(tuner)
    assert broken == []
    assert (search.objective, search.direction) == ("val_accuracy", "max")
    own = tuner.oracle.trials
    assert [trial.id for trial in search.trials] == sorted(own)
    for trial in search.trials:
        theirs = own[trial.id]
        active = theirs.hyperparameters
        inner = [name for name in active.values if name.startswith("tuner/")]  # Hyperband's own
        assert trial.values == {
            name: value
            for name, value in active.values.items()
            if name in inner or active.is_active(name)
        }
        assert trial.status == theirs.status.lower()
        assert trial.mean("val_accuracy") == (theirs.score if trial.status == "completed" else None)


def test_axes_are_those_of_keras_tuners_space(tuner):
    axes = read(tuner).search.axes
    assert axes["rate"] == Axis((), 1e-4, 1e-1, log=True)
    assert axes["deep"] == Axis((False, True))
    assert axes["layers"] == Axis((), 2, 4)


def test_hyperparameter_with_several_ranges_has_one_that_holds_them():
    low = {"name": "n", "conditions": [], "min_value": 1, "max_value": 4, "sampling": "log"}
    high = {**low, "min_value": 3, "max_value": 9}
    chosen = {"name": "n", "conditions": [], "values": [7, 8]}
    space = [{"class_name": "Int", "config": low}, {"class_name": "Int", "config": high}]
    held = {"hyperparameters": {"space": space}}
    assert from_keras_tuner._axes([held]) == {"n": Axis((), 1, 9, log=True)}
    space.append({"class_name": "Choice", "config": chosen})
    assert from_keras_tuner._axes([held]) == {"n": Axis((7, 8))}


def test_best_trial_is_keras_tuners(tuner):
    best = tuner.oracle.get_best_trials(1)[0]
    search = read(tuner).search
    assert search.best.mean("val_accuracy") == best.score
    assert best.trial_id in [trial.id for trial in search.leaders]


def test_failed_trials_say_why_and_are_never_best(tuner):
    search = read(tuner).search
    failed = [trial for trial in search.trials if trial.status != "completed"]
    assert all("do not <fit>" in trial.message for trial in failed)
    assert all(trial not in search.leaders for trial in failed)


def test_minimised_objective_is_minimised(project):
    search, _ = from_keras_tuner.read(project)
    assert (search.objective, search.direction) == ("val_loss", "min")
    known = [it.mean("val_loss") for it in search.trials if it.mean("val_loss") is not None]
    assert search.best.mean("val_loss") == min(known)


def test_several_objectives_have_a_sum_that_is_minimised(tmp_path):
    tuner = searched(kt.RandomSearch, tmp_path, [ACCURACY, LOSS], max_trials=6)
    search = read(tuner).search
    assert search.direction == "min"
    scores = {it.trial_id: it.score for it in tuner.oracle.trials.values() if it.score is not None}
    assert {it.id: it.mean(search.objective) for it in search.trials if it.id in scores} == scores
    assert search.best.mean(search.objective) == min(scores.values())


def changed(project, tmp_path, change):
    """Return what is read of a copy of the project whose first trial's file is changed."""
    copy = shutil.copytree(project, tmp_path / "copy")
    path = sorted(copy.glob("trial_*"))[0] / "trial.json"
    change(path)
    return from_keras_tuner.read(copy)


def without(name):
    def change(path):
        held = json.loads(path.read_text())
        del held[name]
        path.write_text(json.dumps(held))

    return change


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(path.read_bytes()[:200]),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"\xff\xfe"),
        lambda path: path.write_text("[" * 100_000),
        lambda path: path.write_text("[]"),
        without("hyperparameters"),
        lambda path: path.write_text(path.read_text().replace('"sampling"', '"sampled"')),
        without("metrics"),
        without("score"),
    ],
)
def test_broken_trial_is_named_and_left_out(project, tmp_path, change):
    whole, _ = from_keras_tuner.read(project)
    search, broken = changed(project, tmp_path, change)
    assert len(search.trials) == len(whole.trials) - 1
    assert len(broken) == 1
    assert broken[0].startswith("left out: trial_")


def test_running_trial_is_shown_without_a_score(project, tmp_path):
    def change(path):
        held = json.loads(path.read_text())
        path.write_text(json.dumps({**held, "status": "RUNNING", "score": None}))

    search, broken = changed(project, tmp_path, change)
    assert (search.trials[0].status, broken) == ("running", [])
    assert search.trials[0].mean("val_loss") is None


def test_score_that_is_no_number_is_no_best(project, tmp_path):
    def change(path):
        held = json.loads(path.read_text())
        held["metrics"]["metrics"]["val_loss"]["observations"][0]["value"] = [math.nan]
        path.write_text(json.dumps({**held, "score": math.nan, "status": "COMPLETED"}))

    search, broken = changed(project, tmp_path, change)
    assert broken == []
    assert search.objective == "val_loss"
    assert search.trials[0].mean("val_loss") is None
    assert search.trials[0] not in search.leaders


def test_strange_names_and_values_are_shown_as_text(project, tmp_path):
    name = "<b>\x1b[31m\u202e'\"" + "x" * 300
    values = {name: "<script>&\U0001f600", "nan": math.nan, "list": [1, 2], "yes": True}

    def change(path):
        held = json.loads(path.read_text())
        held["hyperparameters"]["values"] = values
        path.write_text(json.dumps(held))

    search, broken = changed(project, tmp_path, change)
    assert broken == []
    text = table.of_trials(search, terminal=False)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "<script>&\U0001f600" in text
    json.loads(as_data.text([search]), parse_constant=pytest.fail)
    assert "<script>&\U0001f600" in spreadsheet.text([search])
    assert "<script>&" not in page.render([search], "title")


def test_reading_changes_nothing(project):
    def state():
        return {it: (it.stat().st_mtime_ns, it.stat().st_size) for it in project.rglob("*")}

    before = state()
    from_keras_tuner.read(project)
    assert state() == before


def test_trials_come_in_the_order_of_their_numbers(project, tmp_path):
    copy = shutil.copytree(project, tmp_path / "copy")
    first = json.loads((sorted(copy.glob("trial_*"))[0] / "trial.json").read_text())
    for path in copy.glob("trial_*"):
        shutil.rmtree(path)
    for number in range(1000):
        (copy / f"trial_{number}").mkdir()
        held = json.dumps({**first, "trial_id": str(number)})
        (copy / f"trial_{number}" / "trial.json").write_text(held)
    search, _ = from_keras_tuner.read(copy)
    assert [trial.id for trial in search.trials] == [str(number) for number in range(1000)]


def test_folder_without_trials_is_no_project(tmp_path):
    assert not from_keras_tuner.is_project(tmp_path)
    assert not from_keras_tuner.is_project(tmp_path / "none")


def test_objective_that_may_be_one_of_several_metrics_is_said(project, tmp_path):
    copy = shutil.copytree(project, tmp_path / "copy")
    for path in copy.glob("trial_*/trial.json"):
        held = json.loads(path.read_text())
        metrics = held["metrics"]["metrics"]
        if "val_loss" in metrics:
            held["metrics"]["metrics"] = {"double": metrics["val_loss"], **metrics}
        path.write_text(json.dumps(held))
    search, remarks = from_keras_tuner.read(copy)
    assert search.objective == "val_loss"
    assert remarks == [
        "keras-tuner does not name the objective: val_loss is taken, double would fit as well"
    ]
