"""Control: what is left of a projection with fresh weights, and with those that training began with.

Adebayo et al., "Sanity checks for saliency maps" (2018): a projection that is to explain what a network
has learned must change when the network's weights are made random. Fresh weights are an unrelated
network's; a network that has moved little from its own start may keep what it had there. So both are
controls: fresh weights from the top down, layer by layer (cascading), and in one layer alone; and the
network's own initial weights. Every projection is compared with that of the trained network, for the
same unit and the same image, by the deconvnet's rule, by guided backpropagation's and by the gradient's.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.deconvnet import random_weights
from experiments.deconvnet.subject import Subject, of_subject, part, training
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
FILTERS = 16  # of the layer at most, evenly spread over their numbers
DRAWS = 2  # networks with fresh weights of their own, for each state
SHOWN = 4  # units in the figure

RULES = {
    "deconvnet": "deconvnet",
    "guided_backpropagation": "guided backpropagation",
    "gradient": "gradient",
}
OTHERS = ("guided_backpropagation", "gradient")  # what the deconvnet's rule is held against
SHORT = {"deconvnet": "deconvnet", "guided_backpropagation": "guided", "gradient": "gradient"}
KINDS = {"trained": "trained", "start": "own start", "random": "fresh"}


def searches(study: Study) -> list[Search]:
    """Return the training of the network that is looked at."""
    return [training(study)]


def measure(study: Study) -> Findings:
    """Return how alike projections with trained and with random weights are, and a few of them."""
    subject = Subject.of(study)
    layer = subject.convolutions[-1]
    units = Units.of(subject, layer, QUICK_IMAGES if study.quick else IMAGES)
    trained = {rule: units.projections(subject.deconvnet, rule) for rule in RULES}
    states, claims, by_projection = [], [], {}
    for state in random_weights.states(subject):
        found, of_state, by_projection[state.name] = compared(subject, units, trained, state)
        states.append({"name": state.name, "random": list(state.layers)} | found)
        claims += of_state
    fresh, start = (
        next(one for one in states if one["name"] == name)
        for name in (random_weights.ALL, random_weights.START)
    )
    facts = {
        "run": subject.run.key,
        "layer": layer,
        "images": len(units.images),
        "filters": len(units.filters),
        "of_filters": subject.model.get_layer(layer).filters,
        "draws": DRAWS,
        "rules": RULES,
        "states": states,
        "fresh": fresh,
        "start": start,
        "kept": random_weights.kept(subject),
    }
    facts["between"], nearer = between(subject, trained)
    facts["baselines"], of_filters = baselines(subject, units, trained)
    of_starts = start_over_fresh(subject, by_projection)
    arrays = examples(subject, units, trained)
    facts["shown"] = len(arrays["filters"])
    return Findings(
        _scores(fresh, start), facts, made([*claims, of_filters, nearer, *of_starts]), arrays
    )


def _scores(fresh: Mapping[str, Any], start: Mapping[str, Any]) -> dict[str, float]:
    return {
        f"{name}_{rule}": value
        for name, state in (("random", fresh), ("start", start))
        for rule in RULES
        if (value := state["rules"][rule]["absolute"]) is not None
    }


class Units:
    """The strongest unit of several filters of a layer in each of several images.

    `maps` (images, h, w, filters) are the maps of `filters`, numbers from 0, alone.
    """

    def __init__(
        self,
        subject: Subject,
        layer: str,
        images: np.ndarray,
        maps: np.ndarray,
        filters: np.ndarray,
    ) -> None:
        self.layer, self.images, self.filters = layer, images, filters
        count, height, width, _ = maps.shape
        places = maps.reshape(count, height * width, len(filters))
        self.values = places.max(axis=1)  # (images, filters)
        strongest = places.argmax(axis=1)
        self.positions = np.stack(np.divmod(strongest, width), axis=-1)
        field = subject.field(layer)
        self._boxes = [[field.box(tuple(place)).slices for place in row] for row in self.positions]

    @classmethod
    def of(cls, subject: Subject, layer: str, count: int) -> "Units":
        """Return the units of the trained network in the first `count` validation images."""
        images = subject.inputs("validation")[:count]
        maps = subject.features(images, [layer])[layer]
        filters = np.arange(0, maps.shape[3], -(-maps.shape[3] // FILTERS))
        return cls(subject, layer, images, maps[..., filters], filters)

    def projections(self, deconvnet: "Deconvnet", rule: str, next_filter: int = 0) -> np.ndarray:
        """Return the projections of all units, cut to what they see: (images, filters, h, w, c).

        `next_filter` takes, at the places of each filter's units, the one that many further on.
        """
        filters = np.broadcast_to(np.roll(self.filters, -next_filter), self.positions.shape[:2])
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


def compared(
    subject: Subject, units: Units, trained: dict[str, np.ndarray], state: random_weights.State
) -> tuple[dict[str, Any], list[Claim], dict[str, np.ndarray]]:
    """Return how alike projections are to the trained network's in a state, claims, and values by image.

    By rule, `signed` is the mean correlation over units, images and draws, `absolute` that of the
    projections' absolute values. `elsewhere` names the claim that pairs the latter, image by image,
    with its value where the untrained projection is that of the same filter in another image, None if
    too few are heard. Units that are silent without training have no projection; `silent` is their
    share. The values by image are those of `absolute`, (images,) for each rule.
    """
    found = {rule: {"signed": [], "absolute": [], "elsewhere": []} for rule in RULES}
    for deconvnet in state.deconvnets(subject, DRAWS):
        for rule, values in found.items():
            projections = units.projections(deconvnet, rule)
            size = np.abs(trained[rule])
            values["signed"].append(alike(trained[rule], projections))
            values["absolute"].append(alike(size, np.abs(projections)))
            values["elsewhere"].append(alike(size, np.abs(np.roll(projections, 1, axis=0))))
    claims = {
        rule: elsewhere(f"{state.name}-{rule}", subject, values) for rule, values in found.items()
    }
    names = names_of(claims)
    rules = {
        rule: {side: mean(values[side]) for side in ("signed", "absolute")}
        | {"elsewhere": names[rule]}
        for rule, values in found.items()
    }
    silent = float(np.isnan(found["deconvnet"]["absolute"]).mean())
    images = {rule: by_image(values["absolute"]) for rule, values in found.items()}
    return {"rules": rules, "silent": silent}, made(claims.values()), images


def start_over_fresh(
    subject: Subject, by_projection: Mapping[str, Mapping[str, np.ndarray]]
) -> list[Claim]:
    """Return whether projections are more like those of the own start than like a fresh network's.

    The claim of each rule is "start-RULE", paired by image, in absolute values.
    """
    start, fresh = by_projection[random_weights.START], by_projection[random_weights.ALL]
    labels = "the network’s own initial weights", "fresh weights"
    ends = [End.of_run(subject.run, label) for label in labels]
    return made(
        claim(f"start-{rule}", *ends, "correlation", paired(start[rule], fresh[rule]))
        for rule in RULES
    )


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


def between(
    subject: Subject, trained: dict[str, np.ndarray]
) -> tuple[dict[str, float | None], Claim | None]:
    """Return how the deconvnet's projections correlate with the other rules', and a claim.

    The claim "guided-over-gradient" says by image which of the two is the nearer to the deconvnet.
    """
    found = {rule: alike(trained["deconvnet"], trained[rule]) for rule in OTHERS}
    ends = [End.of_run(subject.run, RULES[rule]) for rule in OTHERS]
    sides = [by_image([found[rule]]) for rule in OTHERS]
    nearer = claim("guided-over-gradient", *ends, "correlation", paired(*sides))
    return {rule: mean(values) for rule, values in found.items()}, nearer


def examples(
    subject: Subject, units: Units, trained: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Return patches and projections of a few units: trained, with the own start, with fresh weights.

    Of the first SHOWN filters that have one, the strongest unit that is silent in none of the three.
    """
    from experiments.lab.inspection.deconvnet import Deconvnet

    weights = {"start": subject.weights(0), "random": subject.fresh(0)}
    others = {kind: Deconvnet(subject.network(one)) for kind, one in weights.items()}
    projections = {"trained": trained} | {
        kind: {rule: units.projections(one, rule) for rule in RULES} for kind, one in others.items()
    }
    heard = [np.abs(one["deconvnet"]).max(axis=(2, 3, 4)) > 0 for one in projections.values()]
    values = np.where(np.all(heard, axis=0), units.values, 0)
    filters = np.flatnonzero(values.max(axis=0) > 0)[:SHOWN]
    images = values[:, filters].argmax(axis=0)
    return {"patch": units.patches()[images, filters], "filters": units.filters[filters] + 1} | {
        f"{kind}/{rule}": of_rule[images, filters]
        for kind, one in projections.items()
        for rule, of_rule in one.items()
    }


