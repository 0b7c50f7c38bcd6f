"""Control: how much of a projection is learned, and how much comes from the image and the switches.

Adebayo et al., "Sanity checks for saliency maps" (2018): a projection that is to explain what a network
has learned must change when the network's weights are made random. The weights are made random from
the top down, layer by layer (cascading), and one layer alone; every projection is compared with that of
the trained network, for the same unit and the same image, by the deconvnet's rule, by guided
backpropagation's and by the gradient's.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.deconvnet.subject import Subject, of_subject, part
from experiments.lab.evidence.claims import Claim, End, claim, made, names_of
from experiments.lab.evidence.differences import correlations, paired
from experiments.lab.settings import Search
from experiments.lab.store.records import Findings, Record
from experiments.lab.study import Study
from rendering.figures import vocabulary as figures

if TYPE_CHECKING:
    from experiments.lab.inspection.deconvnet import Deconvnet

SECTION = part("control", "Control: what of a projection is learned?")

# Validation images, fewer in a quick build; of each, every filter's strongest unit is projected.
IMAGES, QUICK_IMAGES = 40, 12
DRAWS = 2  # networks with random weights of their own, for each state
SHOWN = 4  # units in the figure
SEED = 0
HALF = 0.5  # correlation above which a projection is said to come mostly from the image

RULES = {
    "deconvnet": "deconvnet",
    "guided_backpropagation": "guided backpropagation",
    "gradient": "gradient",
}

SHORT = {"deconvnet": "deconvnet", "guided_backpropagation": "guided", "gradient": "gradient"}


def searches(study: Study) -> list[Search]:
    """Return no searches: the weights are made random, not trained."""
    return []


def measure(study: Study) -> Findings:
    """Return how alike projections with trained and with random weights are, and a few of them."""
    subject = Subject.of(study)
    layer = subject.convolutions[-1]
    units = Units.of(subject, layer, QUICK_IMAGES if study.quick else IMAGES)
    trained = {rule: units.projections(subject.deconvnet, rule) for rule in RULES}
    states, claims = [], []
    for state in cascade(subject):
        found, of_state = compared(subject, units, trained, state)
        states.append(state | found)
        claims += of_state
    whole = next(state for state in states if state["name"] == "all layers")
    facts = {
        "run": subject.run.key,
        "layer": layer,
        "images": len(units.images),
        "filters": int(units.positions.shape[1]),
        "draws": DRAWS,
        "half": HALF,
        "rules": RULES,
        "states": states,
        "whole": whole,
        "source": {rule: source(whole["rules"][rule]["absolute"]) for rule in RULES},
        **between(trained),
    }
    facts["baselines"], of_filters = baselines(subject, units, trained)
    arrays = examples(subject, units, trained)
    facts["shown"] = len(arrays["filters"])
    scores = {
        f"random_{rule}": value
        for rule in RULES
        if (value := whole["rules"][rule]["absolute"]) is not None
    }
    return Findings(scores, facts, made([*claims, of_filters]), arrays)


class Units:
    """The strongest unit of every filter of a layer in each of several images."""

    def __init__(self, subject: Subject, layer: str, images: np.ndarray, maps: np.ndarray) -> None:
        self.layer, self.images = layer, images
        count, height, width, filters = maps.shape
        places = maps.reshape(count, height * width, filters)
        self.values = places.max(axis=1)  # (images, filters)
        strongest = places.argmax(axis=1)
        self.positions = np.stack(np.divmod(strongest, width), axis=-1)
        field = subject.field(layer)
        self._boxes = [[field.box(tuple(place)).slices for place in row] for row in self.positions]

    @classmethod
    def of(cls, subject: Subject, layer: str, count: int) -> "Units":
        """Return the units of the trained network in the first `count` validation images."""
        images = subject.inputs("validation")[:count]
        return cls(subject, layer, images, subject.features(images, [layer])[layer])

    def projections(self, deconvnet: "Deconvnet", rule: str, next_filter: int = 0) -> np.ndarray:
        """Return the projections of all units, cut to what they see: (images, filters, h, w, c).

        `next_filter` takes, at the places of each filter's units, the filter that many further on.
        """
        filters = np.roll(np.arange(self.positions.shape[1]), -next_filter)
        filters = np.broadcast_to(filters, self.positions.shape[:2])
        whole = deconvnet.project(self.images, self.layer, filters, self.positions, rule)
        return self._cut(whole)

    def patches(self) -> np.ndarray:
        """Return what each unit sees of its image: (images, filters, h, w, c)."""
        shape = (*self.positions.shape[:2], *self.images.shape[1:])
        return self._cut(np.broadcast_to(self.images[:, None], shape))

    def _cut(self, whole: np.ndarray) -> np.ndarray:
        return np.stack(
            [
                np.stack([projection[box] for projection, box in zip(row, boxes, strict=True)])
                for row, boxes in zip(whole, self._boxes, strict=True)
            ]
        )


def cascade(subject: Subject) -> list[dict[str, Any]]:
    """Return the states: their names and the layers that are random in them, from the top down.

    Ends with all layers; then the lowest convolution alone. The layers above the last convolution
    take no part in its projections and are one state.
    """
    names = [layer.name for layer in subject.model.layers if layer.weights][::-1]
    last, first = subject.convolutions[-1], subject.convolutions[0]
    above = names.index(last)
    states = [{"name": f"above {last}", "random": names[:above]}]
    for count in range(above + 1, len(names)):
        states.append({"name": f"{names[count - 1]} and above", "random": names[:count]})
    states.append({"name": "all layers", "random": names})
    return [*states, {"name": f"{first} alone", "random": [first]}]


def randomized(subject: Subject, random: Sequence[str], number: int) -> list[np.ndarray]:
    """Return the trained weights with those of the layers in `random` drawn anew.

    Drawn as an untrained network's are: uniform within the limits of Glorot & Bengio (2010), biases
    zero.
    """
    generator = np.random.default_rng([SEED, number])
    weights = []
    for layer in subject.model.layers:
        for values in layer.get_weights():
            fresh = glorot(values.shape, generator) if values.ndim > 1 else np.zeros_like(values)
            weights.append(fresh if layer.name in random else values)
    return weights


def glorot(shape: tuple[int, ...], generator: np.random.Generator) -> np.ndarray:
    """Return float32 weights, uniform within √(6 / (inputs + outputs)) of a unit and a filter."""
    window = int(np.prod(shape[:-2]))
    limit = np.sqrt(6 / (window * (shape[-2] + shape[-1])))
    return generator.uniform(-limit, limit, shape).astype(np.float32)


def compared(
    subject: Subject, units: Units, trained: dict[str, np.ndarray], state: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Claim]]:
    """Return how alike projections are to the trained network's in a state of `cascade`; and claims.

    By rule, `signed` is the mean correlation over units, images and draws, `absolute` that of the
    projections' absolute values. `elsewhere` names the claim that pairs the latter, image by image,
    with its value where the projection with random weights is that of the same filter in another image,
    None if too few are heard. Units that are silent with random weights have no projection; `silent` is
    their share.
    """
    from experiments.lab.inspection.deconvnet import Deconvnet

    model = subject.network(subject.weights())
    deconvnet = Deconvnet(model)
    found: dict[str, dict[str, list]] = {
        rule: {"signed": [], "absolute": [], "elsewhere": []} for rule in RULES
    }
    for number in range(DRAWS):
        model.set_weights(randomized(subject, state["random"], number))
        for rule, values in found.items():
            projections = units.projections(deconvnet, rule)
            size = np.abs(trained[rule])
            values["signed"].append(alike(trained[rule], projections))
            values["absolute"].append(alike(size, np.abs(projections)))
            values["elsewhere"].append(alike(size, np.abs(np.roll(projections, 1, axis=0))))
    claims = {
        rule: elsewhere(f"{state['name']}-{rule}", subject, values)
        for rule, values in found.items()
    }
    names = names_of(claims)
    rules = {
        rule: {side: mean(values[side]) for side in ("signed", "absolute")}
        | {"elsewhere": names[rule]}
        for rule, values in found.items()
    }
    silent = float(np.isnan(found["deconvnet"]["absolute"]).mean())
    return {"rules": rules, "silent": silent}, made(claims.values())


def elsewhere(name: str, subject: Subject, values: Mapping[str, list]) -> Claim | None:
    """Return the claim about projections with random weights of the same image against another one's."""
    ends = (End.of_run(subject.run, f"the {which} image") for which in ("same", "other"))
    difference = paired(by_image(values["absolute"]), by_image(values["elsewhere"]))
    return claim(name.replace(" ", "-"), *ends, "correlation", difference)


