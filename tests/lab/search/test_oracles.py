"""Tests of `experiments.lab.search.oracles`: rounds that do not depend on who finishes when."""

import dataclasses
import itertools
import random
import threading
from types import SimpleNamespace

import keras_tuner as kt
import pytest
import scipy.optimize

from experiments.lab.search.oracles import RANDOM_ROUNDS, ROUND, make_oracle
from experiments.lab.settings import Search, grid

POINTS = grid(cell=("GRU", "LSTM"), units=(64, 16, 32))
GRID = Search("g", "G", "mnist", "recurrent", length=1, points=POINTS)
WIDE = Search(
    "w",
    "W",
    "mnist",
    "recurrent",
    length=1,
    algorithm="bayesian",
    space={
        "learning_rate": {"low": 1e-4, "high": 1e-1, "log": True},
        "units": {"low": 8, "high": 64, "log": True, "integer": True},
        "cell": {"values": ["GRU", "LSTM"]},
    },
    max_trials=11,
)


@pytest.fixture(autouse=True)
def quick_proposals(monkeypatch):
    """Take the best of keras-tuner's starting points instead of climbing from each of them."""
    climb = scipy.optimize.minimize

    def stay(function, x0, **options):
        if options.get("jac"):
            return climb(function, x0, **options)
        return SimpleNamespace(x=x0, fun=function(x0))

    monkeypatch.setattr(scipy.optimize, "minimize", stay)


@pytest.fixture
def made(tmp_path):
    numbers = itertools.count()

    def make(search):
        oracle = make_oracle(search)
        oracle._set_project_dir(str(tmp_path), f"{search.name}{next(numbers)}")
        return oracle

    return make


def end(oracle, trial, score):
    if score is None:
        trial.status = "FAILED"
    else:
        oracle.update_trial(trial.trial_id, {"validation_accuracy": score})
        trial.status = "COMPLETED"
    oracle.end_trial(trial)


def score(trial, failing=()):
    """Return what the trial's point scores, a function of its values alone."""
    values = trial.hyperparameters.values
    if trial.trial_id in failing:
        return None
    return 1 / (1 + abs(values["units"] - 30)) + (values["cell"] == "GRU") / 10


def run(oracle, workers, order, failing=()):
    """Let so many workers take trials, and end them in an order of their own."""
    under_way = {}
    while True:
        for name in range(workers):
            if name not in under_way:
                trial = oracle.create_trial(str(name))
                if trial.status == "RUNNING":
                    under_way[name] = trial
        if not under_way:
            assert trial.status == "STOPPED"
            break
        name = order.choice(sorted(under_way))
        ended = under_way.pop(name)
        end(oracle, ended, score(ended, failing))
    return {
        number: (trial.hyperparameters.values, trial.score, trial.status)
        for number, trial in oracle.trials.items()
    }


def test_points_are_handed_out_in_their_order(made):
    oracle = made(GRID)
    trials = [oracle.create_trial(str(worker)) for worker in range(len(POINTS))]
    assert [trial.hyperparameters.values for trial in trials] == list(POINTS)
    assert [int(trial.trial_id) for trial in trials] == list(range(len(POINTS)))
    assert oracle.create_trial("late").status == "IDLE"
    for trial in trials:
        end(oracle, trial, 0.5)
    assert oracle.create_trial("late").status == "STOPPED"


def test_view_has_the_fixed_values_and_shows_none_as_all(made):
    points = grid(features=("pool2",), per_class=(15, None))
    fixed = {"learning_rate": 0.01, "optimizer": "adam", "clipping": None}
    oracle = made(dataclasses.replace(GRID, points=points, fixed=fixed))
    shown = {**fixed, "clipping": "all", "features": "pool2"}
    for worker, size in enumerate(("15", "all")):
        trial = oracle.create_trial(str(worker))
        assert trial.hyperparameters.values == {**shown, "per_class": size}
        # What travels to a worker is built from the space: a value outside of it would be refused.
        sent = kt.HyperParameters.from_proto(trial.hyperparameters.to_proto())
        assert sent.values["per_class"] == size
        assert sent.values["learning_rate"] == pytest.approx(0.01)


def test_fixed_values_are_in_proposed_trials_and_not_proposed(made):
    oracle = made(dataclasses.replace(WIDE, fixed={"optimizer": "adam"}))
    values = run(oracle, 1, random.Random(0)).values()
    assert {held[0]["optimizer"] for held in values} == {"adam"}
    assert len(oracle._nonfixed_space()) == len(WIDE.space)


def test_worker_that_asks_again_is_given_the_trial_it_has(made):
    oracle = made(GRID)
    trial = oracle.create_trial("a")
    assert oracle.create_trial("a") is trial
    assert oracle.create_trial("b") is not trial


