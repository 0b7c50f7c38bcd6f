"""The search over recurrent cells and their units, and how its trials are read.

The sections `rnn`, `cells`, `units` and `cnn-vs-rnn` share the networks that are trained here: the
assignment's cells and numbers of units, with Adam at its learning rate. A network is trained once,
whichever section asks for it first.
"""

from collections.abc import Iterable
from typing import Any

from experiments.lab.data.facts import CLASSES, SHAPES
from experiments.lab.evidence import comparisons, summaries
from experiments.lab.evidence.claims import LEVEL, Claim
from experiments.lab.networks.operations import WEIGHT_SETS, products
from experiments.lab.settings import Search, grid
from experiments.lab.store.results import Trial
from experiments.lab.store.runs import COMPLETED
from experiments.lab.study import Study

DATA = "mnist"
CELLS = ("SimpleRNN", "LSTM", "GRU")
UNITS = (64, 128, 256)
OPTIMIZER = "adam"
LEARNING_RATE = 1e-3
ASSIGNED_UNITS = 128  # the assignment's own network, at which the cells are compared

STEPS, PIXELS, _ = SHAPES[DATA]  # rows, and numbers in a row: the images are grey

# Keras's GRU resets the state after the matrix product and has a bias of its own there.
BIASES = {"SimpleRNN": 1, "LSTM": 1, "GRU": 2}


def grid_search(study: Study) -> Search:
    """Return the search "recurrent": every cell with every number of units, longest training first."""
    points = grid(cell=CELLS, units=UNITS)
    return _search(study, "recurrent", "Recurrent cells and their units", points)


def single_search(study: Study) -> Search:
    """Return the search "rnn": the assignment's network alone, which "recurrent" has too."""
    points = grid(cell=["SimpleRNN"], units=[ASSIGNED_UNITS])
    return _search(study, "rnn", "The recurrent network of the assignment", points)


def _search(study: Study, name: str, title: str, points: Iterable[dict[str, Any]]) -> Search:
    return Search(
        name,
        title,
        data=DATA,
        network="recurrent",
        points=tuple(sorted(points, key=lambda point: -cell_parameters(**point))),
        fixed={"optimizer": OPTIMIZER, "learning_rate": LEARNING_RATE},
        **study.iterations(),
    )


def cell_parameters(cell: str, units: int, inputs: int = PIXELS) -> int:
    """Return the number of a cell's weights: s (u (u + d) + b u), with s sets of weights and b biases.

    Each set takes the state (u numbers) and the input (d) to u numbers.
    """
    return WEIGHT_SETS[cell] * units * (units + inputs + BIASES[cell])


def network_parameters(cell: str, units: int, classes: int = CLASSES) -> int:
    """Return the number of weights of the whole network: the cell's and the output layer's."""
    return cell_parameters(cell, units) + (units + 1) * classes


def label(cell: str, units: int) -> str:
    """Return how figures and tables name a network: "LSTM 128"."""
    return f"{cell} {units}"


def trial_label(trial: Trial) -> str:
    """Return the label of a trial of this search."""
    return label(trial.hyperparameters["cell"], trial.hyperparameters["units"])


def measured(trial: Trial) -> dict[str, Any]:
    """Return `summaries.summary` of a trial, with times that are means over its completed runs.

    Times are None if no run completed, parameters where no network was built.
    """
    return {
        **summaries.summary(trial),
        "parameters": trial.parameters or None,
        "seconds": trial.seconds if trial.completed else None,
        "step_seconds": trial.step_seconds if trial.completed else None,
    }


def row(trial: Trial) -> dict[str, Any]:
    """Return what `measured` gives for a trial of this search, with its cell, units and label.

    `products` counts the multiplications by weights for one image.
    """
    return {
        **measured(trial),
        "products": products(trial.runs[0].settings),
        "cell": trial.hyperparameters["cell"],
        "units": trial.hyperparameters["units"],
        "label": trial_label(trial),
    }


def curves(trial: Trial) -> dict[str, Any] | None:
    """Return `summaries.learning_curves` of a trial, None if no run came as far as to have any."""
    if not trial.completed and not trial.run.curves.get("iteration"):
        return None
    return summaries.learning_curves(trial)


def broken(trials: Iterable[Trial]) -> list[dict[str, str]]:
    """Return label, outcome and message of the trials that did not complete with every seed."""
    return [
        {
            "label": trial_label(trial),
            "outcome": summaries.summary(trial)["outcome"],
            "message": trial.message,
        }
        for trial in trials
        if trial.status != COMPLETED
    ]


def comparison(name: str, left: Trial, right: Trial) -> comparisons.Comparison:
    """Return the comparison of two trials under their labels."""
    return comparisons.Comparison(name, left, right, trial_label(left), trial_label(right))


def out_of_reach(claims: Iterable[Claim], factor: int = 1) -> bool:
    """Return whether the tests of some of these claims could not have shown any difference.

    The sign-flip test of n seeds has no p-value below 2/2ⁿ. `factor` is what a correction multiplies
    it by: the number of comparisons with Holm's, 1 with that of `comparisons.compare_all`.
    """
    return any(claim.runs > 1 and factor * 2 / 2**claim.runs >= LEVEL for claim in claims)
