"""Those who are timed, each in a process of its own, start-up included.

    python -m benchmarks.contestants NAME EPOCHS ITERATIONS FOLDER

"project" trains through this project's chief and workers; "keras" is the script a user would write,
`Model.fit` on arrays, one configuration after the other; "torch" is the same in PyTorch, eager. All
validate after every epoch, or once after the iterations, and end with the test images.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.workload import Length, searches
from experiments.lab.settings import BATCH_SIZE, RunSettings


def settings(length: Length) -> Iterator[RunSettings]:
    """Yield the settings of every training."""
    for search in searches(length):
        for point in search.points:
            yield from search.runs(point)


Part = tuple[np.ndarray, np.ndarray]


def arrays(folder: Path, name: str) -> tuple[Part, Part, Part]:
    """Return images as float32 in [0, 1] and labels: for training, 5,000 for validation, for test."""
    with np.load(folder / f"{name}.npz", allow_pickle=False) as stored:
        train, test = (_part(stored[f"x_{it}"], stored[f"y_{it}"]) for it in ("train", "test"))
    return tuple(part[:-5000] for part in train), tuple(part[-5000:] for part in train), test


def _part(images: np.ndarray, labels: np.ndarray) -> Part:
    images = images if images.ndim == 4 else images[..., None]
    return images.astype("float32") / 255, labels.reshape(-1).astype("int64")


def project(length: Length, folder: Path) -> None:
    """Train everything through the chief and one worker a core."""
    from experiments.lab.training import devices

    devices.prepare_process()
    from building.builder import jobs
    from building.context import Context
    from building.request import Request
    from experiments.lab.data import sources
    from experiments.lab.search.chief import Chief
    from experiments.lab.search.crew import Crew

    with tempfile.TemporaryDirectory() as output:
        found = {name: sources.find(name, data_dir=str(folder)) for name in ("cifar10", "mnist")}
        context = Context(Request(output=Path(output)), found, replicas=1, say=print)
        chief = Chief()
        crew = Crew(Path(output), chief.address, jobs(0), lambda *_: None)
        try:
            crew.start()
            devices.import_tensorflow()
            from experiments.lab.search.campaign import Campaign

            environment = context.environment()
            campaign = Campaign(context.index, context.tuner_folder, environment, Silent())
            for search in searches(length):
                campaign.add(search)
            chief.serve(campaign)
            while campaign.unfinished:
                with campaign.changed:
                    campaign.changed.wait(0.2)
        finally:
            crew.stop()
            chief.stop()


class Silent:
    """A listener that shows nothing."""

    def trial_started(self, *_: object) -> None:
        """Say nothing."""

    def trial_advanced(self, *_: object) -> None:
        """Say nothing."""

    def trial_ended(self, *_: object) -> None:
        """Say nothing."""


def keras(length: Length, folder: Path) -> None:
    """Train everything with `Model.fit` on arrays and Keras's defaults."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    for one in settings(length):
        fitted(one, folder)


def fitted(one: RunSettings, folder: Path) -> float:
    """Train with `Model.fit` and return the test accuracy."""
    import keras as library

    from experiments.lab.networks.builders import build

    (images, labels), validation, test = arrays(folder, one.data)
    library.utils.set_random_seed(one.seed)
    model = build(one)
    model.compile(
        library.optimizers.Adam(one.hyperparameters["learning_rate"]),
        library.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    common = {"batch_size": BATCH_SIZE, "verbose": 0}
    if one.unit == "epochs":
        model.fit(images, labels, epochs=one.length, validation_data=validation, **common)
    else:
        chosen = np.resize(np.arange(len(images)), one.length * BATCH_SIZE)
        model.fit(images[chosen], labels[chosen], validation_data=validation, **common)
    return model.evaluate(*test, **common)[1]


def torch(length: Length, folder: Path) -> None:
    """Train everything in PyTorch, eagerly, with a hand-written loop on tensors."""
    import torch as library

    for one in settings(length):
        train, validation, test = (_tensors(library, part) for part in arrays(folder, one.data))
        inputs, targets = train
        model = _torch_model(library, one)
        optimizer = library.optim.Adam(model.parameters(), one.hyperparameters["learning_rate"])
        an_epoch = -(-len(inputs) // BATCH_SIZE)
        steps = one.length * an_epoch if one.unit == "epochs" else one.length
        for step in range(steps):
            if step % an_epoch == 0:
                order = library.randperm(len(inputs))
            chosen = order[step % an_epoch * BATCH_SIZE :][:BATCH_SIZE]
            optimizer.zero_grad()
            logits = model(inputs[chosen])
            library.nn.functional.cross_entropy(logits, targets[chosen]).backward()
            optimizer.step()
            if one.unit == "epochs" and (step + 1) % an_epoch == 0 or step + 1 == steps:
                _right(library, model, validation)
        _right(library, model, test)


def _tensors(library, part: Part) -> tuple:  # noqa: ANN001
    images, labels = part
    channels_first = np.ascontiguousarray(images.transpose(0, 3, 1, 2))
    return library.from_numpy(channels_first), library.from_numpy(labels)


def _right(library, model, part: tuple) -> float:  # noqa: ANN001
    """Return the share of images that the model gets right."""
    images, labels = part
    with library.no_grad():
        parts = [model(images[first : first + 1000]) for first in range(0, len(images), 1000)]
    return float((library.cat(parts).argmax(1) == labels).float().mean())


def _torch_model(library, one: RunSettings):  # noqa: ANN001, ANN202
    nn = library.nn
    if one.network == "lenet5":
        return nn.Sequential(
            *(nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Flatten(), nn.Linear(400, 120), nn.ReLU()),
            *(nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)),
        )
    cell = {"SimpleRNN": nn.RNN, "LSTM": nn.LSTM, "GRU": nn.GRU}[one.hyperparameters["cell"]]

    class Rows(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cell = cell(28, one.hyperparameters["units"], batch_first=True)
            self.logits = nn.Linear(one.hyperparameters["units"], 10)

        def forward(self, images):  # noqa: ANN001, ANN202
            return self.logits(self.cell(images[:, 0])[0][:, -1])

    return Rows()


if __name__ == "__main__":
    name, epochs, iterations, data = sys.argv[1:]
    contestants = {"project": project, "keras": keras, "torch": torch}
    contestants[name](Length(int(epochs), int(iterations)), Path(data))