def draw(record: Record) -> list[figures.Drawing]:
    """Return the projections with trained and random weights, if any, and the correlations."""
    projections = [_projections(record)] if record.facts["shown"] else []
    return of_subject(record, [*projections, _bars(record.facts)])


def _projections(record: Record) -> figures.Drawing:
    arrays = record.arrays
    columns = [(kind, rule) for kind in KINDS for rule in RULES]
    rows = [
        [
            figures.Image(arrays["patch"][index]),
            *(
                figures.Image(figures.around_grey(arrays[f"{kind}/{rule}"][index]))
                for kind, rule in columns
            ),
        ]
        for index in range(len(arrays["filters"]))
    ]
    caption = (
        f"Units of {record.facts['layer']}, by their filters’ numbers: what the unit sees, and its "
        "projections by the three rules, "
        "with the trained weights, with those that training began with, and with fresh ones. Each "
        "projection has its own scale, grey is zero. Shown are units that are silent in none."
    )
    return figures.image_grid(
        "projections",
        caption,
        rows,
        row_titles=[str(number) for number in arrays["filters"]],
        column_titles=["image", *(f"{KINDS[kind]}\n{SHORT[rule]}" for kind, rule in columns)],
        largest=14,
    )


def _bars(facts: dict[str, Any]) -> figures.Drawing:
    series = [
        figures.Series(name, [state["rules"][rule]["absolute"] for state in facts["states"]])
        for rule, name in RULES.items()
    ]
    caption = (
        f"Correlation of the projections’ absolute values with those of the trained network, where some "
        f"layers’ weights are fresh, and where all are those that training began with: mean over "
        f"{facts['filters']} filters of {facts['layer']}, {facts['images']} validation images and "
        f"{facts['draws']} draws of the fresh weights."
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