def alike(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the correlation of each projection of two stacks (images, filters, h, w, c)."""
    shape = left.shape[:2]
    flat = (stack.reshape(-1, *stack.shape[2:]) for stack in (left, right))
    return correlations(*flat).reshape(shape)


def mean(values: Any) -> float | None:  # noqa: ANN401
    """Return the mean of the finite ones of `values`, None if there are none."""
    values = np.asarray(values)
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else None


def by_image(values: Sequence[np.ndarray]) -> np.ndarray:
    """Return the mean over draws and filters for each image, NaN where there is none."""
    stack = np.moveaxis(np.stack(values), 1, 0)
    means = [mean(one) for one in stack]
    return np.array([np.nan if value is None else value for value in means])


def baselines(
    subject: Subject, units: Units, trained: dict[str, np.ndarray]
) -> tuple[dict[str, Any], Claim | None]:
    """Return what else correlates with the trained network's projections, in absolute values; a claim.

    `image`: another filter's projection of the same image at the same place; `filter`: the same filter's
    projection of another image. The claim "filter-over-image" says by image which of the deconvnet's is
    the greater.
    """
    found, by_projection = {}, {}
    for rule, projections in trained.items():
        size = np.abs(projections)
        other = np.abs(units.projections(subject.deconvnet, rule, next_filter=1))
        values = {"image": alike(size, other), "filter": alike(size, np.roll(size, 1, axis=0))}
        by_projection[rule] = {name: by_image([one]) for name, one in values.items()}
        found[rule] = {name: mean(one) for name, one in values.items()}
    sides = (by_projection["deconvnet"][side] for side in ("filter", "image"))
    ends = (End.of_run(subject.run, f"the same {side}") for side in ("filter", "image"))
    return found, claim("filter-over-image", *ends, "correlation", paired(*sides))


def between(trained: dict[str, np.ndarray]) -> dict[str, Any]:
    """Return how the deconvnet's projections correlate with the other rules', and which is nearest."""
    found = {
        rule: mean(alike(trained["deconvnet"], projections))
        for rule, projections in trained.items()
        if rule != "deconvnet"
    }
    return {"between": found, "near": max(found, key=lambda rule: found[rule] or 0)}


def source(correlation: float | None) -> str:
    """Return where a projection mostly comes from, by its correlation with that of random weights."""
    if correlation is None:
        return "unknown"
    return "image" if correlation >= HALF else "weights"


def examples(
    subject: Subject, units: Units, trained: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Return patches and projections of a few units, with trained and with all weights random.

    Of the first SHOWN filters that have one, the strongest unit that is not silent with random
    weights either.
    """
    from experiments.lab.inspection.deconvnet import Deconvnet

    every = [layer.name for layer in subject.model.layers]
    random = Deconvnet(subject.network(randomized(subject, every, 0)))
    projections = {rule: units.projections(random, rule) for rule in RULES}
    heard = np.abs(projections["deconvnet"]).max(axis=(2, 3, 4)) > 0
    values = np.where(heard, units.values, 0)
    filters = np.flatnonzero(values.max(axis=0) > 0)[:SHOWN]
    images = values[:, filters].argmax(axis=0)
    arrays = {"patch": units.patches()[images, filters], "filters": filters + 1}
    for rule in RULES:
        arrays[f"trained/{rule}"] = trained[rule][images, filters]
        arrays[f"random/{rule}"] = projections[rule][images, filters]
    return arrays


def draw(record: Record) -> list[figures.Drawing]:
    """Return the projections with trained and random weights, if any, and the correlations."""
    projections = [_projections(record)] if record.facts["shown"] else []
    return of_subject(record, [*projections, _bars(record.facts)])


def _projections(record: Record) -> figures.Drawing:
    arrays = record.arrays
    columns = [(kind, rule) for kind in ("trained", "random") for rule in RULES]
    rows = [
        [
            figures.Image(arrays["patch"][index]),
            *(figures.Image(_grey(arrays[f"{kind}/{rule}"][index])) for kind, rule in columns),
        ]
        for index in range(len(arrays["filters"]))
    ]
    caption = (
        f"Units of {record.facts['layer']}: what the unit sees, and its projections by the three rules, "
        "with the trained weights and with the weights of all layers random. Each projection has its own "
        "scale, grey is zero. Shown are units that are not silent with the random weights."
    )
    return figures.image_grid(
        "projections",
        caption,
        rows,
        row_titles=[f"filter {number}" for number in arrays["filters"]],
        column_titles=["image", *(f"{kind}\n{SHORT[rule]}" for kind, rule in columns)],
        largest=18,
    )


def _grey(projection: np.ndarray) -> np.ndarray:
    return 0.5 + projection / (2 * (float(np.abs(projection).max()) or 1.0))


def _bars(facts: dict[str, Any]) -> figures.Drawing:
    series = [
        figures.Series(name, [state["rules"][rule]["absolute"] for state in facts["states"]])
        for rule, name in RULES.items()
    ]
    caption = (
        f"Correlation of the projections’ absolute values with those of the trained network, where some "
        f"layers’ weights are random: mean over {facts['filters']} filters of {facts['layer']}, "
        f"{facts['images']} validation images and {facts['draws']} draws of the random weights."
    )
    return figures.bars(
        "correlations",
        caption,
        [state["name"] for state in facts["states"]],
        series,
        "correlation",
        digits=2,
        missing="silent",
    )
