"""The section on the deconvnet: its studies side by side, each under its own name."""

from pathlib import Path

import numpy as np
import pytest
from made import PROFILE, make_record, make_result, make_study, render

from experiments import deconvnet as studies
from experiments.deconvnet import control, ideas, invariance, section, visualization
from experiments.lab.evidence.claims import Claim, End, claims_of
from experiments.lab.settings import Search, grid
from experiments.lab.store.keys import source_digests
from experiments.lab.store.records import Findings
from experiments.lab.store.runs import RunStore
from rendering.document.page import TEMPLATES


class Toy:
    """A study that measures one number, draws one figure and searches nothing."""

    def __init__(self, value):
        self.value = value

    def searches(self, study):
        return []

    def measure(self, study, subject):
        ends = End.of_value("a"), End.of_value("b")
        claim = Claim("wins", *ends, "accuracy", "better", 0.1, None, "t", 0.01)
        return Findings({"value": self.value}, {"one": 1}, [claim], {"map": np.zeros((2, 2))})

    def draw(self, record):
        from rendering.figures import vocabulary as figures

        assert record.facts == {"one": 1}
        assert list(record.scores.values()) == [self.value]
        assert list(claims_of(record)) == ["wins"]
        return [figures.picture_grid("map", "A map.", [[figures.Picture(record.arrays["map"])]])]


@pytest.fixture
def study(tmp_path):
    search = Search(
        "learning-rates", "made", "cifar10", "lenet5", PROFILE.epochs, snapshots=True,
        points=grid(learning_rate=(1e-3,), optimizer=("adam",)),
    )  # fmt: skip
    result = make_result(RunStore(tmp_path / "runs"), search, [0.6])
    return make_study(section.SECTION, results={"learning-rates": result})


def test_every_study_has_the_face_of_one_and_a_partial():
    modules = studies.modules()
    assert len(studies.STUDIES) == 9
    assert tuple(modules) == studies.STUDIES
    for name, module in modules.items():
        assert module.__name__ == f"experiments.deconvnet.{name}"
        assert all(callable(getattr(module, part)) for part in ("searches", "measure", "draw"))
        assert (TEMPLATES / "studies" / f"{name}.html").is_file()


def test_record_depends_on_the_code_of_every_study():
    followed = source_digests(["experiments.deconvnet"])
    for name in studies.STUDIES:
        assert f"experiments/studies/{name}.py" in followed


def test_studies_of_the_same_names_are_kept_apart(study, monkeypatch, tmp_path):
    monkeypatch.setattr(studies, "modules", lambda: {"x": Toy(1.0), "x2": Toy(2.0)})
    findings = section.measure(study)
    assert findings.scores == {"x_value": 1.0, "x2_value": 2.0}
    assert [claim.name for claim in findings.claims] == ["x-wins", "x2-wins"]
    assert sorted(findings.arrays) == ["x/map", "x2/map"]
    record = make_record(section.SECTION, findings, folder=tmp_path)
    assert [drawing.name for drawing in section.draw(record)] == ["x-map", "x2-map"]


def test_network_is_described_by_its_own_layers(study, monkeypatch):
    monkeypatch.setattr(studies, "modules", dict)
    network = section.measure(study).facts["network"]
    assert [layer["name"] for layer in network["layers"]] == ["conv1", "conv2"]
    assert [layer["field"] for layer in network["layers"]] == [[5, 5], [14, 14]]
    assert network["hidden"] == ["conv1", "conv2", "dense1", "dense2"]
    assert network["size"] == [32, 32, 3]


def test_studies_are_printed_in_order_under_their_own_headings(study, monkeypatch, tmp_path):
    monkeypatch.setattr(control, "IMAGES", 3)
    monkeypatch.setattr(invariance, "IMAGES", 10)
    some = {
        "ideas": ideas,
        "visualization": visualization,
        "invariance": invariance,
        "control": control,
    }
    monkeypatch.setattr(studies, "modules", lambda: some)
    monkeypatch.setattr(studies, "STUDIES", tuple(some))
    record = make_record(section.SECTION, section.measure(study), folder=Path(tmp_path) / "records")
    html = render(section, record, tmp_path / "report")
    places = [
        html.index(heading)
        for heading in (
            "<h3>The key ideas of the paper", "<h3>Feature visualization", "<h3>Feature invariance",
            "<h3>Control",
        )
    ]  # fmt: skip
    assert places == sorted(places)
    assert html.count('<figure id="figure-deconvnet-') == 1 + 4 + 3 + 2
