"""What Zeiler & Fergus found in large networks, looked for in a small one.

Question: what are the key ideas of "Visualizing and Understanding Convolutional Networks", and what
          do its studies show on a network of our own? (Task 2.)
Command:  python build_report.py deconvnet; one part, build_report.py deconvnet.occlusion
Time:     five minutes on two cores, most of it trainings for two of the studies; one more training is
          that of the network of three convolutions that the others look at.
Expect:   a first layer that settles within a few epochs, the upper ones later; a first layer that
          changes much under small shifts and a last one that changes less; features better with depth.
"""

from experiments.deconvnet.subject import DATA, Subject, training
from experiments.lab.settings import Search
from experiments.lab.store.records import Findings, Record
from experiments.lab.study import Section, Study
from rendering.figures.vocabulary import Drawing

SECTION = Section(
    name="deconvnet",
    task="2",
    title="Visualizing and understanding convolutional networks",
    data=(DATA,),
)


def searches(study: Study) -> list[Search]:
    """Return the training of the network that is looked at; changed networks are the parts' own."""
    return [training(study)]


def measure(study: Study) -> Findings:
    """Return what the network is that the parts look at."""
    return Findings(facts=about(Subject.of(study)))


def about(subject: Subject) -> dict[str, object]:
    """Return what the text says of the network that is looked at."""
    from experiments.lab.networks import small_start

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
        "start": [small_start.FIRST, small_start.ABOVE],
        "dense": subject.model.get_layer(subject.hidden[-1]).units,
        "dropout": subject.model.get_layer("dropout").rate,
        "pool": list(subject.model.get_layer("pool1").pool_size),
    }


def draw(record: Record) -> list[Drawing]:
    """Return no figures: the parts draw theirs."""
    return []
