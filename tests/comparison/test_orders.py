"""Tests of the trainings with rows or pixels in another order, and of what is claimed of them."""

import pytest
from made import make_result, make_splits, make_study

from experiments import cnn_vs_rnn
from experiments.comparison import orders, short
from experiments.lab.store.runs import RunStore

LONG = short.ITERATIONS + 1
IMAGES = 2000
NAMES = ["LeNet-5", "GRU 128"]


def searches(**options):
    """Return the two searches, as the section asks for them."""
    made = cnn_vs_rnn.searches(make_study(cnn_vs_rnn.SECTION, iterations=LONG, **options))
    return {one.name: one for one in made if one.name in (orders.CNN, orders.RNN)}


@pytest.fixture
def measured(tmp_path):
    """A function that measures made-up outcomes of both networks, in the order of ORDERS."""

    def measured(cnn, rnn, seeds=1):
        store, found = RunStore(tmp_path / "runs"), searches(seeds=seeds)
        results = {
            name: make_result(store, found[name], outcomes, [{"images": IMAGES}] * 4)
            for name, outcomes in ((orders.CNN, cnn), (orders.RNN, rnn))
        }
        study = make_study(cnn_vs_rnn.SECTION, results=results, iterations=LONG, seeds=seeds)
        return orders.measure(study, NAMES, make_splits("mnist", test=IMAGES).test.labels)

    return measured


def test_order_is_part_of_a_runs_view_and_both_networks_see_the_same():
    views = []
    for search in searches().values():
        runs = [next(search.runs(point)) for point in search.points]
        assert {run.length for run in runs} == {short.ITERATIONS}
        assert all("order" not in run.hyperparameters for run in runs)
        views.append([run.view.transform for run in runs])
    assert views[0] == views[1]
    assert views[0][0] is None
    assert [one["what"] for one in views[0][1:]] == ["columns", "rows", "pixels"]


def test_networks_are_those_that_are_compared():
    found = searches()
    [cnn] = found[orders.CNN].runs(found[orders.CNN].points[0])
    [rnn] = found[orders.RNN].runs(found[orders.RNN].points[0])
    assert cnn.network == "lenet5"
    assert {name: rnn.hyperparameters[name] for name in ("cell", "units")} == cnn_vs_rnn.EVEN
    assert cnn.hyperparameters["learning_rate"] == rnn.hyperparameters["learning_rate"]


def test_orders_are_left_out_of_short_builds():
    study = make_study(cnn_vs_rnn.SECTION)
    assert len(cnn_vs_rnn.searches(study)) == 2
    assert orders.measure(study, NAMES, None) == (None, [])


def test_each_order_is_held_against_the_images_as_they_are(measured):
    facts, claims = measured([0.96, 0.96, 0.9, 0.7], [0.93, 0.93, 0.93, 0.8])
    verdicts = {one.name: one.verdict for one in claims}
    assert verdicts["order-columns-cnn"] == verdicts["order-rows-rnn"] == "tied"
    assert verdicts["order-rows-cnn"] == verdicts["order-pixels-rnn"] == "worse"
    assert [row["test_accuracy"]["cnn"][0] for row in facts["rows"]] == [0.96, 0.96, 0.9, 0.7]


@pytest.mark.parametrize(
    ("cnn", "rnn", "verdict"),
    [
        ([0.96, 0.96, 0.80, 0.9], [0.93, 0.93, 0.93, 0.9], "better"),
        ([0.96, 0.96, 0.96, 0.9], [0.93, 0.93, 0.70, 0.9], "worse"),
        ([0.96, 0.96, 0.90, 0.9], [0.93, 0.93, 0.87, 0.9], "tied"),
    ],
)
def test_what_an_order_costs_is_compared_between_the_networks(measured, cnn, rnn, verdict):
    _, claims = measured(cnn, rnn)
    cost = next(one for one in claims if one.name == "cost-rows")
    assert cost.verdict == verdict
    lost = (cnn[0] - cnn[2]) - (rnn[0] - rnn[2])
    assert cost.estimate == pytest.approx(lost / 2, abs=1e-9)


def test_order_of_a_diverged_network_is_not_compared(measured):
    facts, claims = measured([0.96, 0.96, "diverged", 0.9], [0.93] * 4)
    rows = {row["order"]: row for row in facts["rows"]}
    assert rows["rows in a random order"]["more"] is None
    assert rows["rows in a random order"]["own"] == {"GRU 128": "order-rows-rnn"}
    assert "order-rows-cnn" not in {one.name for one in claims}
