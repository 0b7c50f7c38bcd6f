"""The section on the deconvnet: what it says of its network, and its parts."""

import pytest
from made import PROFILE, make_result, make_study

import experiments
from experiments.deconvnet import section
from experiments.lab.settings import Search, grid
from experiments.lab.store.runs import RunStore
from rendering.document.partials import TEMPLATES, partial


@pytest.fixture
def study(tmp_path):
    search = Search(
        "learning-rates", "made", "cifar10", "lenet5", PROFILE.epochs, snapshots=True,
        points=grid(learning_rate=(1e-3,), optimizer=("adam",)),
    )  # fmt: skip
    result = make_result(RunStore(tmp_path / "runs"), search, [0.6])
    return make_study(section.SECTION, results={"learning-rates": result})


def test_every_part_has_the_face_of_a_section_and_a_partial():
    parts = experiments.parts("deconvnet")
    assert len(parts) == 9
    for name in parts:
        module = experiments.module(name)
        assert module.SECTION.name == name
        assert module.SECTION.needs == section.SECTION.needs
        assert all(callable(getattr(module, part)) for part in ("searches", "measure", "draw"))
        assert (TEMPLATES / partial(name)).is_file()


def test_only_the_part_that_transfers_reads_the_other_data_set():
    read = {name: experiments.module(name).SECTION.data for name in experiments.parts("deconvnet")}
    assert read.pop("deconvnet.depth") == ("cifar10", "mnist")
    assert set(read.values()) == {("cifar10",)}


def test_network_is_described_by_its_own_layers(study):
    network = section.measure(study).facts
    assert [layer["name"] for layer in network["layers"]] == ["conv1", "conv2"]
    assert [layer["field"] for layer in network["layers"]] == [[5, 5], [14, 14]]
    assert network["hidden"] == ["conv1", "conv2", "dense1", "dense2"]
    assert network["size"] == [32, 32, 3]
