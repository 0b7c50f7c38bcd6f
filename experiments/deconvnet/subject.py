"""The network that the studies look at: three convolutions, centred images, small initial weights.

LeNet-5's filters hardly leave the weights they start from, so that pictures of them show the draw; this
network's do, and it is a convolution deeper. It is trained here, once for all parts. Studies that train
changed networks change LeNet-5 (`variants`): `Subject.lenet5` is the one that was chosen there.

Images go in as float32 in [0, 1], as `networks.scaled` gives them. TensorFlow is imported when the
network is first asked for.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from experiments.lab.settings import Search, grid
from experiments.lab.store.records import Record
from experiments.lab.store.runs import Run
from experiments.lab.study import Section, Study
from rendering import wording
from rendering.figures.drawing import Drawing

if TYPE_CHECKING:
    import keras

    from experiments.lab.data.splits import Splits
    from experiments.lab.inspection.deconvnet import Deconvnet
    from experiments.lab.inspection.passes import Pass
    from experiments.lab.inspection.receptive_fields import ReceptiveField

SEARCH, NETWORK = "three-layer", "three-layer"
LENET5 = "learning-rates"  # the search that has the LeNet-5 that changed networks are held against
DATA = "cifar10"
LEARNING_RATE, OPTIMIZER = 1e-3, "adam"
UNRELATED = 1000  # seeds from here on are those of fresh weights, and of no training


def part(
    name: str, title: str, more_data: tuple[str, ...] = (), needs: tuple[str, ...] = ()
) -> Section:
    """Return what a part says of itself."""
    return Section(f"deconvnet.{name}", "2", title, (DATA, *more_data), needs, slow=True)


def training(study: Study) -> Search:
    """Return the search with the one training of the network; every part that looks at it names it.

    More seeds train no more of them: the studies look at one network.
    """
    return Search(
        SEARCH,
        "The network of three convolutions",
        DATA,
        NETWORK,
        points=grid(learning_rate=(LEARNING_RATE,), optimizer=(OPTIMIZER,)),
        snapshots=True,
        **{**study.training(), "seeds": 1},
    )


def of_subject(record: Record, drawings: Iterable[Drawing]) -> list[Drawing]:
    """Return the drawings of a part, all drawn from the one network that is looked at."""
    origin = record.origin(runs=[record.facts["run"]])
    return [drawing.drawn_from(origin) for drawing in drawings]


@dataclass(frozen=True)
class Subject:
    """A trained network with the images it was trained, chosen and tested on.

    The model and the deconvnet are shared by all studies: weights are never set into them, `network`
    makes another model for that.
    """

    run: Run
    splits: Splits

    @classmethod
    def of(cls, study: Study) -> Subject:
        """Return the three-layer network. Raises ValueError if its training did not complete."""
        return cls(study.result(SEARCH).best().first, study.splits(DATA))

    @classmethod
    def lenet5(cls, study: Study) -> Subject:
        """Return the LeNet-5 that the section on learning rates chose."""
        return cls(study.result(LENET5).best().first, study.splits(DATA))

    @property
    def label(self) -> str:
        """How prose names the data set."""
        return wording.data_name(vars(self.splits.identity))

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes, in the order of the labels."""
        return self.splits.identity.classes

    @functools.cached_property
    def model(self) -> keras.Model:
        """The trained network; its outputs are logits."""
        return self.network(self.run.weights())

    @functools.cached_property
    def deconvnet(self) -> Deconvnet:
        """The deconvnet of the trained network."""
        from experiments.lab.inspection.deconvnet import Deconvnet

        return Deconvnet(self.model)

    def network(self, weights: list[np.ndarray]) -> keras.Model:
        """Return a new model of the same shape with `weights` in Keras's order."""
        from experiments.lab.networks.builders import restore

        return restore(self.run.settings, weights)

    def weights(self, epoch: int | None = None) -> list[np.ndarray]:
        """Return the weights at the end, or after `epoch` (0: before training)."""
        return self.run.weights(epoch)

    def fresh(self, number: int) -> list[np.ndarray]:
        """Return the `number`-th draw of weights as those of a network of this kind before training."""
        import keras

        from experiments.lab.networks.builders import build

        keras.utils.set_random_seed(UNRELATED + number)
        return build(self.run.settings).get_weights()

    @functools.cached_property
    def epochs(self) -> list[int]:
        """The epochs whose weights were kept, in order, 0 among them."""
        return self.run.epochs_kept()

    @property
    def convolutions(self) -> tuple[str, ...]:
        """The names of the convolutional layers, from the image up."""
        return self.deconvnet.layers

    @functools.cached_property
    def hidden(self) -> tuple[str, ...]:
        """The names of the layers with weights under the logits, from the image up."""
        return tuple(layer.name for layer in self.model.layers[:-1] if layer.weights)

    def field(self, layer: str) -> ReceptiveField:
        """Return the receptive field of the units of `layer`."""
        from experiments.lab.inspection.receptive_fields import receptive_field

        return receptive_field(self.model, layer)

    def inputs(self, part: str) -> np.ndarray:
        """Return the images of "train", "validation" or "test" as the network takes them."""
        from experiments.lab.networks.builders import scaled

        return scaled(getattr(self.splits, part).images)

    def features(self, images: np.ndarray, layers: Sequence[str]) -> dict[str, np.ndarray]:
        """Return what `layers` of the trained network give out for `images`, by name; see `Pass`."""
        return self._pass(tuple(layers))(images)

    @functools.cached_property
    def _pass(self) -> Callable[[tuple[str, ...]], Pass]:
        """A pass to the layers that are named, compiled when it is first asked for."""
        from experiments.lab.inspection.passes import Pass

        return functools.cache(lambda layers: Pass(self.model, layers))

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Return the probability of each class: float32 (images, classes), by softmax."""
        from scipy.special import softmax

        return softmax(self.features(images, ["logits"])["logits"], axis=1)

    def examples(self, count: int) -> np.ndarray:
        """Return `count` test images to show, int64 (count,): numbers in the test set.

        One of each class, in the classes' order: the first that the network recognises. Classes
        that it never recognises come last, with their first image.
        """
        labels = self.splits.test.labels
        right = self.run.probabilities().argmax(axis=1) == labels
        first = {}
        for label in range(len(self.classes)):
            known = np.flatnonzero((labels == label) & right)
            found = known if len(known) else np.flatnonzero(labels == label)
            first[label] = (not len(known), label, found[0] if len(found) else None)
        ordered = [number for *_, number in sorted(first.values(), key=lambda item: item[:2])]
        return np.array([number for number in ordered if number is not None][:count], np.int64)
