"""Feature evolution: how the filters come about during training, after Figure 4 of the paper.

The weights of every epoch were kept while the network was trained. At each of them, every filter's
strongest activation over the same training images is projected down; and the weights and the
responses of every layer are compared with those at the end.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from experiments.deconvnet.subject import Subject, of_subject, part, training
from experiments.lab.evidence import comparisons
from experiments.lab.evidence.claims import GREATER, Claim, End, claim, made
from experiments.lab.evidence.differences import correlations, unpaired
from experiments.lab.evidence.findings import judged
from experiments.lab.settings import Search
from experiments.lab.store.records import Findings, Record
from experiments.lab.store.runs import Run
from experiments.lab.study import Study
from rendering import wording
from rendering.figures import vocabulary as figures

SECTION = part("evolution", "Feature evolution")

IMAGES = 3000  # training images among which the strongest activation is looked for
RESPONSES = 300  # validation images on which responses are compared
SHOWN = 6  # epochs in the figures at most
DRAWN = 9  # filters of a layer in its figure at most, evenly spread over their numbers
SETTLED = 0.9  # correlation with the end from which on a layer counts as settled


def searches(study: Study) -> list[Search]:
    """Return the training of the network that is looked at."""
    return [training(study)]


def measure(study: Study) -> Findings:
    """Return projections of every filter at a row of epochs, and when each layer settles."""
    subject = Subject.of(study)
    epochs = subject.epochs
    images = subject.inputs("train")[:IMAGES]
    projections, strongest = history(subject, images, chosen(epochs))
    found, units = compared(subject, subject.inputs("validation")[:RESPONSES])
    layers = [{"name": name, **curves} for name, curves in found.items()]
    neighbours = list(pairwise(units))
    first, last = subject.hidden[0], subject.hidden[-1]
    claims = order(units, [*neighbours, (first, last)], subject.run)
    facts = {
        "run": subject.run.key,
        "epochs": epochs,
        "shown": chosen(epochs),
        "images": len(images),
        "responses": min(RESPONSES, len(subject.splits.validation.labels)),
        "level": SETTLED,
        "layers": layers,
        "jumps": {name: jumps(numbers) for name, numbers in strongest.items()},
        "ends": [first, last],
        "above": {upper: after(lower, upper) for lower, upper in neighbours},
        "finding": judged({after(*pair): GREATER for pair in neighbours}, claims),
    }
    scores = {
        f"{layer['name']}_settled": layer["responses_settled"]
        for layer in layers
        if layer["responses_settled"] is not None
    }
    return Findings(scores, facts, claims, projections)


def chosen(epochs: Sequence[int]) -> list[int]:
    """Return the epochs to show: the first, the last, and ever wider apart between them."""
    wanted = np.geomspace(1, max(epochs[-1], 1), SHOWN - 1)
    nearest = {min(epochs, key=lambda epoch: abs(epoch - one)) for one in wanted}
    return sorted({epochs[0], epochs[-1], *nearest})


def history(
    subject: Subject, images: np.ndarray, shown: Sequence[int]
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Return, by layer, projections at the epochs `shown` and the strongest image at every epoch.

    Projections are float32 (epochs, filters, height, width, channels), cut to what the unit sees; image
    numbers are (epochs, filters).
    """
    from experiments.lab.inspection.deconvnet import Deconvnet

    model = subject.network(subject.weights(subject.epochs[0]))
    deconvnet = Deconvnet(model)
    projections: dict[str, list] = {layer: [] for layer in deconvnet.layers}
    strongest: dict[str, list] = {layer: [] for layer in deconvnet.layers}
    for epoch in subject.epochs:
        model.set_weights(subject.weights(epoch))
        for layer, found in deconvnet.strongest(images, 1).items():
            strongest[layer].append(found.images[:, 0])
            if epoch in shown:
                places = found.positions[:, 0]
                every = np.arange(len(places))
                whole = deconvnet.project(images[found.images[:, 0]], layer, every, places)
                boxes = [subject.field(layer).box(tuple(place)).slices for place in places]
                projections[layer].append(
                    np.stack([p[b] for p, b in zip(whole, boxes, strict=True)])
                )
    return (
        {layer: np.stack(several) for layer, several in projections.items()},
        {layer: np.stack(numbers) for layer, numbers in strongest.items()},
    )


def jumps(strongest: np.ndarray) -> list[float]:
    """Return, for each epoch but the first, the share of filters with another strongest image."""
    return [float(share) for share in (strongest[1:] != strongest[:-1]).mean(axis=1)]


