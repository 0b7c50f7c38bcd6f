"""Tests of `experiments.lab.settings`: what is trained, as plain data."""

import contextlib
import dataclasses
import json
from types import SimpleNamespace

import pytest

from experiments.lab.data.views import View
from experiments.lab.profiles import PROFILES, Profile
from experiments.lab.settings import BATCH_SIZE, RunSettings, Search, grid
from experiments.lab.study import MOST_AT_STAKE, POINTS, Section, Study

SEARCH = Search(
    "s",
    "S",
    "cifar10",
    "lenet5",
    length=3,
    points=grid(learning_rate=(0.1, 0.01), optimizer=("adam",)),
    fixed={"first_filters": 4},
    seeds=2,
)


def test_grid_has_every_combination_with_the_last_varying_fastest():
    assert grid(a=(1, 2), b=("x", "y")) == (
        {"a": 1, "b": "x"},
        {"a": 1, "b": "y"},
        {"a": 2, "b": "x"},
        {"a": 2, "b": "y"},
    )


def test_trial_has_a_run_for_each_seed_from_1_up():
    runs = list(SEARCH.runs(SEARCH.points[0]))
    assert [run.seed for run in runs] == [1, 2]
    assert {run.batch_size for run in runs} == {BATCH_SIZE}
    assert runs[0].hyperparameters == {
        "first_filters": 4,
        "learning_rate": 0.1,
        "optimizer": "adam",
    }


def test_batch_size_among_the_hyperparameters_is_the_runs_batch_size():
    (run, _) = SEARCH.runs({"learning_rate": 0.1, "batch_size": 32})
    assert run.batch_size == 32
    assert "batch_size" not in run.hyperparameters


def test_number_of_images_a_class_goes_to_the_view_with_the_seed():
    search = dataclasses.replace(SEARCH, points=grid(per_class=(15, None)))
    few, whole = (list(search.runs(point)) for point in search.points)
    assert [run.view for run in few] == [
        View("cifar10", per_class=15, seed=1),
        View("cifar10", per_class=15, seed=2),
    ]
    assert [run.view for run in whole] == [View("cifar10")] * 2
    assert "per_class" not in few[0].hyperparameters
    assert search.points[0] == {"per_class": 15}


def test_order_among_the_hyperparameters_is_that_of_the_runs_views():
    search = dataclasses.replace(SEARCH, data="mnist", points=grid(order=("", "rows")), seeds=1)
    [plain], [other] = (list(search.runs(point)) for point in search.points)
    assert plain.view == View("mnist")
    assert other.view == View("mnist", transform={"name": "reorder", "what": "rows"})
    assert "order" not in other.hyperparameters


def test_transform_of_a_search_is_that_of_its_runs():
    coloured = {"name": "channels", "channels": 3}
    search = dataclasses.replace(SEARCH, data="mnist", transform=coloured)
    assert {run.view.shape for run in search.runs(SEARCH.points[0])} == {(28, 28, 3)}
    assert Search.from_json(json.loads(json.dumps(search.to_json()))) == search


@pytest.mark.parametrize("wrong", [{"name": "blur"}, {"name": "channels", "channels": 4}])
def test_search_with_a_transform_that_cannot_be_applied_is_refused(wrong):
    with pytest.raises(ValueError, match="no transform|only a grey image"):
        dataclasses.replace(SEARCH, transform=wrong)


def test_trials_have_the_fixed_values_and_their_own():
    assert SEARCH.hyperparameters(SEARCH.points[1]) == {
        "first_filters": 4,
        "learning_rate": 0.01,
        "optimizer": "adam",
    }


def test_varied_is_what_differs_between_points_or_stands_in_the_space():
    assert SEARCH.varied == ("learning_rate",)
    assert dataclasses.replace(SEARCH, points=SEARCH.points[:1]).varied == ()
    space = {"units": {"values": (8, 16)}}
    assert dataclasses.replace(SEARCH, points=(), space=space).varied == ("units",)


def test_direction_is_max_or_min():
    with pytest.raises(ValueError, match="no direction named 'up'; there are max and min"):
        dataclasses.replace(SEARCH, direction="up")


def test_settings_and_search_survive_json():
    run = next(SEARCH.runs(SEARCH.points[1]))
    assert RunSettings.from_json(json.loads(json.dumps(run.to_json()))) == run
    assert Search.from_json(json.loads(json.dumps(SEARCH.to_json()))) == SEARCH


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"unit": "hours"}, "unit"),
        ({"unit": "iterations", "snapshots": True}, "snapshots"),
        ({"precision": "float16"}, "float16"),
    ],
)
def test_settings_that_would_be_trained_as_something_else_are_refused(wrong, words):
    with pytest.raises(ValueError, match=words):
        RunSettings(View("mnist"), "lenet5", {"learning_rate": 0.1}, seed=1, length=2, **wrong)


def test_every_setting_that_a_search_shares_with_its_runs_reaches_them():
    unusual = {
        "network": "recurrent",
        "length": 30,
        "unit": "iterations",
        "validate_every": 7,
        "limit": 900,
        "replicas": 2,
        "start_from": {"run": "r", "layers": ["conv1"]},
    }
    searches = [
        dataclasses.replace(SEARCH, **unusual),
        dataclasses.replace(SEARCH, snapshots=True),  # which only epochs allow
    ]
    shared = {it.name for it in dataclasses.fields(RunSettings)}
    shared &= {it.name for it in dataclasses.fields(Search)}
    assert shared == {*unusual, "snapshots"}
    for search in searches:
        for run in search.runs(SEARCH.points[0]):
            assert {name: getattr(run, name) for name in shared} == {
                name: getattr(search, name) for name in shared
            }


def test_study_hands_the_profiles_numbers_on_to_searches_and_data():
    asked = []
    splits = SimpleNamespace(identity=SimpleNamespace(name="mnist"), train=None)
    source = SimpleNamespace(load=lambda limit=None: asked.append(limit) or splits)
    profile = Profile("p", seeds=11, epochs=12, iterations=130, limit=140)
    section = Section("rnn", "3a", "", ("mnist",))
    study = Study(section, profile, {"mnist": source}, held=None, replicas=2)
    with contextlib.suppress(AttributeError):  # there are no images to show
        study.splits("mnist")
    assert asked == [140]
    assert study.training() == {"length": 12, "seeds": 11, "limit": 140, "replicas": 2}
    assert study.iterations() == {
        "length": 130, "seeds": 11, "limit": 140, "replicas": 2,
        "unit": "iterations", "validate_every": 130 // POINTS,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("iterations", "every"), [(3000, 250), (120, 10), (60, 15), (3, 1), (60_000, 500)]
)
def test_states_are_never_more_than_500_iterations_apart(iterations, every):
    profile = PROFILES["standard"].__class__("p", 1, 1, iterations)
    section = Section("rnn", "3a", "", ("mnist",))
    study = Study(section, profile, *[lambda name: None] * 4)
    assert study.iterations()["validate_every"] == every <= MOST_AT_STAKE