def test_trial_held_back_is_passed_over_and_keeps_its_number(made):
    oracle = made(GRID)
    oracle.ready = lambda trial: trial.trial_id != "0"
    assert oracle.create_trial("a").trial_id == "1"
    oracle.ready = lambda trial: True
    assert oracle.create_trial("b").trial_id == "0"


def test_trial_taken_back_is_the_next_to_be_handed_out(made):
    oracle = made(GRID)
    first = oracle.create_trial("a")
    oracle.create_trial("b")
    oracle.take_back("a")
    assert oracle.create_trial("c") is first


@pytest.mark.parametrize("search", [GRID, WIDE], ids=["grid", "bayesian"])
def test_trials_and_numbers_do_not_depend_on_who_finishes_when(search, made):
    wanted = run(made(search), 1, random.Random(0))
    assert len(wanted) == (len(POINTS) if search is GRID else WIDE.max_trials)
    for workers, seed in [(2, 1), (3, 2), (5, 3)]:
        assert run(made(search), workers, random.Random(seed)) == wanted


def test_bayesian_search_learns_from_earlier_rounds(made):
    # Of another function it learns something else, once the rounds at random are over.
    ours = run(made(WIDE), 1, random.Random(0))
    oracle = made(WIDE)
    while (trial := oracle.create_trial("a")).status == "RUNNING":
        end(oracle, trial, trial.hyperparameters.values["learning_rate"])
    theirs = [trial.hyperparameters.values for trial in oracle.trials.values()]
    same = [held[0] == other for held, other in zip(ours.values(), theirs, strict=True)]
    assert all(same[: RANDOM_ROUNDS * ROUND])
    assert not any(same[RANDOM_ROUNDS * ROUND :])


@pytest.mark.parametrize("search", [GRID, WIDE], ids=["grid", "bayesian"])
def test_failed_trials_stop_no_search_and_change_no_order(search, made):
    failing = {"0", "00", "1", "01", "2", "02", "3", "03", "4", "04"}
    one = run(made(search), 1, random.Random(0), failing)
    assert run(made(search), 3, random.Random(4), failing) == one
    assert [held[2] for held in one.values()].count("FAILED") == 5


def test_search_in_which_all_trials_fail_ends(made):
    found = run(made(WIDE), 2, random.Random(0), {f"{number:02d}" for number in range(99)})
    assert {held[2] for held in found.values()} == {"FAILED"}
    assert len(found) == WIDE.max_trials


def test_values_stay_in_their_space(made):
    for values, _, _ in run(made(WIDE), 1, random.Random(0)).values():
        assert 1e-4 <= values["learning_rate"] <= 1e-1
        assert isinstance(values["units"], int)
        assert 8 <= values["units"] <= 64
        assert values["cell"] in ("GRU", "LSTM")


def test_error_in_one_call_blocks_no_other(made):
    oracle = made(GRID)
    with pytest.raises(KeyError):
        oracle.update_trial("none", {"validation_accuracy": 1.0})
    asked = threading.Thread(target=oracle.create_trial, args=("other thread",), daemon=True)
    asked.start()
    asked.join(10)
    assert not asked.is_alive()


def test_unknown_algorithm_is_said():
    with pytest.raises(ValueError, match="no search algorithm named 'magic'"):
        make_oracle(Search("m", "M", "mnist", "lenet5", length=1, algorithm="magic"))


def test_project_is_one_that_keras_tuner_reads(made):
    oracle = made(WIDE)
    run(oracle, 2, random.Random(0))
    oracle.save()
    theirs = kt.oracles.BayesianOptimizationOracle(
        objective=kt.Objective("validation_accuracy", "max"), max_trials=WIDE.max_trials
    )
    theirs._set_project_dir(oracle._directory, oracle._project_name)
    theirs.reload()
    assert theirs.get_best_trials(1)[0].score == oracle.get_best_trials(1)[0].score
    assert len(theirs.trials) == WIDE.max_trials


def test_whole_number_stays_in_its_range_at_the_very_end(made, monkeypatch):
    oracle = made(WIDE)
    units = next(it for it in oracle.get_space().space if it.name == "units")
    assert units.prob_to_value(1.0) == 65  # what is put right here
    values = {"learning_rate": 0.1, "units": units.prob_to_value(1.0), "cell": "GRU"}
    proposal = {"status": "RUNNING", "values": values}
    monkeypatch.setattr(
        kt.oracles.BayesianOptimizationOracle, "populate_space", lambda *_: dict(proposal)
    )
    assert oracle.populate_space("0")["values"]["units"] == 64
