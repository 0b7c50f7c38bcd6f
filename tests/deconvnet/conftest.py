"""What the tests of studies share: a made-up network with its images, and a record of findings."""

import os

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import made  # noqa: E402

from experiments.deconvnet import section  # noqa: E402
from experiments.deconvnet.subject import LENET5, SEARCH, Subject, training  # noqa: E402
from experiments.lab.settings import Search, grid  # noqa: E402
from experiments.lab.store.records import Findings  # noqa: E402
from experiments.lab.store.runs import RunStore  # noqa: E402
from rendering.document import tables  # noqa: E402
from rendering.document.environment import environment_of  # noqa: E402
from rendering.document.partials import TEMPLATES, partial  # noqa: E402


@pytest.fixture(scope="session")
def study(tmp_path_factory):
    """A study of the section whose networks have random weights and a snapshot of every epoch."""
    store = RunStore(tmp_path_factory.mktemp("runs"))
    search = Search(
        LENET5, "made", "cifar10", "lenet5", made.PROFILE.epochs,
        points=grid(learning_rate=(1e-3,), optimizer=("adam",)), snapshots=True,
    )  # fmt: skip
    empty = made.make_study(section.SECTION, results={})
    looked_at = training(empty)
    results = {
        LENET5: made.make_result(store, search, [0.6]),
        SEARCH: made.make_result(store, looked_at, [0.6]),
    }
    return made.make_study(section.SECTION, results=results)


@pytest.fixture(scope="session")
def subject(study):
    """The made-up network of three convolutions."""
    return Subject.of(study)


@pytest.fixture(scope="session")
def lenet5(study):
    """The made-up LeNet-5 of the section on learning rates."""
    return Subject.lenet5(study)


@pytest.fixture
def printed(subject, tmp_path):
    """Return a function that gives the words of the section with one of its parts in it."""

    def printed(module, findings):
        whole = made.make_record(section.SECTION, Findings(facts=section.about(subject)))
        record = made.make_record(module.SECTION, findings, folder=tmp_path / "records")
        return made.words(made.render(module, record, tmp_path / "report", around=whole))

    return printed


@pytest.fixture
def told(subject):
    """Return a function that gives the words of a part's partial alone, without its figures."""

    def print_table(name, columns, rows, caption, best=(), note=""):
        cells = tables.cells(tables.columns(columns), rows)
        return "\n".join(" ".join(row) for row in cells)

    def told(module, findings):
        template = environment_of(TEMPLATES).get_template(partial(module.SECTION.name))
        link = "see {}".format
        text = template.render(
            facts=findings.facts, whole=section.about(subject), figure="[{}]".format,
            claims={claim.name: claim for claim in findings.claims}, section=module.SECTION,
            table=print_table, see=link, see_table=link, see_section=link,
            formula=lambda source, alt, inline=False: alt, aside=lambda title, caller: caller(),
            keep=lambda place, text: "", appendix=lambda caller: caller(),
        )  # fmt: skip
        return made.words(text)

    return told
