"""The section on the deconvnet: what it says of its network, and its parts."""

import experiments
from experiments.deconvnet import section
from rendering.document.partials import TEMPLATES, partial


def test_every_part_has_the_face_of_a_section_and_a_partial():
    parts = experiments.parts("deconvnet")
    assert len(parts) == 9
    for name in parts:
        module = experiments.module(name)
        assert module.SECTION.name == name
        changes_lenet5 = name in ("deconvnet.architecture", "deconvnet.depth")
        assert module.SECTION.needs == (("learning-rates",) if changes_lenet5 else ())
        assert all(callable(getattr(module, part)) for part in ("searches", "measure", "draw"))
        assert (TEMPLATES / partial(name)).is_file()


def test_only_the_part_that_transfers_reads_the_other_data_set():
    read = {name: experiments.module(name).SECTION.data for name in experiments.parts("deconvnet")}
    assert read.pop("deconvnet.depth") == ("cifar10", "mnist")
    assert set(read.values()) == {("cifar10",)}


def test_network_is_described_by_its_own_layers(study):
    network = section.measure(study).facts
    assert [layer["name"] for layer in network["layers"]] == ["conv1", "conv2", "conv3"]
    assert [layer["field"] for layer in network["layers"]] == [[5, 5], [10, 10], [20, 20]]
    assert network["hidden"] == ["conv1", "conv2", "conv3", "dense1"]
    assert (network["dense"], network["dropout"], network["start"]) == (64, 0.2, [0.015, 0.03])
    assert network["size"] == [32, 32, 3]


def test_parts_that_look_into_one_network_share_its_training(study):
    names = [
        name for name in experiments.whole("deconvnet")
        if not experiments.module(name).SECTION.needs
    ]  # fmt: skip
    assert len(names) == 8
    for name in names:
        assert experiments.module(name).searches(study) == section.searches(study)
