"""What is trained: the settings of a run and of a search, as plain data.

Hyper-parameters are named `learning_rate`, `optimizer`, `cell` and `units` everywhere.
"""

import dataclasses
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from experiments.lab.data.facts import CLASSES
from experiments.lab.data.views import View

BATCH_SIZE = 128
OBJECTIVE, DIRECTION = "validation_accuracy", "max"  # what chooses among the trials of a search
UNITS = ("epochs", "iterations")
# What is measured at every validation of a run: lists of equal length.
CURVES = (
    "iteration",
    "epoch",
    "loss",
    "accuracy",
    "validation_loss",
    "validation_accuracy",
    "seconds",
)


@dataclass(frozen=True)
class RunSettings:
    """Everything that a training run depends on besides data, code and versions.

    `view` says what the network sees of which data set, and `limit` how many training images the
    profile leaves it to choose from. `length` counts `unit`s, which is "epochs" or "iterations" (steps
    of `batch_size` images). Validation follows every epoch, or every `validate_every` iterations.
    `hyperparameters` has the learning rate, the optimizer and what `networks.build` takes for
    `network`. `snapshots` keeps the weights of every epoch. `start_from` names a run whose weights are
    taken over: {"run": KEY, "layers": [NAME, ...]}, and with "epoch" those that it kept after that epoch;
    of these layers, the ones that the network has are not trained any further.
    """

    view: View
    network: str
    hyperparameters: Mapping[str, Any]
    seed: int
    length: int
    unit: str = "epochs"
    batch_size: int = BATCH_SIZE
    validate_every: int = 250
    limit: int | None = None
    snapshots: bool = False
    start_from: Mapping[str, Any] | None = None
    replicas: int = 1
    precision: str = "float32"

    def __post_init__(self) -> None:
        """Raise ValueError for settings that would be trained as something else."""
        if self.unit not in UNITS:
            raise ValueError(f"no unit of length named {self.unit!r}; there are {', '.join(UNITS)}")
        if self.snapshots and self.unit != "epochs":
            raise ValueError("snapshots are taken after epochs; this length counts iterations")
        if self.precision != "float32":
            raise ValueError(f"training in {self.precision} is not provided for, only in float32")

    @property
    def data(self) -> str:
        """The name of the data set."""
        return self.view.name

    def to_json(self) -> dict[str, Any]:
        """Return the settings as plain data."""
        return {**dataclasses.asdict(self), "view": self.view.to_json()}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "RunSettings":
        """Return the settings that `to_json` gave."""
        return cls(**{**plain, "view": View.from_json(plain["view"])})


@dataclass(frozen=True)
class Search:
    """A keras-tuner search: a network on a data set, trained at each point with each seed.

    With `algorithm` "grid" the trials are `points`, in order (put long ones first: they bound the time
    of a parallel search). Otherwise `space` gives, for each hyper-parameter, {"values": [...]} or
    {"low": ..., "high": ..., "log": bool, "integer": bool}, and `max_trials` their number.
    `fixed` hyper-parameters are the same in all trials. Three of the hyper-parameters are not the
    network's: `batch_size`; `per_class`, the number of training images of each class (None: all),
    which each seed chooses anew; and `order`, what `transforms.Reordered` puts in another order ("":
    nothing). `transform` is that of the runs' views where no order is. The best trial is the one with
    the largest or the smallest mean `objective`, a score of its runs, as `direction` is "max" or "min".
    `classes` are as many as the data set at hand has: the build sets them (`Context.searches`).
    """

    name: str
    title: str
    data: str
    network: str
    length: int
    unit: str = "epochs"
    points: tuple[Mapping[str, Any], ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict)
    seeds: int = 1
    algorithm: str = "grid"
    space: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    max_trials: int = 0
    limit: int | None = None
    validate_every: int = 250
    snapshots: bool = False
    start_from: Mapping[str, Any] | None = None
    replicas: int = 1
    transform: Mapping[str, Any] | None = None
    objective: str = OBJECTIVE
    direction: str = DIRECTION
    classes: int = CLASSES

    def __post_init__(self) -> None:
        """Raise ValueError for what cannot be meant, before anything is trained."""
        if self.direction not in ("max", "min"):
            raise ValueError(f"no direction named {self.direction!r}; there are max and min")
        if self.transform is not None:
            _ = View(self.data, transform=self.transform).shape

    @property
    def varied(self) -> tuple[str, ...]:
        """The names of the hyper-parameters that are not the same in all trials."""
        if not self.points:
            return tuple(self.space)
        first = self.points[0]
        return tuple(
            name for name in first if any(point[name] != first[name] for point in self.points)
        )

    def hyperparameters(self, point: Mapping[str, Any]) -> dict[str, Any]:
        """Return all hyper-parameters of the trial at `point`, those that are fixed among them."""
        return {**self.fixed, **point}

    def runs(self, point: Mapping[str, Any]) -> Iterator[RunSettings]:
        """Yield the settings of the runs of the trial at `point`, one for each seed."""
        hyperparameters = self.hyperparameters(point)
        batch_size = hyperparameters.pop("batch_size", BATCH_SIZE)
        per_class = hyperparameters.pop("per_class", None)
        order = hyperparameters.pop("order", "")
        transform = {"name": "reorder", "what": order} if order else self.transform
        for seed in range(1, self.seeds + 1):
            yield RunSettings(
                view=View(self.data, per_class, transform, seed, self.classes),
                network=self.network,
                hyperparameters=hyperparameters,
                seed=seed,
                batch_size=batch_size,
                length=self.length,
                unit=self.unit,
                validate_every=self.validate_every,
                limit=self.limit,
                snapshots=self.snapshots,
                start_from=self.start_from,
                replicas=self.replicas,
            )

    def to_json(self) -> dict[str, Any]:
        """Return the search as plain data."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Search":
        """Return the search that `to_json` gave."""
        return cls(**{**plain, "points": tuple(plain["points"])})


def grid(**values: Any) -> tuple[dict[str, Any], ...]:  # noqa: ANN401
    """Return every combination of the values given for each hyper-parameter, the last varying fastest."""
    names = list(values)
    return tuple(
        dict(zip(names, point, strict=True)) for point in itertools.product(*values.values())
    )