def compared(
    subject: Subject, images: np.ndarray
) -> tuple[dict[str, dict[str, Any]], dict[str, np.ndarray]]:
    """Return, for each layer with weights, its correlations with the end at every epoch.

    `weights` correlates each unit's weights, `responses` its activations on `images`; both are means
    over the layer's units, None where no unit has any variance. `..._settled` is the epoch from which
    on the curve stays at SETTLED or above. Also returns from which epoch on each unit's responses do,
    float (units,), without units that are constant at the end.
    """
    from experiments.lab.inspection.passes import Pass

    names = [layer.name for layer in subject.model.layers if layer.weights]
    model = subject.network(subject.weights())
    forward = Pass(model, names)
    end = states(model, forward(images))
    curves: dict[str, dict[str, Any]] = {name: {"weights": [], "responses": []} for name in names}
    by_unit: dict[str, list[np.ndarray]] = {name: [] for name in names}
    for epoch in subject.epochs:
        model.set_weights(subject.weights(epoch))
        for name, state in states(model, forward(images)).items():
            for kind, rows in state.items():
                alike = correlations(rows, end[name][kind])
                curves[name][kind].append(_mean(alike))
            by_unit[name].append(alike)
    for curve in curves.values():
        for kind in ("weights", "responses"):
            curve[f"{kind}_settled"] = settled(subject.epochs, curve[kind])
    units = {name: settled_units(subject.epochs, np.stack(by_unit[name])) for name in names}
    for name, curve in curves.items():
        curve["units"] = {
            "count": len(units[name]),
            "settled": float(units[name].mean()) if len(units[name]) else None,
        }
    return curves, units


def states(model: Any, responses: Mapping[str, np.ndarray]) -> dict[str, dict[str, Any]]:  # noqa: ANN401
    """Return each layer's weights and `responses`, a row for each unit (of a map: each filter)."""
    return {
        name: {
            "weights": np.moveaxis(model.get_layer(name).get_weights()[0], -1, 0),
            "responses": np.moveaxis(values, -1, 0),
        }
        for name, values in responses.items()
    }


def _mean(values: np.ndarray) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else None


def settled(epochs: Sequence[int], curve: Sequence[float | None]) -> int | None:
    """Return the first epoch from which on `curve` stays at SETTLED or above; None if it never does."""
    reached = None
    for epoch, value in zip(reversed(epochs), reversed(curve), strict=True):
        if value is None or value < SETTLED:
            break
        reached = epoch
    return reached


def settled_units(epochs: Sequence[int], alike: np.ndarray) -> np.ndarray:
    """Return the epoch from which on each unit stays at SETTLED or above: float (units,).

    `alike` (epochs, units) are correlations with the end. Those of units constant there are NaN,
    and left out.
    """
    known = alike[:, np.isfinite(alike[-1])]
    below = ~(known >= SETTLED)  # a unit that was constant at an epoch was not settled
    first = len(epochs) - np.argmax(below[::-1], axis=0)
    return np.asarray(epochs, float)[np.where(below.any(axis=0), first, 0)]


def after(lower: str, upper: str) -> str:
    """Return the name of the claim that a layer settles later than another."""
    return f"{upper}-after-{lower}"


def order(
    units: Mapping[str, np.ndarray], pairs: Sequence[tuple[str, str]], run: Run
) -> list[Claim]:
    """Return which of two layers settles later, by the epochs of `settled_units`, for each pair.

    "UPPER-after-LOWER" is "greater" where the upper one's units settle later on average; a family.
    """
    found = [
        claim(
            after(lower, upper), End.of_run(run, upper), End.of_run(run, lower), "epochs",
            unpaired(units[upper], units[lower], "units"),
        )
        for lower, upper in pairs
    ]  # fmt: skip
    return comparisons.adjusted(made(found), "order of settling")


def draw(record: Record) -> list[figures.Drawing]:
    """Return a figure of each layer's filters through the epochs, and the curves."""
    facts = record.facts
    projections = [_projections(name, record) for name in facts["jumps"]]
    return of_subject(record, [*projections, _curves(facts)])


def _projections(layer: str, record: Record) -> figures.Drawing:
    facts = record.facts
    whole = record.arrays[layer]
    chosen = drawn(whole.shape[1])
    several = whole[:, chosen]
    limits = np.abs(several).max(axis=(2, 3, 4), keepdims=True)
    several = 0.5 + several / (2 * np.where(limits > 0, limits, 1))
    caption = (
        f"{len(chosen)} of {whole.shape[1]} filters of {layer}, evenly spread over their numbers, "
        "after a number of epochs (0: before training): the projection of a filter’s strongest "
        f"activation over the same {wording.count(facts['images'])} training images. Each projection "
        "has its own scale, grey is zero; one that is grey all over belongs to a filter that none of "
        "these images excites."
    )
    return figures.image_grid(
        layer,
        caption,
        [[figures.Image(image) for image in row] for row in several],
        row_titles=[f"epoch {epoch}" for epoch in facts["shown"]],
        column_titles=[str(index + 1) for index in chosen],
        largest=16,
    )


def drawn(filters: int) -> list[int]:
    """Return the places of up to DRAWN of as many filters, evenly apart, the first among them."""
    return list(range(0, filters, -(-filters // DRAWN)))


def _curves(facts: dict[str, Any]) -> figures.Drawing:
    panels = [
        figures.Panel(
            title,
            "epoch",
            "correlation with the end",
            [
                figures.Line(layer["name"], facts["epochs"], _with_gaps(layer[kind]))
                for layer in facts["layers"]
            ],
            y_range=(None, 1.02),
        )
        for title, kind in (("Weights", "weights"), ("Responses", "responses"))
    ]
    caption = (
        "How near each layer is to what it is after the last epoch: the correlation of a unit’s "
        f"weights, and of its activations on {facts['responses']} validation images, with those at "
        "the end, mean over the units of the layer."
    )
    return figures.curves("settling", caption, panels)


def _with_gaps(curve: Sequence[float | None]) -> list[float]:
    return [float("nan") if value is None else value for value in curve]
