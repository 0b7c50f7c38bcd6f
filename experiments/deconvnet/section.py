"""What Zeiler & Fergus found in large networks, looked for in the LeNet-5 of this report.

Question: what are the key ideas of "Visualizing and Understanding Convolutional Networks", and what
          do its studies show on a network of our own? (Task 2.)
Command:  python build_report.py deconvnet
Time:     four minutes on two cores, most of it trainings for two of the studies; the network that is
          looked at is the best of the section on learning rates and is not trained again.
Expect:   a first layer that settles within a few epochs, the upper ones later; a first layer that
          changes much under small shifts and a last one that changes less; features better with depth.

The studies are modules of `experiments/deconvnet/`; this one puts them together.
"""

from experiments import deconvnet as studies
from experiments.deconvnet.subject import DATA, Subject
from experiments.lab.settings import Search
from experiments.lab.store.records import Findings, Record
from experiments.lab.study import Section, Study
from rendering.figures.vocabulary import Drawing

SECTION = Section(
    name="deconvnet",
    task="2",
    title="Visualizing and understanding convolutional networks",
    data=(DATA, "mnist"),  # the other set: are the features of use on it?
    needs=("learning-rates",),
    slow=True,
)


def searches(study: Study) -> list[Search]:
    """Return what the studies have to train."""
    return [search for one in studies.modules().values() for search in one.searches(study)]


def measure(study: Study) -> Findings:
    """Return what every study finds, apart by the study's name, and what the network is."""
    subject = Subject.of(study)
    whole = studies.merged(
        {name: one.measure(study, subject) for name, one in studies.modules().items()}
    )
    whole.facts |= {"studies": list(studies.STUDIES), "network": about(subject)}
    return whole


def about(subject: Subject) -> dict[str, object]:
    """Return what the text says of the network that is looked at."""
    run = subject.run
    fields = {layer: subject.field(layer) for layer in subject.convolutions}
    return {
        "label": subject.label,
        "classes": list(subject.classes),
        "learning_rate": run.settings.hyperparameters["learning_rate"],
        "epochs": run.settings.length,
        "seed": run.settings.seed,
        "validation_accuracy": run.scores["validation_accuracy"],
        "test_accuracy": run.scores["test_accuracy"],
        "parameters": run.parameters,
        "images": {
            part: len(getattr(subject.splits, part).labels)
            for part in ("train", "validation", "test")
        },
        "size": list(subject.splits.test.images.shape[1:]),
        "layers": [
            {
                "name": layer,
                "filters": subject.model.get_layer(layer).filters,
                "kernel": list(subject.model.get_layer(layer).kernel_size),
                "map": list(field.shape),
                "field": list(field.size),
            }
            for layer, field in fields.items()
        ],
        "hidden": list(subject.hidden),
        "pool": list(subject.model.get_layer("pool1").pool_size),
    }


def draw(record: Record) -> list[Drawing]:
    """Return the figures of every study."""
    return [
        drawing
        for name, one in studies.modules().items()
        for drawing in studies.renamed(one.draw(studies.part(record, name)), name)
    ]
